/**
 * What node's HTTP parser gives up on never reaches fastify: it is answered here, in raw bytes, because there is no
 * request and no response object yet.
 */
import type { Socket } from 'node:net'
import type { Connections } from './connections.ts'
import { refusal, type RefusalReason } from './refusal.ts'

const statusTexts = {
  400: 'Bad Request',
  404: 'Not Found',
  408: 'Request Timeout',
  421: 'Misdirected Request',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  505: 'HTTP Version Not Supported',
} as const

/** Which refusal a parser error or time-out of node is. */
export function reasonOfParserError(code: string | undefined): RefusalReason {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return 'headersTooLarge'
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 'requestTimeout'
    default:
      return 'malformed'
  }
}

/** The whole answer as bytes; always the last on its connection. */
export function rawRefusal(reason: RefusalReason): string {
  const { status, text } = refusal(reason)
  return [
    `HTTP/1.1 ${status} ${statusTexts[status]}`,
    'Content-Type: text/plain; charset=utf-8',
    'X-Content-Type-Options: nosniff',
    'Cache-Control: no-store',
    `Content-Length: ${text.length}`,
    'Connection: close',
    '',
    text,
  ].join('\r\n')
}

export interface ParserErrorParts {
  readonly connections: Connections
  /** Whether the request that is being received has had its answer already: only its body was still to come. */
  readonly isAnswered: (socket: Socket) => boolean
  readonly refused: (reason: RefusalReason) => void
}

/** A listener for node's `clientError`. */
export function onParserError(
  parts: ParserErrorParts,
): (error: Error & { code?: string }, socket: Socket) => void {
  const { connections, isAnswered, refused } = parts
  return (error, socket) => {
    // The parser complains about each further packet; the last answer is given or on its way.
    if (connections.isEnding(socket)) return
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    // A connection opened in advance and never used gets no answer: its client may take that for the answer to the
    // request that it sends a moment later.
    if (socket.bytesRead === 0) {
      connections.closeSoon(socket)
      return
    }
    const reason = reasonOfParserError(error.code)
    refused(reason)
    if (isAnswered(socket)) {
      connections.closeSoon(socket)
      return
    }
    // An answer before this one may still be looked up; ours must not be taken for it.
    connections.afterAnswers(socket, () => {
      if (socket.writable) socket.write(rawRefusal(reason))
      connections.closeSoon(socket)
    })
  }
}
