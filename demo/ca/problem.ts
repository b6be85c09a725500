/** Problem documents of the test CA (RFC 8555 §6.7, RFC 9773 §7.4, ACME profiles draft). Pure. */

const statusOf = {
  accountDoesNotExist: 400,
  alreadyReplaced: 409,
  alreadyRevoked: 400,
  badCSR: 400,
  badNonce: 400,
  badPublicKey: 400,
  badRevocationReason: 400,
  badSignatureAlgorithm: 400,
  caa: 403,
  connection: 400,
  dns: 400,
  incorrectResponse: 403,
  invalidContact: 400,
  invalidProfile: 400,
  malformed: 400,
  orderNotReady: 403,
  rateLimited: 429,
  rejectedIdentifier: 400,
  serverInternal: 500,
  tls: 400,
  unauthorized: 403,
  unsupportedContact: 400,
  unsupportedIdentifier: 400,
  userActionRequired: 403,
} as const

/** The last part of `urn:ietf:params:acme:error:…`. */
export type ProblemType = keyof typeof statusOf

/** As it goes over the wire (RFC 9457 with the members of RFC 8555). */
export interface ProblemDocument {
  readonly type: string
  readonly detail: string
  readonly status: number
  readonly identifier?: { readonly type: string; readonly value: string }
  readonly subproblems?: readonly ProblemDocument[]
  /** Only for badSignatureAlgorithm: what would have been accepted (RFC 8555 §6.2). */
  readonly algorithms?: readonly string[]
}

export interface ProblemDetails {
  /** Overrides the usual status of the type, such as 415 for a wrong content type. */
  readonly status?: number
  readonly identifier?: { readonly type: string; readonly value: string }
  readonly subproblems?: readonly ProblemDocument[]
  readonly algorithms?: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
}

/** Thrown by every part of the CA to answer a request with a problem document. */
export class AcmeProblem extends Error {
  readonly document: ProblemDocument
  readonly headers: Readonly<Record<string, string>>

  constructor(type: ProblemType, detail: string, details: ProblemDetails = {}) {
    super(`${type}: ${detail}`)
    this.name = 'AcmeProblem'
    const { headers, status, ...members } = details
    this.document = {
      type: `urn:ietf:params:acme:error:${type}`,
      detail,
      status: status ?? statusOf[type],
      ...members,
    }
    this.headers = headers ?? {}
  }
}
