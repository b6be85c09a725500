/**
 * Stores that are opened when they are first asked: the public server redirects while a cluster cannot be reached yet, and
 * every caller is told so by the contract's own failure.
 */
import type { PublishedReader } from '../kube/published-reader.ts'
import type { Watch } from '../kube/watch.ts'
import type { Followed, Stores } from './stores.ts'

export interface OpenStores extends Pick<Stores, 'state' | 'challenges' | 'leadership'> {
  /** Keeps tokens in memory from now on. */
  follow(): Watch
  watchRequests(wake: () => void): Watch
  followStatus(): PublishedReader
}

const openAgainMs = 5_000

/** `open` rejects with Port80Failure StoreFailed; it is called again then. */
export function lateStores(
  open: () => Promise<OpenStores>,
  log: { warn(fields: object, message: string): void },
): Stores {
  let opened: Promise<OpenStores> | undefined
  const stores = () =>
    (opened ??= open().catch((error: unknown) => {
      opened = undefined
      throw error
    }))
  return {
    state: {
      read: async (key) => (await stores()).state.read(key),
      write: async (key, text, expected) => (await stores()).state.write(key, text, expected),
      remove: async (key, expected) => (await stores()).state.remove(key, expected),
      list: async (kind) => (await stores()).state.list(kind),
    },
    challenges: {
      present: async (challenge) => (await stores()).challenges.present(challenge),
      find: async (token) => (await stores()).challenges.find(token),
      cleanUp: async (token) => (await stores()).challenges.cleanUp(token),
      list: async () => (await stores()).challenges.list(),
    },
    leadership: {
      tryAcquire: async () => (await stores()).leadership.tryAcquire(),
      holder: async () => (await stores()).leadership.holder(),
      whenFree: async (signal) => (await stores()).leadership.whenFree?.(signal),
    },
    follow: () => followed(persistently(stores, (each) => each.follow(), log)),
    watchRequests(wake) {
      const watching = persistently(stores, (each) => each.watchRequests(wake), log)
      return () => watching.stop()
    },
    followStatus: () => heard(persistently(stores, (each) => each.followStatus(), log)),
  }
}

function heard(following: Persistent<PublishedReader>): PublishedReader {
  return {
    latest: async () =>
      (await following.begun()?.latest()) ?? { told: undefined, fault: following.fault() ?? notReached },
    stop: () => following.stop(),
  }
}

function followed(following: Persistent<Watch>): Followed {
  return {
    state() {
      const watch = following.begun()
      if (!watch) return { ready: false, detail: following.fault() ?? notReached }
      const { synced, open, ageMs, fault } = watch.state()
      if (open) return { ready: true, detail: 'every token is known' }
      const seen = synced ? `as they were ${Math.round(ageMs / 1_000)} s ago` : 'not read yet'
      return { ready: synced, detail: fault === undefined ? seen : `${seen}: ${fault}` }
    },
    stop: () => following.stop(),
  }
}

const notReached = 'the cluster is not reached yet'

interface Persistent<T> {
  /** Undefined until the stores are open. */
  begun(): T | undefined
  /** Why they are not. */
  fault(): string | undefined
  stop(): Promise<void>
}

/** Opens the stores, again and again until it works, and then begins. */
function persistently<T extends { stop(): Promise<void> }>(
  stores: () => Promise<OpenStores>,
  begin: (stores: OpenStores) => T,
  log: { warn(fields: object, message: string): void },
): Persistent<T> {
  let begun: T | undefined
  let fault: string | undefined
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  const tryOnce = async () => {
    try {
      const open = await stores()
      fault = undefined
      if (!stopped) begun = begin(open)
    } catch (error) {
      const detail = error instanceof Error ? error.message : 'cannot be opened'
      if (detail !== fault)
        log.warn({ detail, retryInMs: openAgainMs }, 'the store is not reached; tried for ever')
      fault = detail
      if (!stopped) timer = setTimeout(() => void tryOnce(), openAgainMs)
    }
  }
  void tryOnce()
  return {
    begun: () => begun,
    fault: () => fault,
    async stop() {
      stopped = true
      clearTimeout(timer)
      await begun?.stop()
    },
  }
}
