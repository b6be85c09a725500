/**
 * Whether a connection is silent, told from its byte counters at some moments. Pure. node knows it too
 * (closeIdleConnections), but takes a connection that never sent anything for a busy one, and closes without any grace
 * for a request that is on its way.
 */

export interface Look {
  readonly read: number
  readonly written: number
  /** Milliseconds: the last moment at which something was seen to have changed. */
  readonly changedAt: number
  /** Something came in and nothing has gone out since: a request, or a part of one. */
  readonly unanswered: boolean
}

/** A connection that was just accepted; the counters of the first real look count as a change. */
export function startLooking(now: number): Look {
  return { read: 0, written: 0, changedAt: now, unanswered: false }
}

export function look(last: Look, seen: { read: number; written: number; now: number }): Look {
  const { read, written, now } = seen
  if (read === last.read && written === last.written) return last
  return { read, written, changedAt: now, unanswered: written === last.written }
}

/** Milliseconds of silence at `now`; 0 for a connection that is owed an answer. */
export function silentFor(seen: Look, now: number): number {
  return seen.unanswered ? 0 : now - seen.changedAt
}
