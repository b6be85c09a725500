/** The limits of `listeners.public` (their reasons stand there), put on a node:http server. */
import type { Server, ServerOptions } from 'node:http'
import type { PublicListenerConfig } from '../config/schema.ts'
import type { LingerBounds } from './connections.ts'

/**
 * How often node looks for requests that are overdue, in milliseconds. Its default of 30 s would make `headersTimeout:
 * 10s` mean anything up to 40.
 */
const checkInterval = 500

/** Milliseconds without a byte: the client has read our answer, or will not. nginx waits 5 s here. */
const lingerQuiet = 2_000
/** A client that has not stopped sending after this many bytes will not look at our answer. */
const lingerBytes = 16 * 1_048_576

/** What can only be said when the server is made. */
export const serverOptions: ServerOptions = {
  connectionsCheckingInterval: checkInterval,
  // A missing Host is ours to answer, with a text and for HTTP/1.0 too.
  requireHostHeader: false,
  // Not left to NODE_OPTIONS: a lenient parser would let obs-fold, bare LF and bad lengths through.
  insecureHTTPParser: false,
  // No stream machinery for requests without a body: worth 7 % of the rate, more than all our checks cost.
  optimizeEmptyRequests: true,
}

/** Connections that are open keep what they have where node reads a limit only once (maxHeaderSize). */
export function applyLimits(server: Server, listener: PublicListenerConfig): void {
  server.requestTimeout = listener.requestTimeout
  server.headersTimeout = listener.headersTimeout
  server.keepAliveTimeout = listener.keepAliveTimeout
  server.maxConnections = listener.maxConnections
  server.maxRequestsPerSocket = listener.maxRequestsPerSocket
  // By default node drops headers beyond the 2000th without a word, a second Host among them. Their number is bounded by
  // maxHeaderSize anyway.
  server.maxHeadersCount = 0
  // Neither is in node's types. httpAllowHalfOpen: a client that shuts down its sending side behind the request (`nc -N`)
  // still gets the answer, also when that is looked up first.
  Object.assign(server, { maxHeaderSize: listener.maxHeaderSize, httpAllowHalfOpen: true })
  // The backstop for a client that sends and never reads: no time-out of node covers a full send buffer.
  server.timeout = Math.max(listener.keepAliveTimeout, listener.requestTimeout, listener.headersTimeout)
}

/** How a connection is closed under a client that is still sending (src/http/connections.ts). */
export function lingerBounds(listener: PublicListenerConfig): LingerBounds {
  return { total: listener.requestTimeout, quiet: lingerQuiet, bytes: lingerBytes }
}
