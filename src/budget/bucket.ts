/**
 * One token bucket of a CA: a limit a window, refilled evenly. Pure. Its whole state is one moment, `fullAt`, when it
 * would be full again if nothing more were spent; so a ledger is one number a bucket, however much was spent. A list of
 * the spendings was rejected: it grows with the limit, and says nothing more.
 */

export interface Bucket {
  /** Whole, at least 1. */
  readonly limit: number
  /** In which an empty bucket fills, milliseconds. */
  readonly windowMs: number
  /** Share of the limit that only renewals may spend, 0 to 1. */
  readonly reserve: number
}

export type Room = { readonly fits: true } | { readonly fits: false; readonly nextPossibleAt: number }

/** Milliseconds in which one token comes back; rounded up, so that we never count on one before the CA gives it. */
function refillMs({ limit, windowMs }: Bucket): number {
  return Math.ceil(windowMs / limit)
}

/** Tokens kept for renewals; at least one is left for others, or nothing new could ever be ordered. */
export function reservedOf({ limit, reserve }: Bucket): number {
  return Math.min(limit - 1, Math.ceil(limit * reserve))
}

/** Tokens that are spent and not yet back, at most the limit; a part of one is counted as a whole. */
export function usedOf(bucket: Bucket, fullAt: number | undefined, now: number): number {
  const missing = Math.max(0, (fullAt ?? now) - now) / refillMs(bucket)
  return Math.min(bucket.limit, Math.ceil(missing))
}

/** Whether one more may be spent at `now` (epoch ms), or from which moment it may. */
export function roomFor(bucket: Bucket, fullAt: number | undefined, renewal: boolean, now: number): Room {
  const usable = renewal ? bucket.limit : bucket.limit - reservedOf(bucket)
  const nextPossibleAt = (fullAt ?? now) - (usable - 1) * refillMs(bucket)
  return nextPossibleAt <= now ? { fits: true } : { fits: false, nextPossibleAt }
}

/** The state after one more is spent. It is written down before the CA is asked. */
export function afterSpending(bucket: Bucket, fullAt: number | undefined, now: number): number {
  return Math.max(fullAt ?? now, now) + refillMs(bucket)
}
