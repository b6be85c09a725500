/** What a handler of the CA is given, and what it answers. */
import type { Authority } from './authority.ts'
import type { PublicJwk } from './jwk.ts'
import type { Jws } from './jws.ts'
import type { Nonces } from './nonce.ts'
import type { CaEvent, ForcedFailure, Settings } from './options.ts'
import type { Account, CaState } from './state.ts'
import { AcmeProblem } from './problem.ts'
import type { z } from 'zod'

/** Counted since this process started. */
export interface Stats {
  accounts: number
  orders: number
  /** HTTP-01 validations decided; each is one request from every vantage point. */
  validations: number
  failedValidations: number
  certificates: number
  revocations: number
  renewalInfoRequests: number
  noncesRejected: number
  /** ACME requests by the name of the resource, such as `newOrder`. */
  requests: Record<string, number>
}

/** The running CA, as its parts see it. */
export interface Ca {
  readonly settings: Settings
  readonly state: CaState
  readonly authority: Authority
  readonly nonces: Nonces
  readonly stats: Stats
  readonly failures: Map<string, ForcedFailure & { left: number }>
  readonly startedAt: number
  /** Aborts when the CA stops: ends validations in flight. */
  readonly stopping: AbortSignal
  /** Origin of every URL, such as https://localhost:14000. */
  origin: string
  emit(event: CaEvent): void
}

export interface AcmeRequest {
  /** The part of the path after the resource's name, such as an order's id; '' when there is none. */
  readonly id: string
  readonly url: string
  /** The verified envelope; absent for unsigned GET and HEAD. */
  readonly jws?: Jws
  /** Who signed, when the request names an account. */
  readonly account?: Account
  /** The key that signed, of the account or sent along. */
  readonly key?: PublicJwk
}

export interface AcmeResponse {
  readonly status: number
  /** An object is sent as JSON, a string as it is. */
  readonly body?: object | string
  readonly contentType?: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
}

export type Handler = (ca: Ca, request: AcmeRequest) => AcmeResponse | Promise<AcmeResponse>

/** The account that signed. Routes that need one never get here without it. */
export function accountOf(request: AcmeRequest): Account {
  if (!request.account)
    throw new AcmeProblem('malformed', 'This resource needs a kid in the protected header')
  return request.account
}

/** The payload in its expected shape, or malformed with the first fault. */
export function payloadOf<T>(schema: z.ZodType<T>, request: AcmeRequest): T {
  const parsed = schema.safeParse(request.jws?.payload)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const where = issue?.path.join('.') || 'payload'
  throw new AcmeProblem('malformed', `${where}: ${issue?.message ?? 'invalid'}`)
}

/** The record if it is there and this account's: another account's is not told apart from nothing (404). */
export function owned<T extends { readonly accountId: string }>(
  records: ReadonlyMap<string, T>,
  request: AcmeRequest,
): T {
  const record = records.get(request.id)
  if (record?.accountId !== accountOf(request).id) throw notFound()
  return record
}

export function notFound(): AcmeProblem {
  return new AcmeProblem('malformed', 'There is no such resource', { status: 404 })
}

/** RFC 8555 §7.1: the `up`, `index` and `alternate` relations. */
export function link(url: string, relation: string): string {
  return `<${url}>;rel="${relation}"`
}
