import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { memoryChallengeStore } from '../../src/challenge/memory-store.ts'
import { storeFailed } from '../../src/disk/store-failed.ts'
import { lateStores, type OpenStores } from '../../src/serve/late-stores.ts'
import { memoryLeadership } from '../../src/state/memory-leadership.ts'
import { memoryStateStore } from '../../src/state/memory-store.ts'

const silent = { warn: () => undefined }

function opened(): OpenStores {
  const watch = {
    state: () => ({ synced: true, open: true, ageMs: 0 }),
    synced: async () => true,
    stop: async () => undefined,
  }
  return {
    state: memoryStateStore(),
    challenges: memoryChallengeStore(),
    leadership: memoryLeadership(),
    follow: () => watch,
    watchRequests(wake) {
      wake()
      return watch
    },
    followStatus: () => ({
      latest: async () => ({ told: undefined, fault: 'nobody told' }),
      stop: watch.stop,
    }),
  }
}

t.test('what cannot be opened fails whoever asks, and is tried again by the next', async (t) => {
  let tries = 0
  const stores = lateStores(async () => {
    if (++tries < 3) throw storeFailed('reaching the cluster', 'no token')
    return opened()
  }, silent)
  await t.rejects(async () => stores.challenges.find('a'), {
    message: 'StoreFailed: reaching the cluster: no token',
  })
  await t.rejects(stores.leadership.tryAcquire(), { message: /no token/ })
  t.equal(await stores.challenges.find('a'), undefined)
  const version = await stores.state.write('certificate/book', '{}', undefined)
  t.strictSame(await stores.state.list('certificate'), ['certificate/book'])
  t.match(await stores.state.read('certificate/book'), { text: '{}', version })
  await stores.state.remove('certificate/book', version)
  t.strictSame(await stores.challenges.list(), [])
  const held = await stores.leadership.tryAcquire()
  t.ok(held)
  t.type(await stores.leadership.holder(), 'string')
  await held?.release()
  t.equal(tries, 3, 'opened once')
})

t.test('following begins when the stores are open, and says why until then', async (t) => {
  const gate = Promise.withResolvers<OpenStores>()
  const stores = lateStores(() => gate.promise, silent)
  const followed = stores.follow?.()
  t.strictSame(followed?.state(), { ready: false, detail: 'the cluster is not reached yet' })
  const status = stores.followStatus?.()
  t.match(await status?.latest(), { told: undefined, fault: 'the cluster is not reached yet' })
  let woken = 0
  const unwatch = stores.watchRequests(() => void woken++)
  gate.resolve(opened())
  await sleep(10)
  t.strictSame(followed?.state(), { ready: true, detail: 'every token is known' })
  t.match(await status?.latest(), { fault: 'nobody told' })
  t.equal(woken, 1)
  await Promise.all([followed?.stop(), status?.stop(), unwatch()])
})

t.test('a store that never opens is told once, shown, and let go', async (t) => {
  const lines: object[] = []
  const stores = lateStores(() => Promise.reject(storeFailed('reaching the cluster', 'no token')), {
    warn: (fields) => void lines.push(fields),
  })
  const followed = stores.follow?.()
  await sleep(10)
  t.match(followed?.state(), { ready: false, detail: /no token/ })
  t.match(lines, [{ detail: /no token/, retryInMs: 5_000 }])
  await followed?.stop()
})
