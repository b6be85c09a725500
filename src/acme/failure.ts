/**
 * What to do after a failure (house rule: retry, wait until a moment, or stop until the configuration changes). Pure.
 * One table answers for every reason; the same table is docs/failures.md, so the document cannot say something else.
 */
import type { Failure, FailureReason, Verdict } from '../reason.ts'
import { failuresOfCa } from './failures-of-ca.ts'
import { failuresOfOurs } from './failures-of-ours.ts'

/**
 * - `aside`: no failure of the certificate at all; it goes on when we do. Not counted, never delayed.
 * - `again`: something passed by; once at once, then as `back-off`.
 * - `back-off`: 1 min, 10 min, 100 min, then daily: it cost the CA something, or the CA is not well.
 * - `retry-soon`: 1 min, 10 min, then hourly: nothing that the CA counts was used, and people are waiting for their
 *   repair to be noticed.
 * - `look-again`: 30 s, 1, 2, 5 min, then every 10 min: the CA was not asked at all, so it is no failure in a row either.
 * - `stop`: the same answer will come until the configuration changes.
 */
export type Course = 'aside' | 'again' | 'back-off' | 'retry-soon' | 'look-again' | 'stop'

export interface FailureRule {
  readonly course: Course
  /** Whether the order in flight can still succeed after it, so that the next attempt goes on with it. */
  readonly order: 'kept' | 'dropped'
  /** Why this course, in one line. */
  readonly because: string
  readonly means: string
  /** What `detail` looks like in log, status and `port80 status`. */
  readonly see: string
  /** What the operator does about it. */
  readonly fix: string
}

export const failureRules: Readonly<Record<FailureReason, FailureRule>> = {
  ...failuresOfCa,
  ...failuresOfOurs,
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** Milliseconds after the first, second, … failure in a row; the last holds for all that follow. */
const ladders = {
  'back-off': [minute, 10 * minute, 100 * minute, day],
  'retry-soon': [minute, 10 * minute, hour],
  'look-again': [minute / 2, minute, 2 * minute, 5 * minute, 10 * minute],
} as const

/** The longest limit that a known CA has is a week; a date beyond it is a mistake and must not stop us for ever. */
export const longestWaitMs = 7 * day
/** Each wait is stretched or shortened by up to this part, so that hundreds of certificates do not come back at once. */
const jitter = 0.1
/** A Retry-After is only ever stretched, and by no more than this. */
const longestStretchMs = 10 * minute

export interface Judged {
  readonly failure: Failure
  /** Failures in a row of this certificate at this issuer, this one included (1 for the first); `aside` ones do not count. For `look-again`: looks in a row. */
  readonly failures: number
  /** Epoch ms. */
  readonly now: number
  /** In [0, 1). */
  readonly random: number
}

/**
 * The verdict. The CA's own `retryAt` wins when it is later than our ladder, bounded by {@link longestWaitMs}; it never
 * shortens the ladder, because the ladder also protects limits that the CA does not mention.
 */
export function judge({ failure, failures, now, random }: Judged): Verdict {
  const { course } = failureRules[failure.reason]
  const asked = failure.retryAt === undefined ? undefined : stretched(failure.retryAt, now, random)
  switch (course) {
    case 'aside':
      return { do: 'retry' }
    case 'stop':
      return { do: 'stop' }
    case 'again':
      if (failures <= 1 && asked === undefined) return { do: 'retry' }
      return latest(now + delay('back-off', failures - 1, random), asked)
    case 'back-off':
    case 'retry-soon':
    case 'look-again':
      return latest(now + delay(course, failures, random), asked)
  }
}

/** Whether such a failure is one of the certificate's failures in a row. */
export function counts(reason: FailureReason): boolean {
  const { course } = failureRules[reason]
  return course !== 'aside' && course !== 'look-again'
}

/** Whether the order in flight can still succeed: the next attempt goes on with it instead of ordering anew. */
export function orderSurvives(reason: FailureReason): boolean {
  return failureRules[reason].order === 'kept'
}

function delay(course: keyof typeof ladders, failures: number, random: number): number {
  const steps = ladders[course]
  const step = steps[Math.min(Math.max(failures, 1), steps.length) - 1] ?? day
  return step * (1 - jitter + 2 * jitter * random)
}

function stretched(retryAt: number, now: number, random: number): number {
  const wait = Math.min(Math.max(retryAt - now, 0), longestWaitMs)
  return now + wait + random * Math.min(wait * jitter, longestStretchMs)
}

function latest(own: number, asked: number | undefined): Verdict {
  return { do: 'waitUntil', at: Math.round(Math.max(own, asked ?? 0)) }
}
