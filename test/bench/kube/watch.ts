/** A list that stays true, whatever happens to the watch behind it: each kind of end on a real API server. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { KubeClient } from '../../../src/kube/client.ts'
import type { ConfigMap } from '../../../src/kube/object.ts'
import { watchObjects, type Watch, type WatchOptions } from '../../../src/kube/watch.ts'
import type { WatchEnd } from '../../../src/kube/watch-end.ts'
import { until } from '../fixtures/until.ts'
import { grant, startCluster, tokenFor } from './fixtures/cluster.ts'
import { startCut } from './fixtures/cut.ts'
import { readChallenges } from './fixtures/rights.ts'

// Without the server's watch cache a watch comes from etcd itself, which forgets old versions when it is told to.
const cluster = await startCluster(t, ['--watch-cache=false'])

interface Followed {
  readonly watch: Watch
  /** Names of the objects as they are known now, and their values. */
  readonly known: Map<string, string>
  readonly ends: WatchEnd[]
  readonly lists: () => number
}

type More = Partial<WatchOptions<'configmaps'>>

function follow(t: Test, client: KubeClient, namespace: string, more: More = {}): Followed {
  const known = new Map<string, string>()
  const ends: WatchEnd[] = []
  let lists = 0
  const put = ({ metadata, data }: ConfigMap) => known.set(metadata.name ?? '', data?.value ?? '')
  const watch = watchObjects({
    client,
    at: { resource: 'configmaps', namespace },
    async listed(items) {
      lists += 1
      known.clear()
      items.forEach(put)
    },
    changed: ({ type, object }) =>
      void (type === 'DELETED' ? known.delete(object.metadata.name ?? '') : put(object)),
    ended: (end) => void ends.push(end),
    ...more,
  })
  t.teardown(() => watch.stop())
  return { watch, known, ends, lists: () => lists }
}

const place = (namespace: string) => `/api/v1/namespaces/${namespace}/configmaps`
const make = (namespace: string, name: string, value = 'first') =>
  cluster.must('POST', place(namespace), { metadata: { name }, data: { value } })
const set = (namespace: string, name: string, value: string) =>
  cluster.must('PATCH', `${place(namespace)}/${name}`, { data: { value } })
const drop = (namespace: string, name: string) => cluster.must('DELETE', `${place(namespace)}/${name}`)

async function scene(t: Test, more: More & { readonly cut?: true } = {}) {
  const namespace = await cluster.namespace()
  const cut = await startCut(t, cluster.api().port)
  const through = more.cut ? cut.port : undefined
  const account = await cluster.account(namespace, { [namespace]: [readChallenges] }, through)
  await make(namespace, 'there')
  const { cut: _, ...options } = more
  const followed = follow(t, account.client, namespace, options)
  const sees = (wanted: Record<string, string>, what: string) =>
    until(
      () => JSON.stringify(Object.fromEntries([...followed.known].sort())),
      (text) => text === JSON.stringify(wanted),
      { what, every: 5 },
    )
  await until(() => followed.watch.state().open, Boolean, { what: 'the watch is open' })
  return { namespace, cut, account, ...followed, sees }
}

t.test('what is there is listed, what changes is told', async (t) => {
  const { namespace, sees, watch, lists } = await scene(t)
  t.equal(await watch.synced(), true)
  await sees({ there: 'first' }, 'the list')
  await make(namespace, 'new')
  await sees({ new: 'first', there: 'first' }, 'made')
  await set(namespace, 'new', 'second')
  await sees({ new: 'second', there: 'first' }, 'changed')
  await drop(namespace, 'there')
  await sees({ new: 'second' }, 'removed')
  t.equal(lists(), 1)
  t.ok(watch.state().ageMs < 5_000)
  t.strictSame({ ...watch.state(), ageMs: 0 }, { synced: true, open: true, ageMs: 0 })
})

t.test('the server ends a watch after its time: listed anew, nothing lost', async (t) => {
  const { namespace, sees, ends, lists } = await scene(t, { lifetimeSeconds: 1 })
  for (let turn = 0; turn < 8; turn++) {
    await set(namespace, 'there', `turn ${turn}`)
    await sees({ there: `turn ${turn}` }, 'told')
    await pause(300)
  }
  t.ok(lists() >= 3, `${lists()} lists`)
  t.ok(
    ends.every(({ end }) => end === 'closed'),
    JSON.stringify(ends.map(({ end }) => end)),
  )
})

t.test('a connection that breaks', async (t) => {
  const { namespace, cut, sees, ends } = await scene(t, { cut: true })
  for (const value of ['one', 'two', 'three']) {
    cut.sever()
    await set(namespace, 'there', value)
    await sees({ there: value }, value)
  }
  t.match(ends[0], { end: 'failed', failure: { kind: 'unreachable', detail: /configmaps in namespace/ } })
})

t.test('a watch that goes silent is given up, and what it missed is in the next list', async (t) => {
  const { namespace, cut, sees, ends, watch } = await scene(t, { cut: true, quietMs: 1_000 })
  cut.freeze()
  await make(namespace, 'missed')
  await drop(namespace, 'there')
  await until(() => ends.length > 0, Boolean, { what: 'it is given up' })
  t.strictSame(ends[0], { end: 'silent' })
  t.equal(watch.state().open, false)
  t.match(watch.state().fault, /silent/)
  cut.thaw()
  await sees({ missed: 'first' }, 'the next list')
})

t.test('a silent watch without changes begins anew as well, and is no fault', async (t) => {
  const { ends, lists, watch } = await scene(t, { quietMs: 500 })
  await until(() => lists() >= 3, Boolean, { what: 'two silences' })
  t.strictSame(ends[0], { end: 'silent' })
  await until(() => watch.state().open, Boolean, { what: 'open again' })
  t.equal(watch.state().fault, undefined)
})

t.test('410 Gone: the version is no longer kept when the watch begins', async (t) => {
  const namespace = await cluster.namespace()
  const { client } = await cluster.account(namespace, { [namespace]: [readChallenges] })
  await make(namespace, 'there')
  let held = true
  const { ends, known } = follow(t, client, namespace, {
    async listed(items) {
      known.clear()
      for (const { metadata, data } of items) known.set(metadata.name ?? '', data?.value ?? '')
      if (!held) return
      held = false
      // Between the list and its watch: two changes, and everything before them is forgotten.
      await set(namespace, 'there', 'second')
      await make(namespace, 'new')
      await cluster.etcd.compact()
    },
  })
  await until(
    () => known.size,
    (size) => size === 2,
    { what: 'the list after 410' },
  )
  t.equal(known.get('there'), 'second')
  t.match(ends, [{ end: 'failed', failure: { kind: 'gone' } }])
})

t.test('the API server is stopped and started', async (t) => {
  const { namespace, sees, watch, ends } = await scene(t)
  await cluster.stop()
  await until(() => watch.state().fault, Boolean, { what: 'it is noticed' })
  t.equal(watch.state().open, false)
  t.equal(watch.state().synced, true, 'what is known is still known')
  await pause(2_000)
  await cluster.start(['--watch-cache=false'])
  await make(namespace, 'after')
  await sees({ after: 'first', there: 'first' }, 'after the start')
  t.ok(ends.length < 60, `${ends.length} tries, no hot loop`)
})

t.test('401: the token is read again, and the watch goes on with the new one', async (t) => {
  const namespace = await cluster.namespace()
  const account = await cluster.account(namespace, { [namespace]: [readChallenges] })
  writeFileSync(join(account.folder, 'token'), 'not.a.token')
  await make(namespace, 'there')
  const { watch, ends } = follow(t, account.client, namespace)
  await until(() => ends.length >= 2, Boolean, { what: 'refused twice' })
  t.match(ends[0], { end: 'failed', failure: { kind: 'unauthorized' } })
  t.equal(watch.state().synced, false)
  writeFileSync(join(account.folder, 'token'), account.token)
  t.equal(await watch.synced(), true)
})

t.test(
  'a token that is no longer good is refused within the life of a watch; the next one is read',
  async (t) => {
    const namespace = await cluster.namespace()
    const account = await cluster.account(namespace, { [namespace]: [readChallenges] })
    const { name } = account
    const pods = `/api/v1/namespaces/${namespace}/pods`
    const podBody = {
      metadata: { name: 'mortal' },
      spec: { serviceAccountName: name, containers: [{ name: 'c', image: 'none' }] },
    }
    await cluster.must('POST', pods, podBody)
    const bound = { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: 'mortal' } }
    writeFileSync(join(account.folder, 'token'), await tokenFor(cluster, namespace, name, bound))
    const { ends, watch, lists } = follow(t, account.client, namespace, { lifetimeSeconds: 1 })
    await watch.synced()
    await cluster.must('DELETE', `${pods}/mortal?gracePeriodSeconds=0`)
    await until(
      () => ends.some((end) => end.end === 'failed' && end.failure.kind === 'unauthorized'),
      Boolean,
      {
        what: 'the token of a pod that is gone is refused',
      },
    )
    writeFileSync(join(account.folder, 'token'), account.token)
    const before = lists()
    await until(() => lists() > before && watch.state().open, Boolean, { what: 'it goes on' })
    t.pass('it goes on with the token that was put there')
  },
)

t.test('403: told with the right that is missing; given, the list is there within seconds', async (t) => {
  const namespace = await cluster.namespace()
  const account = await cluster.account(namespace, {})
  const { ends, watch } = follow(t, account.client, namespace)
  await until(() => ends.length > 0, Boolean, { what: 'refused' })
  t.match(ends[0], { failure: { kind: 'forbidden', detail: /may not list configmaps/ } })
  t.match(watch.state().fault, /may not list configmaps/)
  await pause(3_000)
  t.equal(ends.length, 1, 'a person gives the right: nothing is gained by asking often')
  await grant(cluster, { namespace, name: account.name }, namespace, [readChallenges])
  t.equal(await watch.synced(), true)
})

t.test('a list of several pages is whole', async (t) => {
  const namespace = await cluster.namespace()
  const names = Array.from({ length: 1_100 }, (_, index) => `c${index}`)
  for (let start = 0; start < names.length; start += 50) {
    await Promise.all(names.slice(start, start + 50).map((name) => make(namespace, name)))
  }
  const reply = await cluster.admin.list({ resource: 'configmaps', namespace })
  t.equal('ok' in reply && reply.ok.items.length, 1_100)
})

t.test('a watch that is stopped while it waits ends at once, and synced says no', async (t) => {
  const namespace = await cluster.namespace()
  const { client } = await cluster.account(namespace, {})
  const { watch, ends } = follow(t, client, namespace)
  await until(() => ends.length > 0, Boolean, { what: 'refused' })
  await watch.stop()
  t.equal(await watch.synced(), false)
})
