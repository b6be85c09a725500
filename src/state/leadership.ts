/** Who may order: at most one worker of all that share a store. */

export interface Held {
  /** Aborts when leadership is lost or given up; every act of the worker carries it. */
  readonly signal: AbortSignal
  /** Asks the source of truth again, before an act that cannot be taken back (finalize, install). */
  stillHeld(): Promise<boolean>
  /** Gives up; idempotent. The next candidate can lead at once. */
  release(): Promise<void>
}

/**
 * Contract (test/state/fixtures/leadership-contract.ts):
 * - `tryAcquire` answers at once: a Held, or `undefined` when somebody else leads. It never waits.
 * - Leadership dies with its holder's process (kill -9 included), without any clean-up by others.
 * - Two Helds of one store never exist at the same time where the medium can promise it (directory: the kernel's
 *   file lock); where it cannot (a Lease), writes are conditional and `stillHeld` is asked before acts.
 * - A medium that fails is a Port80Failure StoreFailed; the reason of an aborted signal is a Port80Failure LeadershipLost.
 */
export interface Leadership {
  tryAcquire(): Promise<Held | undefined>
  /** Who leads, for status: free text of ours (`pid 4711`), or undefined. */
  holder(): Promise<string | undefined>
  /**
   * Where the medium tells: resolves when a `tryAcquire` is worth it, or when the signal aborts. May resolve too early and
   * may throw StoreFailed. Left out, whoever waits asks every second.
   */
  whenFree?(signal: AbortSignal): Promise<void>
}
