/**
 * Stores that are opened when they are first asked: the public server redirects while a cluster cannot be reached yet, and
 * every caller is told so by the contract's own failure.
 */
import type { Watch } from '../kube/watch.ts'
import type { Followed, Stores } from './stores.ts'

export interface OpenStores extends Pick<Stores, 'state' | 'challenges' | 'leadership'> {
  /** Keeps tokens in memory from now on. */
  follow(): Watch
  watchRequests(wake: () => void): Watch
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
  }
}

function followed(following: ReturnType<typeof persistently>): Followed {
  return {
    state() {
      const watch = following.watch()
      if (!watch) return { ready: false, detail: following.fault() ?? 'the cluster is not reached yet' }
      const { synced, open, ageMs, fault } = watch.state()
      if (open) return { ready: true, detail: 'every token is known' }
      const seen = synced ? `as they were ${Math.round(ageMs / 1_000)} s ago` : 'not read yet'
      return { ready: synced, detail: fault === undefined ? seen : `${seen}: ${fault}` }
    },
    stop: () => following.stop(),
  }
}

/** Opens the stores, again and again until it works, and then the watch. */
function persistently(
  stores: () => Promise<OpenStores>,
  begin: (stores: OpenStores) => Watch,
  log: { warn(fields: object, message: string): void },
) {
  let watch: Watch | undefined
  let fault: string | undefined
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  const begun = async () => {
    try {
      const open = await stores()
      fault = undefined
      if (!stopped) watch = begin(open)
    } catch (error) {
      const detail = error instanceof Error ? error.message : 'cannot be opened'
      if (detail !== fault)
        log.warn({ detail, retryInMs: openAgainMs }, 'the store is not reached; tried for ever')
      fault = detail
      if (!stopped) timer = setTimeout(() => void begun(), openAgainMs)
    }
  }
  void begun()
  return {
    watch: () => watch,
    fault: () => fault,
    async stop() {
      stopped = true
      clearTimeout(timer)
      await watch?.stop()
    },
  }
}
