/** The ways in which an answer of the CA can go wrong on its way, and how each is done to a response. */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'

export type Fault =
  /** Answered by the proxy; the CA never sees the request. */
  | {
      readonly kind: 'answer'
      readonly status: number
      /** A function is asked when the answer is given. */
      readonly retryAfter?: string | (() => string)
      readonly problem?: object
      readonly body?: string
    }
  /** No answer at all, the connection stays open. */
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset' }
  /** Passed on; of the body only so many bytes come back, under the full Content-Length, then the end of the connection. */
  | { readonly kind: 'truncate'; readonly keep: number }
  /** Passed on; the answer is cut to this and is complete as far as HTTP can tell. */
  | { readonly kind: 'garble'; readonly body: string }
  /** Passed on; the answer is another one, made of what came. */
  | { readonly kind: 'alter'; readonly alter: (body: string) => Promise<string> }
  | { readonly kind: 'delay'; readonly ms: number }

/** What the CA answered. */
export interface Passed {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

function answerInstead(fault: Extract<Fault, { kind: 'answer' }>, outgoing: ServerResponse): void {
  const retryAfter = typeof fault.retryAfter === 'function' ? fault.retryAfter() : fault.retryAfter
  const problem = fault.problem && JSON.stringify(fault.problem)
  outgoing.writeHead(fault.status, {
    'content-type': problem ? 'application/problem+json' : 'text/plain',
    ...(retryAfter !== undefined && { 'retry-after': retryAfter }),
  })
  outgoing.end(problem ?? fault.body ?? '')
}

/** True when the client got its (non-)answer without the CA. */
export function refuse(fault: Fault, outgoing: ServerResponse): boolean {
  switch (fault.kind) {
    case 'answer':
      answerInstead(fault, outgoing)
      return true
    case 'hang':
      return true
    case 'reset':
      outgoing.destroy()
      return true
    case 'truncate':
    case 'garble':
    case 'alter':
    case 'delay':
      return false
  }
}

export function reply(passed: Passed, fault: Fault | undefined, outgoing: ServerResponse): void {
  const { 'transfer-encoding': _chunked, connection: _connection, ...headers } = passed.headers
  const body = fault?.kind === 'garble' ? Buffer.from(fault.body) : passed.body
  if (passed.status === 204) outgoing.writeHead(passed.status, headers)
  else outgoing.writeHead(passed.status, { ...headers, 'content-length': String(body.length) })
  if (fault?.kind !== 'truncate') {
    outgoing.end(body)
    return
  }
  outgoing.write(body.subarray(0, fault.keep), () => outgoing.destroy())
}
