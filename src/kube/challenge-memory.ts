/**
 * The tokens that one process knows of, from four sides: its own writes, single reads, lists and a watch. They overtake
 * each other, so what is older than what is known already is not taken in. No network, no clock.
 *
 * Age is told by resourceVersions, compared as the numbers that they are in every API server on etcd (and by its rules
 * from 1.35 on). Where they are no numbers, whatever comes last is believed.
 */
import type { Challenge } from '../challenge/store.ts'
import { challengeObjectName } from './challenge-object.ts'

/** A challenge, and the resourceVersion of its object when it was seen. */
export interface Seen {
  readonly challenge: Challenge
  readonly version: string | undefined
}

interface Known {
  readonly challenge: Challenge
  readonly version: number
}

/** More removals than this at once are forgotten; the worst that follows is a token answered a little longer. */
const rememberedRemovals = 10_000

export class ChallengeMemory {
  readonly #byToken = new Map<string, Known>()
  /** Object name → version at which it was known to be gone. */
  readonly #removed = new Map<string, number>()

  get(token: string): Challenge | undefined {
    return this.#byToken.get(token)?.challenge
  }

  /** Somebody saw the challenge at this version. */
  put(challenge: Challenge, version: string | undefined): void {
    const { token } = challenge
    const seen = Number(version)
    const name = challengeObjectName(token)
    if (seen <= (this.#removed.get(name) ?? -1) || seen < (this.#byToken.get(token)?.version ?? -1)) return
    this.#byToken.set(token, { challenge, version: seen })
    this.#removed.delete(name)
  }

  /** The watch says that it is gone; `version` is that of the removal. */
  removed(token: string, version: string | undefined): void {
    const gone = Number(version)
    if ((this.#byToken.get(token)?.version ?? -1) > gone) return // presented anew since
    this.#forget(token, gone)
  }

  /** This process removed it: what was known of it until now does not come back. */
  removedByUs(token: string): void {
    this.#forget(token, this.#byToken.get(token)?.version ?? -1)
  }

  /** All there was at that version. What is known from later stays. */
  reconcile(found: ReadonlyMap<string, Seen>, version: string): void {
    const listed = Number(version)
    for (const [token, known] of this.#byToken) {
      if (!found.has(token) && !(known.version > listed)) this.#byToken.delete(token)
    }
    for (const { challenge, version } of found.values()) this.put(challenge, version)
    for (const [name, gone] of this.#removed) if (gone < listed) this.#removed.delete(name)
  }

  /** So that what was never cleaned up does not stay for ever where nobody lists. */
  dropExpired(now: number): void {
    for (const [token, { challenge }] of this.#byToken) {
      if (challenge.expiresAt <= now) this.#byToken.delete(token)
    }
  }

  #forget(token: string, version: number): void {
    this.#byToken.delete(token)
    if (this.#removed.size >= rememberedRemovals) this.#removed.clear()
    if (version >= 0) this.#removed.set(challengeObjectName(token), version)
  }
}
