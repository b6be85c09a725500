/** Asking one place for one token over HTTP, as the CA will: the shell behind src/challenge/served.ts. */
import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { lookupName } from './lookup.ts'
import { challengePath } from './token.ts'
import type { Answer, Responder } from './served.ts'
import type { Challenge } from './store.ts'

/** A key authorization is under 130 bytes; the CA itself reads at most 128 of a body. */
const bodyLimit = 512
/** RFC 8555 §8.3 allows redirects; Let's Encrypt follows at most 10, and only these statuses. */
const redirectLimit = 10
const redirectStatuses = [301, 302, 307, 308]

type Asked = Pick<Challenge, 'token' | 'identifier' | 'keyAuthorization'>

/** A responder at a known address: asked directly, the identifier as Host. */
export function responderAt(host: string, port: number, timeoutMs: number): Responder {
  const authority = isIP(host) === 6 ? `[${host}]` : host
  return {
    id: `${authority}:${port}`,
    ask: (challenge, signal) =>
      ask(challenge, `http://${authority}:${port}${challengePath(challenge.token)}`, { timeoutMs, signal }),
  }
}

/** How a responder is asked that is one of many behind a name of the cluster. */
export interface InternalName {
  /** Goes into the Host header: a mesh lets a request to a pod's own address through only by a name that it knows. */
  readonly host: string
  readonly timeoutMs: number
}

/**
 * A responder in a pod, asked directly. The Host is the internal name, so the identifier is carried by the query
 * (`?identifier=book.example.com`); a responder that is configured with that name goes by it.
 */
export function responderInPod(
  id: string,
  { address, port }: { readonly address: string; readonly port: number },
  { host, timeoutMs }: InternalName,
): Responder {
  const authority = isIP(address) === 6 ? `[${address}]` : address
  return {
    id,
    async ask(challenge, signal) {
      const query = new URLSearchParams({ identifier: challenge.identifier })
      const url = `http://${authority}:${port}${challengePath(challenge.token)}?${query.toString()}`
      const result = await once(url, `${host}:${port}`, { timeoutMs, signal })
      return 'fault' in result ? { served: false, seen: result.fault } : judged(challenge, result)
    },
  }
}

/**
 * The front door: a URL template with {identifier} and {token}; redirects are followed as Let's Encrypt follows them. `lookup`
 * is for the names in them; the system's unless given.
 */
export function frontDoorAt(template: string, timeoutMs: number, lookup?: LookupFunction): Responder {
  return {
    id: 'the front door',
    ask: (challenge, signal) => {
      const { identifier, token } = challenge
      const name = isIP(identifier) === 6 ? `[${identifier}]` : identifier
      const url = template.replaceAll('{identifier}', name).replaceAll('{token}', token)
      return ask(challenge, url, { timeoutMs, signal, lookup })
    },
  }
}

/**
 * Status and Location of one GET for `path` at the origin of the template, the host as Host. No redirect is followed.
 */
export async function headOf(
  template: string,
  host: string,
  path: string,
  timeoutMs: number,
): Promise<{ status: number; location: string | undefined } | { fault: string }> {
  const name = isIP(host) === 6 ? `[${host}]` : host
  const origin = new URL(template.replaceAll('{identifier}', name).replaceAll('{token}', 'none')).origin
  return once(`${origin}${path}`, host, { timeoutMs, signal: new AbortController().signal })
}

interface Terms {
  readonly timeoutMs: number
  readonly signal: AbortSignal
  readonly lookup?: LookupFunction | undefined
}

async function ask(challenge: Asked, url: string, terms: Terms): Promise<Answer> {
  let next = url
  for (let hop = 0; hop <= redirectLimit; hop++) {
    const result = await once(next, hop === 0 ? challenge.identifier : undefined, terms)
    if ('fault' in result) return { served: false, seen: result.fault }
    const { status, location, body } = result
    if (redirectStatuses.includes(status) && location !== undefined && URL.canParse(location, next)) {
      next = new URL(location, next).href
      if (!/^https?:/.test(next))
        return { served: false, seen: `answered ${status} with a redirect that is neither http nor https` }
      if (isFollowed(url, next)) continue
      return { served: false, seen: `answered ${status} with a redirect to a port that no CA follows` }
    }
    return judged(challenge, { status, body })
  }
  return { served: false, seen: `redirected more than ${redirectLimit} times` }
}

/**
 * Let's Encrypt goes to ports 80 and 443 only. Where the first URL has another port, ports are mapped (a test set-up), and
 * where a redirect would lead from outside is not known here.
 */
export function isFollowed(first: string, next: string): boolean {
  return new URL(first).port !== '' || ['', '80', '443'].includes(new URL(next).port)
}

function judged(challenge: Asked, { status, body }: { status: number; body: string }): Answer {
  if (status !== 200) return { served: false, seen: `answered ${status} instead of 200` }
  if (body.trimEnd() === challenge.keyAuthorization) return { served: true }
  return { served: false, seen: 'answered 200, but something else than the key authorization' }
}

type Once = { status: number; location: string | undefined; body: string } | { fault: string }

/** One GET. The certificate of an https hop is not verified (nor does the CA): it may be the very one to be replaced. */
function once(url: string, host: string | undefined, terms: Terms): Promise<Once> {
  const secure = url.startsWith('https:')
  const options: RequestOptions = {
    agent: false,
    lookup: terms.lookup ?? lookupName,
    signal: AbortSignal.any([terms.signal, AbortSignal.timeout(terms.timeoutMs)]),
    headers: { ...(host !== undefined && { host: hostHeader(host) }), 'user-agent': 'port80 self-check' },
  }
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => {
      if (terms.signal.aborted) reject(error)
      else resolve({ fault: faultOf(error) })
    }
    const answered = (response: IncomingMessage) => readBounded(response, resolve, failed)
    const request = secure
      ? requestHttps(url, { ...options, rejectUnauthorized: false }, answered)
      : requestHttp(url, options, answered)
    request.on('error', failed)
    // Without a listener Node drops the connection and tells nobody, not even after the time-out.
    request.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve({ status: response.statusCode ?? 0, location: undefined, body: '' })
    })
    request.end()
  })
}

function readBounded(
  response: IncomingMessage,
  resolve: (value: Once) => void,
  failed: (error: Error) => void,
): void {
  const status = response.statusCode ?? 0
  const location = response.headers.location
  let body = ''
  response.setEncoding('latin1')
  response.on('data', (chunk: string) => {
    body += chunk
    if (body.length <= bodyLimit) return
    resolve({ status, location, body: '' })
    response.destroy()
  })
  response.on('end', () => resolve({ status, location, body }))
  response.on('error', failed)
}

/** The Host of a request for the identifier (RFC 9110 §7.2): an IPv6 address in brackets. */
export function hostHeader(identifier: string): string {
  return isIP(identifier) === 6 ? `[${identifier}]` : identifier
}

/** Our own words for what a socket reports; codes only, so nothing of the other side is repeated. */
export function faultOf(error: NodeJS.ErrnoException): string {
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'did not answer in time'
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'refused the connection'
    case 'ECONNRESET':
      return 'reset the connection'
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'has a name that does not resolve'
    default:
      return `could not be asked (${error.code ?? 'unknown error'})`
  }
}
