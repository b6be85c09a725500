/**
 * Signed requests to one CA with one account key: acme-client signs, our transport carries, every problem document comes
 * out typed. Nonces are pooled; badNonce is repeated a bounded number of times (RFC 8555 §6.5).
 */
import type { KeyObject } from 'node:crypto'
import { Port80Failure } from '../reason.ts'
import type { AcmeAction, AcmeObserver } from './action.ts'
import { loadSigningClient, type LibraryAnswer, type SigningClient } from './client-library.ts'
import { unusable } from './network-failure.ts'
import { createNoncePool, type NoncePool } from './nonce-pool.ts'
import { failureOf } from './problem.ts'
import type { Answer, Exchange, Transport } from './transport.ts'

export interface Act {
  readonly action: AcmeAction
  readonly url: string
  /** Absent: POST-as-GET (RFC 8555 §6.3). */
  readonly payload?: object
  readonly signal: AbortSignal
  /** Signed with the account by default; `key` sends the key itself (newAccount, revocation by the certificate's key). */
  readonly signedBy: { readonly kid: string } | { readonly key: KeyObject }
  readonly externalAccount?: { readonly keyId: string; readonly hmacKey: string } | undefined
  /** What a 404 means here, whatever type the CA gives it. */
  readonly missing?: 'OrderLost'
}

/** An answer below 400; JSON where the CA says so, else text. */
export interface Result {
  readonly status: number
  readonly headers: Answer['headers']
  readonly body: unknown
}

export interface SignedRequestsOptions {
  readonly transport: Transport
  readonly observer: AcmeObserver
  readonly accountKey: () => KeyObject
  readonly newNonceUrl: (signal: AbortSignal) => Promise<string>
  readonly requestTimeoutMs: number
  readonly now: () => number
}

export interface SignedRequests {
  post(act: Act): Promise<Result>
  /** Unsigned: directory and renewal information. */
  get(action: AcmeAction, url: string, signal: AbortSignal): Promise<Result>
}

/** Half of all nonces refused (an unkind test CA) then fails one request in two million. Bounded by time too, see below. */
const mostBadNonces = 20
const badNonce = 'urn:ietf:params:acme:error:badNonce'

export function createSignedRequests(options: SignedRequestsOptions): SignedRequests {
  const shared = { ...options, nonces: createNoncePool() }
  return {
    async post(act) {
      const kid = 'kid' in act.signedBy ? act.signedBy.kid : null
      const answer = await signerOf(act, shared).signedRequest(act.url, act.payload ?? null, {
        kid,
        includeExternalAccountBinding: act.externalAccount !== undefined,
      })
      return resultOf(answer.status, answer.headers, answer.data, act.action)
    },
    async get(action, url, signal) {
      const answer = await send(action, { method: 'GET', url, repeatable: true }, signal, shared)
      if (answer.status >= 400) throw problemOf(answer, url, shared.now())
      return resultOf(answer.status, answer.headers, bodyOf(answer), action)
    },
  }
}

interface Shared extends SignedRequestsOptions {
  readonly nonces: NoncePool
}

async function send(
  action: AcmeAction,
  exchange: Exchange,
  signal: AbortSignal,
  { transport, observer }: Shared,
): Promise<Answer> {
  const start = performance.now()
  const seconds = () => (performance.now() - start) / 1000
  try {
    const answer = await transport.send(exchange, signal)
    observer.request(action, answer.status, seconds())
    return answer
  } catch (error) {
    observer.request(action, 0, seconds())
    throw error
  }
}

async function freshNonce(signal: AbortSignal, shared: Shared): Promise<string> {
  const url = await shared.newNonceUrl(signal)
  const answer = await send('newNonce', { method: 'HEAD', url, repeatable: true }, signal, shared)
  if (answer.status >= 400) throw problemOf(answer, url, shared.now())
  const nonce = headerOf(answer, 'replay-nonce')
  if (nonce === undefined) throw unusable('newNonce: the answer holds no Replay-Nonce')
  return nonce
}

/** The signing client of one act: its transport, nonces, signal and limits are those of the act. */
function signerOf(act: Act, shared: Shared): SigningClient {
  const { nonces, now } = shared
  const key = 'key' in act.signedBy ? act.signedBy.key : shared.accountKey()
  const external = act.externalAccount && {
    kid: act.externalAccount.keyId,
    hmacKey: act.externalAccount.hmacKey,
  }
  const signer = new (loadSigningClient())('', key, external)
  const lastRepeat = now() + shared.requestTimeoutMs
  let refused = 0
  signer.maxBadNonceRetries = mostBadNonces
  signer.getNonce = async () => nonces.take(now()) ?? freshNonce(act.signal, shared)
  signer.request = async (url, _method, { data } = {}) => {
    const exchange = { method: 'POST', url, body: JSON.stringify(data), repeatable: !act.payload } as const
    const answer = await send(act.action, exchange, act.signal, shared)
    const nonce = headerOf(answer, 'replay-nonce')
    const body = bodyOf(answer)
    const repeat = isBadNonce(answer, body) && ++refused <= mostBadNonces && now() <= lastRepeat
    // The library takes this answer's nonce for its next try: it must not be in the pool as well.
    if (repeat) return libraryAnswer(answer, body, nonce)
    nonces.put(nonce, now())
    if (answer.status >= 400) throw problemOf(answer, url, now(), act.missing)
    return libraryAnswer(answer, body, nonce)
  }
  return signer
}

/** A redirect of a signed request cannot be followed (the URL is signed), and one of the directory is a wrong setting. */
function resultOf(status: number, headers: Answer['headers'], body: unknown, action: AcmeAction): Result {
  if (status >= 200 && status < 300) return { status, headers, body }
  const to = status >= 300 && typeof headers.location === 'string' ? ` to ${headers.location}` : ''
  throw unusable(`${action}: the answer has status ${status}${to}`)
}

function problemOf(answer: Answer, url: string, now: number, missing?: Act['missing']): Port80Failure {
  const failure = failureOf({
    status: answer.status,
    document: bodyOf(answer),
    retryAfter: headerOf(answer, 'retry-after'),
    link: headerOf(answer, 'link'),
    url,
    now,
  })
  if (answer.status !== 404 || missing === undefined) return new Port80Failure(failure)
  const detail = failure.reason === 'CaAnswerUnusable' ? 'the CA no longer knows the order' : failure.detail
  return new Port80Failure({ ...failure, reason: missing, detail })
}

/** JSON unless it is a PEM chain, whatever the exact type says; what does not parse stays text and is noticed by its reader. */
function bodyOf(answer: Answer): unknown {
  if (/\bpem\b/i.test(headerOf(answer, 'content-type') ?? '')) return answer.body
  try {
    return JSON.parse(answer.body)
  } catch {
    return answer.body
  }
}

export function headerOf({ headers }: Pick<Answer, 'headers'>, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

/** RFC 8555 §6.5; the library repeats on status 400 only. */
function isBadNonce({ status }: Answer, body: unknown): boolean {
  if (status !== 400 || typeof body !== 'object' || body === null) return false
  return 'type' in body && body.type === badNonce
}

function libraryAnswer(answer: Answer, data: unknown, nonce: string | undefined): LibraryAnswer {
  return {
    status: answer.status,
    headers: { ...answer.headers, 'replay-nonce': nonce } as LibraryAnswer['headers'],
    data,
  }
}
