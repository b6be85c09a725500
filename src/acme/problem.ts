/**
 * A problem of the CA as a Failure: problem document (RFC 8555 §6.7, RFC 9457), status, Retry-After and Link headers in,
 * one member of the closed set out. Pure.
 */
import type { Failure, FailureReason } from '../reason.ts'
import { linksOf } from './link-header.ts'
import { firstHttpsUrl, httpsUrl, sanitizeDetail } from './printable.ts'
import { limitScope } from './rate-limit.ts'
import { parseRetryAfter, retryAfterInWords } from './retry-after.ts'

export { sanitizeDetail } from './printable.ts'
export { parseRetryAfter } from './retry-after.ts'

export interface ProblemAnswer {
  /** HTTP status of the answer; for a problem inside an order or a challenge, which has none, leave it out. */
  readonly status?: number
  /** The parsed body, whatever it is. */
  readonly document: unknown
  readonly retryAfter?: string | undefined
  readonly link?: string | undefined
  /** URL that was asked: relative links are resolved against it. */
  readonly url?: string
  /** Epoch ms, for Retry-After in seconds. */
  readonly now: number
}

const prefix = 'urn:ietf:params:acme:error:'

/** RFC 8555 §6.7, RFC 9773 §7.4 (alreadyReplaced), the ACME profiles draft (invalidProfile). */
const reasons: Readonly<Record<string, FailureReason>> = {
  accountDoesNotExist: 'AcmeAccountDoesNotExist',
  alreadyReplaced: 'AcmeAlreadyReplaced',
  alreadyRevoked: 'AcmeAlreadyRevoked',
  badCSR: 'AcmeBadCsr',
  badNonce: 'AcmeBadNonce',
  badPublicKey: 'AcmeBadPublicKey',
  badRevocationReason: 'AcmeBadRevocationReason',
  badSignatureAlgorithm: 'AcmeBadSignatureAlgorithm',
  caa: 'AcmeCaa',
  compound: 'AcmeCompound',
  connection: 'AcmeConnection',
  dns: 'AcmeDns',
  externalAccountRequired: 'AcmeExternalAccountRequired',
  incorrectResponse: 'AcmeIncorrectResponse',
  invalidContact: 'AcmeInvalidContact',
  invalidProfile: 'AcmeInvalidProfile',
  malformed: 'AcmeMalformed',
  orderNotReady: 'AcmeOrderNotReady',
  rateLimited: 'AcmeRateLimited',
  rejectedIdentifier: 'AcmeRejectedIdentifier',
  serverInternal: 'AcmeServerInternal',
  tls: 'AcmeTls',
  unauthorized: 'AcmeUnauthorized',
  unsupportedContact: 'AcmeUnsupportedContact',
  unsupportedIdentifier: 'AcmeUnsupportedIdentifier',
  userActionRequired: 'AcmeUserActionRequired',
}

/** The members that we read; everything else of a problem document is left alone. */
interface Problem {
  readonly type: string
  readonly words: string
  readonly status: number | undefined
  readonly instance: unknown
  readonly subproblems: readonly Problem[]
  readonly identifier: string | undefined
}

/** Never throws: an answer that is no problem document at all is a failure too (of the answer, or an overloaded CA). */
export function failureOf(answer: ProblemAnswer): Failure {
  const problem = problemOf(answer.document)
  const status = answer.status ?? problem?.status
  const reason = reasonFor(problem, status)
  const words = wordsOf(problem, status)
  const retryAt = parseRetryAfter(answer.retryAfter, answer.now) ?? retryAfterInWords(words, answer.now)
  const scope = scopeOf(reason, words)
  const identifier = scope?.kind === 'identifier' ? scope.value : problem && identifierOf(problem)
  const helpUrl = helpUrlOf(reason, problem, answer, words)
  return {
    reason,
    detail: sanitizeDetail(words),
    ...(identifier !== undefined && { identifier }),
    ...(retryAt !== undefined && { retryAt }),
    ...(scope !== undefined && { scope }),
    ...(helpUrl !== undefined && { helpUrl }),
  }
}

/** The status comes first where it says more: 503 and 429 are about the CA, whatever type they carry (Boulder: rateLimited). */
function reasonFor(problem: Problem | undefined, status: number | undefined): FailureReason {
  if (status === 503) return 'CaOverloaded'
  if (status === 429) return 'AcmeRateLimited'
  if (!problem) return 'CaAnswerUnusable'
  const reason = reasonOfType(problem.type)
  return reason === 'AcmeCompound' ? (sharedReason(problem) ?? reason) : reason
}

function reasonOfType(type: string): FailureReason {
  const name = type.startsWith(prefix) ? type.slice(prefix.length) : ''
  return Object.hasOwn(reasons, name) ? (reasons[name] ?? 'AcmeUnknownProblem') : 'AcmeUnknownProblem'
}

/** A compound of one kind of problem is that problem (RFC 8555 §6.7.1): it can be acted on, "compound" cannot. */
function sharedReason(problem: Problem): FailureReason | undefined {
  const kinds = new Set(problem.subproblems.map(({ type }) => reasonOfType(type)))
  return kinds.size === 1 ? [...kinds][0] : undefined
}

function scopeOf(reason: FailureReason, words: string): Failure['scope'] {
  if (reason === 'CaOverloaded') return { kind: 'issuer' }
  return reason === 'AcmeRateLimited' ? limitScope(words) : undefined
}

function wordsOf(problem: Problem | undefined, status: number | undefined): string {
  if (!problem) return `the answer has status ${status ?? 'none'} and no problem document`
  const unknown = reasonOfType(problem.type) === 'AcmeUnknownProblem' && problem.type !== 'about:blank'
  const type = unknown ? [problem.type] : []
  const parts = problem.subproblems.map(({ identifier, words }) => `[${identifier ?? 'part'}] ${words}`)
  const all = [...type, problem.words, ...parts].filter((part) => part !== '')
  return all.length > 0 ? all.join(' ') : `the answer has status ${status ?? 'none'} and says nothing more`
}

function identifierOf(problem: Problem): string | undefined {
  return problem.identifier ?? problem.subproblems.find(({ identifier }) => identifier)?.identifier
}

/**
 * RFC 8555 §6.7 (help), §7.3.3 (userActionRequired names the page to visit in `instance`). A link in the words counts for
 * limits alone, where Boulder puts documentation and the portal for paused names: the words of a validation hold URLs that a
 * stranger's redirect chose.
 */
function helpUrlOf(
  reason: FailureReason,
  problem: Problem | undefined,
  answer: ProblemAnswer,
  words: string,
): string | undefined {
  const linked = (rel: string) =>
    linksOf(answer.link, rel, answer.url ?? 'https://invalid.').find((url) => httpsUrl(url))
  if (reason === 'AcmeUserActionRequired') {
    const page = httpsUrl(problem?.instance) ?? linked('terms-of-service')
    if (page !== undefined) return page
  }
  return linked('help') ?? (reason === 'AcmeRateLimited' ? firstHttpsUrl(words) : undefined)
}

/** Members of the wrong kind are as good as absent; without a type, a title and a detail it is no problem document. */
function problemOf(document: unknown, depth = 0): Problem | undefined {
  if (typeof document !== 'object' || document === null) return undefined
  const { type, title, detail, status, instance, subproblems, identifier } = document as Record<
    string,
    unknown
  >
  const words = textOf(detail) || textOf(title)
  if (textOf(type) === '' && words === '') return undefined
  const parts = depth === 0 && Array.isArray(subproblems) ? subproblems.slice(0, 100) : []
  return {
    type: textOf(type) || 'about:blank',
    words,
    status: typeof status === 'number' ? status : undefined,
    instance,
    subproblems: parts.map((part) => problemOf(part, 1)).filter((part) => part !== undefined),
    identifier: identifierValue(identifier),
  }
}

function identifierValue(identifier: unknown): string | undefined {
  if (typeof identifier !== 'object' || identifier === null || !('value' in identifier)) return undefined
  return sanitizeDetail(textOf(identifier.value), 253).toLowerCase() || undefined
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 10_000) : ''
}
