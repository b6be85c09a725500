/**
 * One HTTP exchange with the CA: a deadline for the whole of it, at most 1 MiB of answer, no redirects, no retries, no
 * sleeping, one kept pool of connections a client. Failures of the network come out as Port80Failure, typed by cause.
 */
import * as http from 'node:http'
import * as https from 'node:https'
import { createSecureContext } from 'node:tls'
import { X509Certificate } from 'node:crypto'
import { Port80Failure } from '../reason.ts'
import { abortedBy, networkFailure, unusable } from './network-failure.ts'

export interface Exchange {
  readonly method: 'GET' | 'HEAD' | 'POST'
  readonly url: string
  readonly body?: string
  /** Asking twice is harmless: on a kept connection that the CA closed meanwhile it is sent again, once. */
  readonly repeatable: boolean
}

export interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

export interface TransportOptions {
  readonly directoryUrl: string
  /** PEM: the only roots that are trusted for the CA's own TLS. Left out: those of Node (NODE_EXTRA_CA_CERTS included). */
  readonly caBundlePem?: string
  /** For one exchange, from the first byte sent to the last byte read. */
  readonly requestTimeoutMs: number
  readonly userAgent: string
  /** HTTPS_PROXY, HTTP_PROXY, NO_PROXY; not used for a CA on loopback. Needs Node ≥ 24.5 (or 22.21). */
  readonly proxyEnv: NodeJS.ProcessEnv
}

export interface Transport {
  /** Throws Port80Failure only: CaUnreachable, CaUntrusted, CaTimedOut, CaAnswerUnusable, or what aborted the signal. */
  send(exchange: Exchange, signal: AbortSignal): Promise<Answer>
  /** Ends every connection; exchanges in flight fail. */
  close(): void
}

const mostBytes = 1_048_576
/** Idle connections are closed before the CA does it: nginx and Boulder keep them 60 s or more, Node says how long. */
const idleMs = 15_000

export function createTransport(options: TransportOptions): Transport {
  const agents = createAgents(options)
  const secureOnly = options.directoryUrl.startsWith('https:')
  return {
    async send(exchange, signal) {
      const url = new URL(exchange.url)
      // A directory over TLS that names plain URLs would let whoever answers there speak for the CA.
      if (url.protocol !== 'https:' && (secureOnly || url.protocol !== 'http:')) {
        throw unusable(`the CA names a URL that is not https: ${exchange.url}`)
      }
      const agent = url.protocol === 'https:' ? agents.https : agents.http
      try {
        return await once(exchange, url, { ...options, agent }, signal)
      } catch (error) {
        if (!(error instanceof StaleConnection) || !exchange.repeatable) throw typed(error)
        return await once(exchange, url, { ...options, agent }, signal).catch((again: unknown) => {
          throw typed(again)
        })
      }
    },
    close() {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

function createAgents({ caBundlePem, proxyEnv, directoryUrl }: TransportOptions) {
  const loopback = /^(localhost|.*\.localhost|127\..*|\[::1\])$/.test(new URL(directoryUrl).hostname)
  const common = {
    keepAlive: true,
    timeout: idleMs,
    maxSockets: 32,
    maxFreeSockets: 32,
    ...(!loopback && { proxyEnv }),
  }
  // Built once: otherwise every new connection parses the bundle again.
  const trust =
    caBundlePem === undefined ? {} : { secureContext: createSecureContext({ ca: rootsOf(caBundlePem) }) }
  return { http: new http.Agent(common), https: new https.Agent({ ...common, ...trust }) }
}

/** A bundle without a readable certificate would silently mean "trust nobody": said here instead. */
function rootsOf(bundle: string): string[] {
  const blocks = bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  try {
    if (blocks.length > 0) return blocks.map((block) => new X509Certificate(block).toString())
  } catch {
    // Falls through: the same fault for the reader of the file.
  }
  throw new Port80Failure({ reason: 'CaUntrusted', detail: 'caBundle holds no readable PEM certificate' })
}

/** The kept connection was closed by the CA before a byte of the answer came. */
class StaleConnection extends Error {
  override readonly name = 'StaleConnection'
  readonly failure: Port80Failure
  constructor(failure: Port80Failure) {
    super('the kept connection was closed')
    this.failure = failure
  }
}

function typed(error: unknown): unknown {
  return error instanceof StaleConnection ? error.failure : error
}

interface Means {
  readonly agent: http.Agent
  readonly requestTimeoutMs: number
  readonly userAgent: string
}

function once(exchange: Exchange, url: URL, means: Means, signal: AbortSignal): Promise<Answer> {
  if (signal.aborted) return Promise.reject(abortedBy(signal))
  const request = open(exchange, url, means)
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const end = (failure: Error) => {
    // The first to reject wins: what destroying makes of it ("socket hang up") is not the cause.
    reject(failure)
    request.destroy()
  }
  const onAbort = () => end(abortedBy(signal))
  const timer = setTimeout(() => {
    const seconds = Math.round(means.requestTimeoutMs / 100) / 10
    end(
      new Port80Failure({ reason: 'CaTimedOut', detail: `${url.host}: no whole answer within ${seconds} s` }),
    )
  }, means.requestTimeoutMs)
  signal.addEventListener('abort', onAbort, { once: true })
  request.on('error', (error: NodeJS.ErrnoException) => {
    const failure = networkFailure(error, url.host)
    const stale = request.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')
    reject(stale ? new StaleConnection(failure) : failure)
  })
  request.once('response', (response) => void readAnswer(response, url.host).then(resolve, end))
  request.end(exchange.body)
  return promise.finally(() => {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  })
}

function open({ method, body }: Exchange, url: URL, { agent, userAgent }: Means): http.ClientRequest {
  const headers: http.OutgoingHttpHeaders = { 'User-Agent': userAgent, 'Accept-Language': 'en' }
  if (body !== undefined) {
    headers['Content-Type'] = 'application/jose+json'
    headers['Content-Length'] = Buffer.byteLength(body)
  }
  const options = { method, headers, agent }
  return url.protocol === 'https:' ? https.request(url, options) : http.request(url, options)
}

async function readAnswer(response: http.IncomingMessage, host: string): Promise<Answer> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > mostBytes) throw unusable(`${host}: the answer is larger than 1 MiB`)
      chunks.push(chunk)
    }
  } catch (error) {
    throw error instanceof Port80Failure ? error : unusable(`${host}: the answer was cut off`)
  }
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: Buffer.concat(chunks).toString('utf8'),
  }
}
