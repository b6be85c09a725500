/**
 * Tokens as ConfigMaps of port80's namespace: the worker writes them, every responder answers from memory.
 *
 * - A responder follows the objects with a watch (`follow`). What it knows it goes on answering while the API server is
 *   away; what was removed or replaced meanwhile is answered in its old form until the watch is back or it expires.
 * - A token that is not in memory may have been written a moment ago, so it is read from the API server, once. Strangers
 *   may ask for any token, so that is bounded: `readsPerSecond` single reads, and none for a token that was missed within
 *   the last second. Further misses wait for one list that all of them share, at most four a second. So a flood costs the
 *   API server a fixed amount, and still hides no token from the CA.
 *
 * Rights: a responder needs get, list and watch on ConfigMaps of the namespace; the worker also create, patch and delete.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { faultOfChallenge } from '../challenge/challenge-record.ts'
import { ReadBudget } from '../challenge/read-budget.ts'
import type { Challenge, ChallengeStore, Found } from '../challenge/store.ts'
import { isToken } from '../challenge/token.ts'
import { ForeignFiles, type OnForeign } from '../disk/foreign.ts'
import { KeyedQueue } from '../disk/keyed-queue.ts'
import { Port80Failure } from '../reason.ts'
import { storeFailure } from './api-failure.ts'
import { ChallengeMemory, type Seen } from './challenge-memory.ts'
import {
  challengeLabels,
  challengeObject,
  challengeObjectName,
  readChallengeObject,
} from './challenge-object.ts'
import type { KubeClient } from './client.ts'
import type { ConfigMap } from './object.ts'
import type { Page } from './page.ts'
import type { ObjectAt, ObjectsAt } from './resource-path.ts'
import type { WatchEnd } from './watch-end.ts'
import { watchObjects, type Watch } from './watch.ts'

export interface KubeChallengeStoreOptions {
  readonly client: KubeClient
  readonly namespace: string
  readonly onForeign: OnForeign
  /** A responder: nothing is written, so that `list` removes nothing either. */
  readonly readOnly?: boolean
  readonly readsPerSecond?: number
  /** Epoch milliseconds, for expiry. */
  readonly now?: () => number
}

export interface KubeChallengeStore extends ChallengeStore {
  /** Keeps memory in step from now on; `synced` of what it gives says when all tokens are known. */
  follow(options?: {
    readonly ended?: (end: WatchEnd, delayMs: number) => void
    readonly quietMs?: number
  }): Watch
}

export function kubeChallengeStore(options: KubeChallengeStoreOptions): KubeChallengeStore {
  return new ConfigMapChallengeStore(options)
}

const defaultReadsPerSecond = 50
const missRememberedMs = 1_000
const sharedLookEveryMs = 250
/** The CA waits ten seconds for an answer, the public server five for the store. */
const readDeadlineMs = 2_000
/** Expired objects stay this long: clocks differ. */
const sweepGraceMs = 10 * 60 * 1_000

class ConfigMapChallengeStore implements KubeChallengeStore {
  readonly #client: KubeClient
  readonly #all: ObjectsAt<'configmaps'>
  readonly #namespace: string
  readonly #readOnly: boolean
  readonly #now: () => number
  readonly #foreign: ForeignFiles
  readonly #memory = new ChallengeMemory()
  readonly #queue = new KeyedQueue()
  readonly #budget: ReadBudget
  /** Token → when it was found to be missing. As many as are read in a second, and no more. */
  readonly #missed = new Map<string, number>()
  #sharedLook: Promise<ReadonlyMap<string, Seen>> | undefined
  /** Without a watch nothing would tell what is in memory that it is outdated: then nothing is kept there. */
  #follows = false

  constructor(options: KubeChallengeStoreOptions) {
    this.#client = options.client
    this.#namespace = options.namespace
    this.#all = { resource: 'configmaps', namespace: options.namespace, labels: challengeLabels }
    this.#readOnly = options.readOnly ?? false
    this.#now = options.now ?? Date.now
    this.#foreign = new ForeignFiles(options.onForeign)
    this.#budget = new ReadBudget(options.readsPerSecond ?? defaultReadsPerSecond, () => performance.now())
  }

  follow({ ended, quietMs }: Parameters<KubeChallengeStore['follow']>[0] = {}): Watch {
    this.#follows = true
    return watchObjects({
      client: this.#client,
      at: this.#all,
      ...(ended && { ended }),
      ...(quietMs !== undefined && { quietMs }),
      listed: (items, resourceVersion) => void this.#takeIn({ items, resourceVersion }),
      changed: ({ type, object }) => {
        const challenge = this.#read(object)
        if (!challenge) return
        if (type === 'DELETED') this.#memory.removed(challenge.token, object.metadata.resourceVersion)
        else this.#remember({ challenge, version: object.metadata.resourceVersion })
      },
    })
  }

  async present(challenge: Challenge): Promise<void> {
    const fault = faultOfChallenge(challenge)
    if (fault !== undefined)
      throw new Port80Failure({ reason: 'InternalError', detail: `challenge ${fault}` })
    await this.#queue.run(challenge.token, async () => {
      const reply = await this.#client.apply(this.#at(challenge.token), challengeObject(challenge))
      if (!('ok' in reply)) throw storeFailure(reply.failure)
      this.#memory.dropExpired(this.#now())
      this.#remember({ challenge, version: reply.ok.metadata.resourceVersion })
    })
  }

  find(token: string): Found {
    const known = this.#unexpired(this.#memory.get(token))
    if (known !== undefined || !isToken(token)) return known
    return this.#look(token).then((challenge) => this.#unexpired(challenge))
  }

  async cleanUp(token: string): Promise<void> {
    if (!isToken(token)) return
    await this.#queue.run(token, async () => {
      const reply = await this.#client.remove(this.#at(token), undefined)
      if ('failure' in reply && reply.failure.kind !== 'notFound') throw storeFailure(reply.failure)
      this.#memory.removedByUs(token)
    })
  }

  async list(): Promise<readonly Challenge[]> {
    const reply = await this.#client.list(this.#all)
    if (!('ok' in reply)) throw storeFailure(reply.failure)
    const found = [...this.#takeIn(reply.ok).values()]
    const now = this.#now()
    const outdated = found.filter(({ challenge }) => challenge.expiresAt + sweepGraceMs <= now)
    if (!this.#readOnly)
      for (const { challenge, version } of outdated) await this.#sweep(challenge.token, version)
    return found.map(({ challenge }) => challenge).filter((challenge) => challenge.expiresAt > now)
  }

  /** On the version that was listed: an order that went on after a crash may have presented its token anew since. */
  async #sweep(token: string, version: string | undefined): Promise<void> {
    await this.#queue.run(token, async () => {
      const reply = await this.#client.remove(this.#at(token), version)
      if ('ok' in reply) this.#memory.removed(token, version)
    })
  }

  async #look(token: string): Promise<Challenge | undefined> {
    if (!this.#missedLately(token) && this.#budget.take()) return this.#readOne(token)
    const all = await (this.#sharedLook ??= this.#lookTogether())
    return all.get(token)?.challenge
  }

  async #readOne(token: string): Promise<Challenge | undefined> {
    const reply = await this.#client.get(this.#at(token), { deadlineMs: readDeadlineMs })
    if ('ok' in reply) {
      const challenge = this.#read(reply.ok)
      if (challenge) this.#remember({ challenge, version: reply.ok.metadata.resourceVersion })
      return challenge
    }
    if (reply.failure.kind !== 'notFound') throw storeFailure(reply.failure)
    this.#missed.set(token, performance.now())
    return undefined
  }

  async #lookTogether(): Promise<ReadonlyMap<string, Seen>> {
    await pause(sharedLookEveryMs)
    this.#sharedLook = undefined // whoever comes now needs a look that begins later
    const reply = await this.#client.list(this.#all, { deadlineMs: readDeadlineMs })
    if (!('ok' in reply)) throw storeFailure(reply.failure)
    return this.#takeIn(reply.ok)
  }

  #remember({ challenge, version }: Seen): void {
    this.#missed.delete(challenge.token)
    if (this.#follows) this.#memory.put(challenge, version)
  }

  #missedLately(token: string): boolean {
    const since = performance.now() - missRememberedMs
    for (const [missed, at] of this.#missed) {
      if (at > since) break // in the order in which they were missed
      this.#missed.delete(missed)
    }
    return this.#missed.has(token)
  }

  #takeIn(page: Page<ConfigMap>): ReadonlyMap<string, Seen> {
    const found = new Map<string, Seen>()
    for (const object of page.items) {
      const challenge = this.#read(object)
      if (challenge) found.set(challenge.token, { challenge, version: object.metadata.resourceVersion })
    }
    if (this.#follows) this.#memory.reconcile(found, page.resourceVersion)
    return found
  }

  #read(object: ConfigMap): Challenge | undefined {
    const path = `ConfigMap ${this.#namespace}/${object.metadata.name ?? ''}`
    const read = readChallengeObject(object)
    if ('ok' in read) {
      this.#foreign.mended(path)
      return read.ok
    }
    this.#foreign.report(path, read.fault)
    return undefined
  }

  #at(token: string): ObjectAt<'configmaps'> {
    return { resource: 'configmaps', namespace: this.#namespace, name: challengeObjectName(token) }
  }

  #unexpired(challenge: Challenge | undefined): Challenge | undefined {
    return challenge !== undefined && challenge.expiresAt > this.#now() ? challenge : undefined
  }
}
