/** Bookmarks are what tells a quiet watch from a dead one: an idle watch must outlive the bound on silence by them alone. */
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { defaultQuietMs, watchObjects } from '../../../src/kube/watch.ts'
import type { WatchEnd } from '../../../src/kube/watch-end.ts'
import { startCluster } from './fixtures/cluster.ts'
import { readChallenges } from './fixtures/rights.ts'

const cluster = await startCluster(t)

t.test('nothing happens for longer than the bound, and the watch stays', async (t) => {
  const namespace = await cluster.namespace()
  const { client } = await cluster.account(namespace, { [namespace]: [readChallenges] })
  const ends: WatchEnd[] = []
  const watch = watchObjects({
    client,
    at: { resource: 'configmaps', namespace },
    listed: () => {},
    changed: () => {},
    ended: (end) => void ends.push(end),
  })
  t.teardown(() => watch.stop())
  await watch.synced()
  let oldest = 0
  const end = Date.now() + defaultQuietMs + 5_000
  while (Date.now() < end) {
    oldest = Math.max(oldest, watch.state().ageMs)
    await pause(250)
  }
  t.strictSame(ends, [])
  t.ok(oldest < defaultQuietMs, `the longest silence was ${(oldest / 1000).toFixed(1)} s`)
  t.comment(`longest silence ${(oldest / 1000).toFixed(1)} s`)
})
