/** Asking again until it is done: our own schedule from 100 ms up, the CA's Retry-After respected, never past a deadline. */
import { Port80Failure, type FailureReason } from '../reason.ts'

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

/** What says nothing about the order: the same question may be answered a moment later, and asking costs no limit. */
const passing: ReadonlySet<FailureReason> = new Set<FailureReason>([
  'CaUnreachable',
  'CaTimedOut',
  'CaOverloaded',
  'CaAnswerUnusable', // a 502 or 504 of whatever stands before the CA, or an answer that was cut off
  'AcmeServerInternal',
])

interface Question<T> {
  ask(): Promise<T>
  done(answer: T): boolean
  readonly what: string
  /** Of an answer that was had before the first question, such as finalize's. */
  readonly retryAfterMs?: number | undefined
}

/**
 * Asks until `done`. A deadline, or a Retry-After that reaches past it, ends in AuthorizationTimedOut with `retryAt`:
 * the order stays in flight and is a schedule, not a sleep (house rule 5). Failures of the transport and 5xx are asked
 * again, too; when the last question before the deadline met one, it is what is thrown.
 */
export async function pollUntil<T extends { readonly retryAfterMs?: number }>(
  question: Question<T>,
  clock: PollClock,
  signal: AbortSignal,
): Promise<T> {
  const end = clock.now() + clock.deadlineMs
  let { retryAfterMs } = question
  let last: Port80Failure | undefined
  for (let asked = 0; ; asked++) {
    const delay = pollDelay(asked, retryAfterMs)
    const at = clock.now() + delay
    // However short the deadline is, it is asked once.
    if (at > end && (asked > 0 || retryAfterMs !== undefined)) {
      throw last ?? undecided(question.what, clock.deadlineMs, retryAfterMs === undefined ? undefined : at)
    }
    await clock.pause(delay, signal)
    const answer = await question.ask().catch((error: unknown) => passed(error, signal))
    if (answer instanceof Port80Failure) {
      last = answer
      const { retryAt } = answer.failure
      retryAfterMs = retryAt === undefined ? undefined : Math.max(0, retryAt - clock.now())
      continue
    }
    if (question.done(answer)) return answer
    last = undefined
    retryAfterMs = answer.retryAfterMs
  }
}

/** The failure, when it passes by; throws any other, and whatever an abort has broken off. */
function passed(error: unknown, signal: AbortSignal): Port80Failure {
  if (error instanceof Port80Failure && passing.has(error.failure.reason) && !signal.aborted) return error
  throw error
}

function undecided(what: string, deadlineMs: number, retryAt: number | undefined): Port80Failure {
  return new Port80Failure({
    reason: 'AuthorizationTimedOut',
    detail: `the CA did not decide about ${what} within ${Math.round(deadlineMs / 1000)} s`,
    ...(retryAt !== undefined && { retryAt }),
  })
}
