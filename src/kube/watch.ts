/**
 * A list that stays true: list, watch, and both again after every kind of end, for ever.
 *
 * What a watch misses it misses in silence, so two things are bounded here: the time without a sign of life, and the time a
 * watch lives at all. Both end in a new list. Signs of life are events and bookmarks. The server sends a bookmark a minute,
 * but only when it knows of a newer version than the watch began with; where nothing of that kind is ever written and etcd
 * reports no progress, a sound watch is silent. So silence is no fault, only a reason to look: one list every 90 s.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { KubeClient } from './client.ts'
import type { ResourceName, Resources } from './object.ts'
import type { ObjectsAt } from './resource-path.ts'
import { afterEnd, wordsForEnd, type WatchEnd } from './watch-end.ts'
import { readWatch, type WatchEvent } from './watch-stream.ts'

export interface WatchOptions<R extends ResourceName> {
  readonly client: KubeClient
  readonly at: ObjectsAt<R>
  /** All there is; called at the beginning and after every end. Events after it are later than it. */
  readonly listed: (items: readonly Resources[R][], resourceVersion: string) => void | Promise<void>
  readonly changed: (event: WatchEvent<Resources[R]>) => void
  /** For the log: every end that was not asked for, and when the next try is. */
  readonly ended?: (end: WatchEnd, delayMs: number) => void
  /** Milliseconds without a byte, after which the list is read anew. */
  readonly quietMs?: number
  /** Seconds that a watch lives; up to a fifth more at random, so that replicas do not list all at once. */
  readonly lifetimeSeconds?: number
}

export interface WatchState {
  /** The list was read at least once. */
  readonly synced: boolean
  /** A watch is open now: what is known is at most as old as the last sign of life. */
  readonly open: boolean
  /** Milliseconds since the last list, event or bookmark; Infinity before the first. */
  readonly ageMs: number
  /** How it ended last, where it has not been open since. */
  readonly fault?: string
}

export interface Watch {
  state(): WatchState
  /** Resolves with true when the list was read, with false when the watch is stopped before. */
  synced(): Promise<boolean>
  stop(): Promise<void>
}

export const defaultQuietMs = 90_000
const defaultLifetimeSeconds = 300

/** Starts at once. Never rejects and never gives up. */
export function watchObjects<R extends ResourceName>(options: WatchOptions<R>): Watch {
  return new Loop(options)
}

class Loop<R extends ResourceName> implements Watch {
  readonly #options: WatchOptions<R>
  readonly #stop = new AbortController()
  readonly #done: Promise<void>
  readonly #firstList = Promise.withResolvers<boolean>()
  #synced = false
  #open = false
  #heardAt = -Infinity
  #openedAt: number | undefined
  #fault: string | undefined

  constructor(options: WatchOptions<R>) {
    this.#options = options
    this.#done = this.#run()
  }

  state(): WatchState {
    return {
      synced: this.#synced,
      open: this.#open,
      ageMs: performance.now() - this.#heardAt,
      ...(this.#fault !== undefined && { fault: this.#fault }),
    }
  }

  synced(): Promise<boolean> {
    return this.#firstList.promise
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#done
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    let inRow = 0
    while (!signal.aborted) {
      const end = await this.#once(signal)
      if (end === undefined) break
      const openMs = this.#openedAt === undefined ? 0 : performance.now() - this.#openedAt
      const next = afterEnd({ end, openMs, before: inRow, random: Math.random() })
      inRow = next.inRow
      this.#fault = wordsForEnd(end)
      this.#options.ended?.(end, next.delayMs)
      if (next.freshCredentials) this.#options.client.forgetCredentials()
      await pause(next.delayMs, undefined, { signal }).catch(() => undefined)
    }
    this.#firstList.resolve(false)
  }

  /** Undefined: stopped. */
  async #once(signal: AbortSignal): Promise<WatchEnd | undefined> {
    this.#openedAt = undefined
    try {
      return await this.#listAndWatch(signal)
    } catch (error) {
      return signal.aborted ? undefined : { end: 'refused', error }
    } finally {
      this.#open = false
    }
  }

  async #listAndWatch(signal: AbortSignal): Promise<WatchEnd | undefined> {
    const { client, at, changed, quietMs = defaultQuietMs } = this.#options
    const list = await client.list(at, { signal })
    if (!('ok' in list)) return { end: 'failed', failure: list.failure }
    await this.#options.listed(list.ok.items, list.ok.resourceVersion)
    this.#heard()
    this.#synced = true
    this.#firstList.resolve(true)
    // The stream has a signal of its own, so that nothing stays registered with the one that outlives it.
    const ending = new AbortController()
    const end = () => ending.abort()
    signal.addEventListener('abort', end, { once: true })
    try {
      const from = { resourceVersion: list.ok.resourceVersion, timeoutSeconds: this.#lifetime() }
      const opened = await client.watch(at, from, { signal: ending.signal })
      if (!('ok' in opened)) return { end: 'failed', failure: opened.failure }
      this.#opened()
      const act = { verb: 'watch', ...at } as const
      const how = await readWatch(opened.ok, { act, quietMs, heard: () => this.#heard(), changed })
      return signal.aborted ? undefined : how
    } finally {
      signal.removeEventListener('abort', end)
      ending.abort()
    }
  }

  #opened(): void {
    this.#heard()
    this.#openedAt = this.#heardAt
    this.#open = true
    this.#fault = undefined
  }

  #heard(): void {
    this.#heardAt = performance.now()
  }

  #lifetime(): number {
    const seconds = this.#options.lifetimeSeconds ?? defaultLifetimeSeconds
    return Math.round(seconds * (1 + Math.random() / 5))
  }
}
