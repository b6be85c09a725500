/**
 * Port 80 of the walk-through with a mistake in it (`npm start -- --break …`): what stands before port80 as a load balancer
 * or an Ingress would. As long as the mistake is there it answers in its own way; without it every request is passed on.
 */
import http from 'node:http'
import type { AddressInfo } from 'node:net'

export const doorBreaks = ['redirect', 'auth', 'route'] as const
export type DoorBreak = (typeof doorBreaks)[number]

export interface FrontDoorOptions {
  /** Undefined: it makes none. */
  readonly mistake: DoorBreak | undefined
  /** Asked anew at each request. */
  readonly broken: () => boolean
  /** Port of port80 on 127.0.0.1. */
  readonly target: number
  /** Where https is served, for the redirect. */
  readonly httpsPort: number
}

export interface FrontDoor {
  readonly port: number
  /** Idempotent. */
  stop(): Promise<void>
}

/** Listening on a free port of 127.0.0.1 when it resolves. */
export async function startFrontDoor(options: FrontDoorOptions): Promise<FrontDoor> {
  const server = http.createServer((request, response) => {
    const { mistake } = options
    if (mistake && options.broken()) return answerWrongly({ ...options, mistake }, request, response)
    passOn(options.target, request, response)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function answerWrongly(
  { mistake, httpsPort }: FrontDoorOptions & { readonly mistake: DoorBreak },
  request: http.IncomingMessage,
  response: http.ServerResponse,
): void {
  request.resume()
  switch (mistake) {
    case 'redirect': {
      const name = (request.headers.host ?? 'localhost').replace(/:\d*$/, '')
      const location = `https://${name}:${httpsPort}${request.url ?? '/'}`
      response.writeHead(301, { Location: location, Server: 'demo-gateway' }).end()
      return
    }
    case 'auth':
      response
        .writeHead(401, { 'WWW-Authenticate': 'Basic realm="staff only"', Server: 'demo-gateway' })
        .end('Staff only.\n')
      return
    case 'route':
      response
        .writeHead(404, { 'Content-Type': 'text/html', Server: 'demo-shop' })
        .end('<h1>The shop has no such page</h1>\n')
      return
  }
}

function passOn(target: number, request: http.IncomingMessage, response: http.ServerResponse): void {
  const { method, url, headers } = request
  const onward = http.request({ host: '127.0.0.1', port: target, method, path: url, headers, agent: false })
  onward.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  onward.on('error', () => {
    if (response.headersSent) response.destroy()
    else response.writeHead(502).end()
  })
  request.pipe(onward)
}
