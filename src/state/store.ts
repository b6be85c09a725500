/**
 * The durable memory of the worker: one JSON document a key, written only conditionally.
 */

/** `kind/name`, each part `[a-z0-9][a-z0-9.-]{0,99}` (so that it is a file name and, later, an object name). */
export type StateKey = `${'account' | 'budget' | 'certificate' | 'holds' | 'request' | 'traffic'}/${string}`

export interface Versioned {
  /** The stored text, exactly as written. */
  readonly text: string
  /** Opaque; differs whenever the text does. Writing the same text again may leave it as it was. */
  readonly version: string
}

/** The condition of a write or removal did not hold: somebody else wrote in between. Read again, decide again. */
export class StateConflict extends Error {
  override readonly name = 'StateConflict'
}

/**
 * Contract (test/state/fixtures/store-contract.ts holds every implementation to it):
 * - Concurrency: safe for several processes; a lost race is a StateConflict, never a lost write.
 * - `read` answers `undefined` for not-found. It throws when the store cannot be read; it never invents emptiness.
 * - `write` resolves when the text is durable (survives kill -9 and power loss where the medium can) and visible to
 *   every later read. `expected` is the version read before, or undefined to create. A reader never sees half a text.
 * - `remove` is conditional too; removing what is not there resolves.
 * - `list` gives the keys of a kind in no particular order.
 * - What fails on the medium is a Port80Failure StoreFailed; something at a key that is no text of ours, too.
 */
export interface StateStore {
  read(key: StateKey): Promise<Versioned | undefined>
  write(key: StateKey, text: string, expected: string | undefined): Promise<string>
  remove(key: StateKey, expected: string): Promise<void>
  list(
    kind: 'account' | 'budget' | 'certificate' | 'holds' | 'request' | 'traffic',
  ): Promise<readonly StateKey[]>
}
