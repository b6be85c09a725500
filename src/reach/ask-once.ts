/** One request as the CA makes it, to one address; no redirect followed, at most 512 bytes read and none of them kept. */
import { request, type IncomingMessage } from 'node:http'
import { hostHeader } from '../challenge/ask.ts'
import { replicaHeader, signedReplica } from '../challenge/replica.ts'
import { challengePath } from '../challenge/token.ts'
import type { Challenge } from '../challenge/store.ts'
import { mayBeOfSidecar, type AnswerFacts, type BodyFacts, type Silence } from './answer.ts'
import { cutOffBy } from './cut-off.ts'
import { takesAnything } from './on-the-way.ts'

const bodyLimit = 512
const onTheWayMs = 1_000

export interface Way {
  /** IP address or name to connect to. */
  readonly address: string
  readonly port: number
}

export type Asked =
  /** `replica`: which one gave the answer, where it is ours. */
  { readonly facts: AnswerFacts; readonly replica?: string } | { readonly silence: Silence }

/** Rejects with AbortError when `signal` aborts. `timeoutMs` bounds it all. */
export async function askOnce(
  challenge: Pick<Challenge, 'token' | 'identifier' | 'keyAuthorization'>,
  way: Way,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<Asked> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  try {
    const { named, ...answered } = await get(challenge, way, limit)
    return (await isOfSidecar(answered.facts, { named, ...way }, limit)) ? { silence: 'sidecar' } : answered
  } catch (error) {
    if (signal.aborted) throw error
    const silence = silenceOf(error as NodeJS.ErrnoException)
    if (silence !== 'closed') return { silence }
    const cutOff = await cutOffBy(challenge, way, limit)
    if (signal.aborted) throw error
    return { silence: cutOff }
  }
}

/** `named`: `server` is another than that of a sidecar, which has none or Envoy's own. */
type Answered = Extract<Asked, { facts: AnswerFacts }> & { readonly named: boolean }

async function isOfSidecar(
  facts: AnswerFacts,
  { named, address }: Way & Pick<Answered, 'named'>,
  signal: AbortSignal,
): Promise<boolean> {
  return mayBeOfSidecar(facts, named) && (await takesAnything(address, onTheWayMs, signal))
}

function get(
  challenge: Pick<Challenge, 'token' | 'identifier' | 'keyAuthorization'>,
  { address, port }: Way,
  signal: AbortSignal,
): Promise<Answered> {
  const { identifier, keyAuthorization } = challenge
  const headers = { host: hostHeader(identifier), 'user-agent': 'port80 look' }
  const path = challengePath(challenge.token)
  return new Promise((resolve, reject) => {
    const asked = request({ host: address, port, path, headers, agent: false, signal }, (response) => {
      let body = ''
      const done = () => {
        const facts = factsOf(response, bodyFacts(body, keyAuthorization), identifier)
        const signed = facts.body === 'ours' ? response.headers[replicaHeader] : undefined
        const replica = typeof signed === 'string' ? signedReplica(signed, keyAuthorization) : undefined
        const { server = 'envoy' } = response.headers
        resolve({ facts, named: server !== 'envoy', ...(replica !== undefined && { replica }) })
      }
      response.setEncoding('latin1')
      response.on('data', (chunk: string) => {
        body += chunk
        if (body.length <= bodyLimit) return
        done()
        response.destroy()
      })
      response.on('end', done)
      response.on('error', reject)
    })
    asked.on('error', reject)
    asked.on('upgrade', (_response, socket) => {
      socket.destroy()
      reject(Object.assign(new Error('upgraded'), { code: 'HPE_UPGRADE' }))
    })
    asked.end()
  })
}

function factsOf({ statusCode, headers }: IncomingMessage, body: BodyFacts, host: string): AnswerFacts {
  const { location, server } = headers
  const status = statusCode ?? 0
  const leads = status >= 300 && status < 400 && location !== undefined
  const redirect = leads ? redirectFacts(location, host) : undefined
  return {
    status,
    envoy: server === 'istio-envoy' || server === 'envoy',
    upstream: headers['x-envoy-upstream-service-time'] !== undefined,
    ...(redirect && { redirect }),
    body,
  }
}

function redirectFacts(location: string, host: string): NonNullable<AnswerFacts['redirect']> {
  const base = `http://${hostHeader(host)}`
  const url = URL.canParse(location, base) ? new URL(location, base) : undefined
  return {
    secure: url?.protocol === 'https:',
    sameHost: url?.hostname === new URL(base).hostname,
    login: /(?:^|[/._-])(?:log-?in|sign-?in|oauth2?|auth|sso|authorize)(?:[/?._-]|$)/i.test(
      url === undefined ? '' : `${url.hostname}${url.pathname}`,
    ),
  }
}

function bodyFacts(body: string, wanted: string): BodyFacts {
  if (body.trimEnd() === wanted) return 'ours'
  if (body.includes(wanted)) return 'altered'
  if (body === '') return 'empty'
  if (/ \((?:unknownToken|malformedToken|wrongHost|storeUnreadable)\)\n$/.test(body)) return 'port80'
  return /HTTPS? port|HTTP request to an HTTPS server/i.test(body) ? 'tls' : 'other'
}

function silenceOf({ name, code = '' }: NodeJS.ErrnoException): Silence {
  if (name === 'TimeoutError' || name === 'AbortError') return 'late'
  return silenceOfCode[code] ?? (code.startsWith('HPE_') ? 'notHttp' : 'unreachable')
}

const silenceOfCode: Readonly<Record<string, Silence>> = {
  ECONNREFUSED: 'refused',
  ...({ ENOTFOUND: 'unresolved', EAI_AGAIN: 'unresolved', ENODATA: 'unresolved' } as const),
  ...({ ECONNRESET: 'closed', EPIPE: 'closed' } as const),
  ...({ ENETUNREACH: 'noRoute', EADDRNOTAVAIL: 'noRoute', EAFNOSUPPORT: 'noRoute' } as const),
}
