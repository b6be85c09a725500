/** Whether a request that failed is sent once more by the client itself. Pure. */
import type { ApiFailure } from './api-failure.ts'

export interface Tried {
  readonly failure: ApiFailure
  /** Requests sent so far, this one included. */
  readonly tries: number
  /** Sending it twice does what sending it once does. */
  readonly idempotent: boolean
  /** The socket had served another request: the server may have closed it before it saw this one. */
  readonly reusedSocket: boolean
}

const slowDownMs = 1_000

/** Milliseconds to wait before the next try, or undefined. What was refused with 401 or 429 was not carried out. */
export function retryDelay({ failure, tries, idempotent, reusedSocket }: Tried): number | undefined {
  const first = tries === 1
  if (failure.kind === 'unauthorized') return first ? 0 : undefined
  if (failure.kind === 'tooMany') return tries <= 3 ? (failure.retryAfterMs ?? slowDownMs) : undefined
  if (failure.kind === 'unreachable') return first && idempotent && reusedSocket ? 0 : undefined
  return undefined
}
