/**
 * Limits of the admin port. Constants, not settings: who may reach it is decided by `listeners.admin.host` and the
 * network; these only keep one broken or greedy client from holding it.
 */
import { STATUS_CODES, type Server } from 'node:http'
import type { Socket } from 'node:net'

/** Probes and scrapers send a few hundred bytes. */
const maxHeaderSize = 8_192
const headersTimeout = 10_000
const requestTimeout = 15_000
/** Longer than the usual scrape interval of a minute, so that a scraper keeps its connection. */
const keepAliveTimeout = 75_000
/** The backstop for a client that asks and never reads. */
const idleTimeout = 90_000
/** Far more than probes, scrapers and people need, and nothing beside those of the public port. */
const maxConnections = 256

/** For the options of fastify. */
export const serverLimits = {
  requestTimeout,
  keepAliveTimeout,
  clientErrorHandler: answerClientError,
  http: { maxHeaderSize, headersTimeout, connectionsCheckingInterval: 1_000, insecureHTTPParser: false },
}

/** What can only be set on the server. */
export function limitServer(server: Server): void {
  server.headersTimeout = headersTimeout
  server.maxConnections = maxConnections
  server.timeout = idleTimeout
}

const statuses: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}

/** The parser or a time-out gave up: one plain answer where one can still be sent, then the end of the connection. */
function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const status = statuses[error.code ?? ''] ?? 400
  const body = `${STATUS_CODES[status]}\n`
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: text/plain; charset=utf-8\r\n` +
      `content-length: ${body.length}\r\ncache-control: no-store\r\nconnection: close\r\n\r\n${body}`,
  )
}
