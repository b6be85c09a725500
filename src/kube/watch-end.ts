/** How a watch ended, and what to do then. Pure: the loop that carries it out is src/kube/watch.ts. */
import type { ApiFailure } from './api-failure.ts'

export type WatchEnd =
  /** The server ended it, as it does at the end of the time that was asked for. */
  | { readonly end: 'closed' }
  /** Neither an event nor a bookmark for longer than the server lets pass between two bookmarks. */
  | { readonly end: 'silent' }
  /** A line that is no event, or one that is too long. */
  | { readonly end: 'torn' }
  /** Whoever takes in the events failed: a bug of ours. */
  | { readonly end: 'refused'; readonly error: unknown }
  /** The list or the watch was refused, or its connection broke; also an ERROR event in the stream. */
  | { readonly end: 'failed'; readonly failure: ApiFailure }

export interface Ended {
  readonly end: WatchEnd
  /** How long the watch had been open, in milliseconds; 0 when it never was. */
  readonly openMs: number
  /** Ends in a row before this one without a watch that stayed open. */
  readonly before: number
  /** 0 to 1. */
  readonly random: number
}

export interface Restart {
  /** Milliseconds to wait, then the list is read anew and a new watch begins after it. */
  readonly delayMs: number
  readonly freshCredentials: boolean
  /** `before` of the next end. */
  readonly inRow: number
}

/** A watch that was open for this long is no sign of trouble when it ends. */
const stayedOpenMs = 10_000
const firstDelayMs = 100
const longestDelayMs = 10_000
/** A right that is missing is given by a person, not by trying often. */
const forbiddenDelayMs = 5_000

/**
 * After every kind of end the list is read anew: whatever was missed between two watches is in it, and no rule about which
 * version may still be watched can be wrong. The objects watched here are few; the price is one list every few minutes.
 */
export function afterEnd({ end, openMs, before, random }: Ended): Restart {
  const stayed = openMs >= stayedOpenMs
  const inRow = stayed ? 0 : before + 1
  const delayMs = Math.max(stayed && isOrderly(end) ? 0 : backOff(inRow, random), leastDelay(end))
  return {
    delayMs,
    inRow,
    freshCredentials: end.end === 'failed' && end.failure.kind === 'unauthorized',
  }
}

/** Ends that say nothing about the next watch. */
function isOrderly(end: WatchEnd): boolean {
  return end.end === 'closed' || end.end === 'silent' || (end.end === 'failed' && end.failure.kind === 'gone')
}

/** 100 ms, 200 ms … 10 s, of which a random half is waited, so that replicas do not come back all at once. */
function backOff(inRow: number, random: number): number {
  const whole = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(20, Math.max(0, inRow - 1)))
  return Math.round(whole / 2 + (whole / 2) * random)
}

function leastDelay(end: WatchEnd): number {
  if (end.end !== 'failed') return 0
  if (end.failure.kind === 'forbidden') return forbiddenDelayMs
  return end.failure.retryAfterMs ?? 0
}

/** One line for a log or a status. */
export function wordsForEnd(end: WatchEnd): string {
  switch (end.end) {
    case 'closed':
      return 'the API server ended the watch'
    case 'silent':
      return 'the watch went silent'
    case 'torn':
      return 'a line of the watch could not be read'
    case 'refused':
      return 'an event could not be taken in (InternalError)'
    case 'failed':
      return end.failure.detail
  }
}
