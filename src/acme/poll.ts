/** Asking again until it is done: our own schedule from 100 ms up, the CA's Retry-After respected, never past a deadline. */
import { Port80Failure } from '../reason.ts'

/** Resolves after `ms` milliseconds; rejects when the signal aborts. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<void>

export interface PollClock {
  now(): number
  readonly pause: Pause
  readonly deadlineMs: number
}

/**
 * Milliseconds before question number `asked` + 1 (the first waits 100 ms). Grows by 1.6 to at most 5 s. A longer
 * Retry-After of the last answer wins: the CA computed it from its queue, and asking sooner is what limits count.
 */
export function pollDelay(asked: number, retryAfterMs: number | undefined): number {
  const own = Math.min(5_000, 100 * 1.6 ** asked)
  return Math.round(Math.max(own, retryAfterMs ?? 0))
}

/**
 * Asks until `done`. A deadline, or a Retry-After that reaches past it, ends in AuthorizationTimedOut with `retryAt`:
 * the order stays in flight and is a schedule, not a sleep (house rule 5).
 */
export async function pollUntil<T extends { readonly retryAfterMs?: number }>(
  question: {
    ask(): Promise<T>
    done(answer: T): boolean
    readonly what: string
    /** Of an answer that was had before the first question, such as finalize's. */
    readonly retryAfterMs?: number | undefined
  },
  clock: PollClock,
  signal: AbortSignal,
): Promise<T> {
  const end = clock.now() + clock.deadlineMs
  let retryAfterMs = question.retryAfterMs
  for (let asked = 0; ; asked++) {
    const delay = pollDelay(asked, retryAfterMs)
    const at = clock.now() + delay
    // However short the deadline is, it is asked once.
    if (at > end && (asked > 0 || retryAfterMs !== undefined)) {
      throw new Port80Failure({
        reason: 'AuthorizationTimedOut',
        detail: `the CA did not decide about ${question.what} within ${Math.round(clock.deadlineMs / 1000)} s`,
        ...(retryAfterMs !== undefined && { retryAt: at }),
      })
    }
    await clock.pause(delay, signal)
    const answer = await question.ask()
    if (question.done(answer)) return answer
    retryAfterMs = answer.retryAfterMs
  }
}
