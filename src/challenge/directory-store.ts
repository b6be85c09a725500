/**
 * Tokens in a folder that any number of processes share: one orders, all answer.
 *
 * Nearly every request is answered from memory. The disk is asked
 * - on a miss: the one file the token would have. So a token is found by every process as soon as `present` resolves,
 *   without waiting for any notice. There is no memory of misses: it would be wrong for as long as it lasts.
 * - beyond `missesPerSecond`: strangers may ask for any token, so further misses wait for one look at the folder that all
 *   of them share (at most twenty a second). A flood costs the disk nothing more, and hides no token from the CA.
 * - once a second while requests come: has the folder changed? What another process removed is gone from the answers
 *   within 2 s (a local disk: at once, the kernel tells), what it replaced is read again when the kernel tells. On a
 *   network file system nobody tells: there a replaced token may be answered in its old form until it expires (CAs never
 *   use a token twice), and removals show when the client's attribute cache allows (NFS: acdirmax).
 * While the folder cannot be read, `find` answers what is in memory and throws for the rest.
 */
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { ForeignFiles, type OnForeign } from '../disk/foreign.ts'
import { KeyedQueue } from '../disk/keyed-queue.ts'
import { storeFailed } from '../disk/store-failed.ts'
import { Port80Failure } from '../reason.ts'
import { faultOfChallenge, fileNameOf } from './challenge-record.ts'
import { ReadBudget } from './read-budget.ts'
import type { Challenge, ChallengeStore, Found } from './store.ts'
import { TokenFolder } from './token-folder.ts'
import { TokenIndex } from './token-index.ts'
import { TokenScan } from './token-scan.ts'
import { isToken } from './token.ts'

const missesPerSecond = 200
const sharedLookEveryMs = 50
const scanAfterMs = 1_000
/** Nobody asked for a while: then what is known may be old, and the answer waits for the scan … */
const waitForScanAfterMs = 2_000
/** … but not for long: a folder that hangs must not hang the answers that memory has. */
const scanPatienceMs = 500
const readPatienceMs = 2_000
/** Expired files stay this long: clocks of machines that share the folder differ. */
const sweepGraceMs = 10 * 60 * 1_000

export interface DirectoryChallengeStoreOptions {
  /** The folder of the store (`store.directory`); tokens go into `tokens` below it. */
  readonly directory: string
  readonly onForeign: OnForeign
  /** Epoch milliseconds, for expiry. */
  readonly now?: () => number
  /** False: do without the kernel's notices, as on a network file system, where there are none. */
  readonly notices?: boolean
}

export function directoryChallengeStore(options: DirectoryChallengeStoreOptions): ChallengeStore {
  return new DirectoryChallengeStore(options)
}

class DirectoryChallengeStore implements ChallengeStore {
  readonly #folder: TokenFolder
  readonly #index = new TokenIndex()
  readonly #scan: TokenScan
  readonly #queue = new KeyedQueue()
  readonly #budget = new ReadBudget(missesPerSecond, () => performance.now())
  readonly #now: () => number
  #sharedLook: Promise<void> | undefined
  #background: Promise<void> | undefined
  #scanHangs = false

  constructor({ directory, onForeign, now, notices }: DirectoryChallengeStoreOptions) {
    this.#folder = new TokenFolder(join(directory, 'tokens'), new ForeignFiles(onForeign))
    this.#now = now ?? Date.now
    this.#scan = new TokenScan({
      folder: this.#folder,
      index: this.#index,
      load: (name) => this.#index.learn(name, true, () => this.#folder.read(name)),
      changed: notices === false ? undefined : (name) => this.#index.doubt(name),
      clock: () => performance.now(),
    })
  }

  async present(challenge: Challenge): Promise<void> {
    const fault = faultOfChallenge(challenge)
    if (fault !== undefined)
      throw new Port80Failure({ reason: 'InternalError', detail: `challenge ${fault}` })
    await this.#queue.run(challenge.token, async () => {
      await this.#folder.write(challenge)
      this.#index.put(challenge)
    })
  }

  find(token: string): Found {
    const age = this.#scan.age()
    if (age > scanAfterMs) this.#background ??= this.#scanOnce()
    const isOld = age > waitForScanAfterMs && !this.#scanHangs
    const known = this.#index.get(token)
    const sure = known?.doubtful === false && !isOld ? this.#unexpired(known.challenge) : undefined
    return sure ?? this.#search(token, known !== undefined && isOld)
  }

  async #search(token: string, afterScan: boolean): Promise<Challenge | undefined> {
    if (afterScan) await within(scanPatienceMs, this.#background).catch(() => (this.#scanHangs = true))
    const known = this.#index.get(token)
    const remembered = this.#unexpired(known?.challenge)
    if (remembered !== undefined && known?.doubtful === false) return remembered
    if (!isToken(token)) return undefined
    try {
      return this.#unexpired(await within(readPatienceMs, this.#look(token, remembered !== undefined)))
    } catch (error) {
      if (remembered !== undefined) return remembered
      throw error
    }
  }

  async cleanUp(token: string): Promise<void> {
    if (!isToken(token)) return
    const name = fileNameOf(token)
    await this.#queue.run(token, async () => {
      await this.#folder.remove(name)
      this.#index.drop(name)
    })
  }

  async list(): Promise<readonly Challenge[]> {
    await this.#scan.run()
    await this.#scan.load()
    const all = this.#index.challenges()
    for (const challenge of all) {
      if (challenge.expiresAt + sweepGraceMs <= this.#now()) await this.#sweep(challenge.token)
    }
    return all.filter((challenge) => challenge.expiresAt > this.#now())
  }

  /** Reads again before it removes: an order that went on after a crash presents its token anew, with a later expiry. */
  async #sweep(token: string): Promise<void> {
    const name = fileNameOf(token)
    await this.#queue.run(token, async () => {
      const challenge = await this.#folder.read(name)
      if (challenge && challenge.expiresAt + sweepGraceMs > this.#now()) return this.#index.put(challenge)
      await this.#folder.remove(name).catch(() => undefined) // a responder may have read-only rights
      this.#index.drop(name)
    })
  }

  /** Never rejects: whoever misses a token learns from its own read that the folder is gone. */
  async #scanOnce(): Promise<void> {
    await this.#scan.run().catch(() => undefined)
    this.#background = undefined
    this.#scanHangs = false
    void this.#scan.load().catch(() => undefined)
  }

  async #look(token: string, isKnown: boolean): Promise<Challenge | undefined> {
    const name = fileNameOf(token)
    if (isKnown || this.#budget.take()) return this.#read(name)
    await (this.#sharedLook ??= this.#lookTogether())
    const known = this.#index.byName(name)
    return known?.doubtful ? this.#read(name) : known?.challenge
  }

  async #lookTogether(): Promise<void> {
    await pause(sharedLookEveryMs)
    this.#sharedLook = undefined // whoever comes now needs a look that begins later
    await this.#scan.run()
  }

  /** Not shared between requests: one that began before a token was presented must not answer one that came after. */
  #read(name: string): Promise<Challenge | undefined> {
    return this.#index.learn(name, false, () => this.#folder.read(name))
  }

  #unexpired(challenge: Challenge | undefined): Challenge | undefined {
    return challenge !== undefined && challenge.expiresAt > this.#now() ? challenge : undefined
  }
}

/** What `act` gives, or StoreFailed once it takes longer than this: a folder that hangs must not hang its readers. */
async function within<T>(ms: number, act: Promise<T> | undefined): Promise<T | undefined> {
  const patience = new AbortController()
  const timeout = pause(ms, undefined, { signal: patience.signal }).then(() => {
    throw storeFailed('reading the tokens', `no answer within ${ms} ms`)
  })
  try {
    return await Promise.race([act, timeout])
  } finally {
    patience.abort()
  }
}
