/**
 * One HTTP request to the API server over the sockets of `node:http(s)`: built in, takes a private CA and a client
 * certificate, and streams. `fetch` would need undici's agents for the former, which is 28 MB more in every pod.
 */
import { request as requestHttp, type Agent, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'

/** How to get to the API server, and who asks. */
export interface Credentials {
  readonly server: URL
  readonly agent: Agent
  readonly headers: Readonly<Record<string, string>>
}

export interface Exchange {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path and query. */
  readonly path: string
  readonly accept?: string
  readonly body?: { readonly type: string; readonly text: string }
  readonly userAgent: string
}

/** A socket failed, or no answer came. `reused`: the socket had served another request and may have been closed since. */
export class ExchangeFailed extends Error {
  override readonly name = 'ExchangeFailed'
  readonly code: string
  readonly reused: boolean
  constructor(code: string, reused: boolean) {
    super(code)
    this.code = code
    this.reused = reused
  }
}

/** A list of thousands of Secrets fits; a server gone mad does not fill the memory. */
const bodyLimit = 128 * 1024 * 1024

/** Resolves with the head of the answer; rejects with ExchangeFailed, also when the signal aborts. */
export function begin(
  exchange: Exchange,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { server, agent, headers } = credentials
  const { method, path, accept, body, userAgent } = exchange
  const send = server.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const request = send({
      method,
      agent,
      signal,
      hostname: server.hostname.replace(/^\[|\]$/g, ''),
      port: server.port,
      path: `${server.pathname.replace(/\/$/, '')}${path}`,
      headers: {
        ...headers,
        accept: accept ?? 'application/json',
        'user-agent': userAgent,
        ...(body && { 'content-type': body.type, 'content-length': Buffer.byteLength(body.text) }),
      },
    })
    request.on('response', (response) => {
      // Whoever reads it listens, too; an abort in the instant before must not be an uncaught error.
      response.on('error', () => undefined)
      resolve(response)
    })
    request.on('error', (error: NodeJS.ErrnoException) => {
      reject(new ExchangeFailed(error.code ?? error.name, request.reusedSocket))
    })
    request.end(body?.text)
  })
}

/** The whole body as text. Rejects with ExchangeFailed. */
export function textOf(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      length += chunk.length
      if (length > bodyLimit) response.destroy(new ExchangeFailed('answer too large', false))
    })
    response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    response.on('error', (error: NodeJS.ErrnoException) => {
      reject(error instanceof ExchangeFailed ? error : new ExchangeFailed(error.code ?? error.name, false))
    })
  })
}
