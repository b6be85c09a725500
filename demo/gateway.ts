/**
 * The gateway of the walk-through: what an Envoy would be. It ends TLS with the certificate for the server name (SNI),
 * taken from the file-SDS folder that port80 writes, and serves three tiny sites. A changed certificate is used from the
 * next handshake on; connections that are open stay open.
 */
import https from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { watchCertificates, type ServedCertificate } from './gateway/certificates.ts'
import { pageFor } from './gateway/pages.ts'

export interface GatewayOptions {
  /** The destination folder of port80; need not exist yet. */
  readonly directory: string
  /** Port on 127.0.0.1; 0 (default) takes a free one. */
  readonly port?: number
  readonly onChange?: (now: ServedCertificate, before: ServedCertificate | undefined) => void
  readonly onFault?: (name: string, fault: string) => void
}

export interface Gateway {
  readonly port: number
  /** What a handshake begun now would get, by SDS name. */
  certificates(): readonly ServedCertificate[]
  /** Requests answered since the start. */
  requests(): number
  /** No new connections; those in the middle of a request have `graceMs` (default 300). Idempotent. */
  stop(graceMs?: number): Promise<void>
}

/** Listening when it resolves; rejects when the port is taken. Until there is a certificate, handshakes fail. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const certificates = await watchCertificates(options)
  let requests = 0
  const server = https.createServer(
    {
      minVersion: 'TLSv1.2',
      // Without a match the server's own context is used, which has no certificate: the client gets a proper alert.
      SNICallback: (name, answer) => answer(null, certificates.find(name)?.context),
    },
    (request, response) => {
      requests += 1
      respond(request, response)
    },
  )
  try {
    await listen(server, options.port ?? 0)
  } catch (error) {
    certificates.stop()
    throw error
  }
  return {
    port: (server.address() as AddressInfo).port,
    certificates: () => certificates.all(),
    requests: () => requests,
    stop: async (graceMs = 300) => {
      certificates.stop()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      const cut = setTimeout(() => server.closeAllConnections(), graceMs)
      await closed
      clearTimeout(cut)
    },
  }
}

function respond(request: IncomingMessage, response: ServerResponse): void {
  const host = (request.headers.host ?? '').replace(/:\d*$/, '').toLowerCase()
  const [path = '/'] = (request.url ?? '/').split('?')
  const page = pageFor(host, path)
  // RFC 9110 §15.5.20: the name on this connection is not one that is served here.
  const { status, contentType, body } = page ?? {
    status: 421,
    contentType: 'text/plain; charset=utf-8',
    body: 'This gateway serves hello.localhost, book.localhost and httpbin.localhost.\n',
  }
  request.resume()
  response.statusCode = status
  response.setHeader('Content-Type', contentType)
  response.end(body)
}

function listen(server: https.Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
}
