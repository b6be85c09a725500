/** The whole picture of the leader in one ConfigMap of a real API server, and whoever reads it. */
import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import { followPublished, readPublished, type Hearsay } from '../../../src/kube/published-reader.ts'
import { statusPublisher } from '../../../src/kube/published-status.ts'
import type { ConfigMap } from '../../../src/kube/object.ts'
import type { CertificateStatus, StatusSnapshot } from '../../../src/status/snapshot.ts'
import { badDay, book, goodDay } from '../../status/fixtures/page-snapshots.ts'
import { until as waitUntil } from '../fixtures/until.ts'
import { requestsAtRest, requestsSoFar } from './fixtures/api-load.ts'
import { startCluster } from './fixtures/cluster.ts'
import { publishStatus, readChallenges } from './fixtures/rights.ts'

const cluster = await startCluster(t)

async function scene() {
  const namespace = await cluster.namespace()
  const worker = await cluster.account(namespace, { [namespace]: [publishStatus] })
  const responder = await cluster.account(namespace, { [namespace]: [readChallenges] })
  const path = `/api/v1/namespaces/${namespace}/configmaps`
  const publisher = (by: string, mayWrite = async () => true) =>
    statusPublisher({ client: worker.client, namespace, by, mayWrite })
  return {
    namespace,
    responder,
    publisher,
    follow: () => followPublished({ client: responder.client, namespace }),
    read: () => readPublished(responder.client, namespace),
    look: () => cluster.must<ConfigMap>('GET', `${path}/port80-status`),
    make: (object: object) => cluster.must('POST', path, { metadata: { name: 'port80-status' }, ...object }),
    change: (patch: object) => cluster.must('PATCH', `${path}/port80-status`, patch),
    remove: () => cluster.must('DELETE', `${path}/port80-status`),
  }
}

const until = (ask: () => Promise<Hearsay>, is: (hearsay: Hearsay) => boolean): Promise<Hearsay> =>
  waitUntil(ask, is, { what: 'seen', every: 20 })

t.test('what the leader publishes is seen by a responder that has no right on Secrets', async (t) => {
  const { publisher, follow, look } = await scene()
  const reader = follow()
  t.teardown(() => reader.stop())
  t.match(await reader.latest(), { told: undefined, fault: /no ConfigMap port80-status/ })
  const leader = publisher('worker-1')
  const now = Date.now()
  t.same(await leader.publish({ ...badDay, at: now }, false), { did: 'wrote' })
  const { told, fault } = await until(reader.latest, (each) => each.told !== undefined)
  const { worker, store, holds, configuration, certificates } = badDay
  t.match(told, { by: 'worker-1', at: now, worker, store, holds, configuration, certificates, leftOut: 0 })
  t.equal(fault, undefined)
  t.match((await look()).metadata.labels, {
    'app.kubernetes.io/managed-by': 'port80',
    'port80.io/kind': 'status',
  })

  await leader.publish({ ...goodDay, at: now + 1 }, false)
  const next = await until(reader.latest, (each) => each.told?.certificates.length === 2)
  t.ok((next.told?.ageMs ?? Infinity) < 30_000)
})

t.test('without a change nothing is written, and a sign of life only writes the head', async (t) => {
  const { publisher, look } = await scene()
  const leader = publisher('worker-1')
  await leader.publish(goodDay, false)
  const first = await look()
  t.same(await leader.publish({ ...goodDay, at: goodDay.at + 5 }, false), { did: 'nothing' })
  t.equal((await look()).metadata.resourceVersion, first.metadata.resourceVersion)
  t.same(await leader.publish({ ...goodDay, at: goodDay.at + 5 }, true), { did: 'wrote' })
  const second = await look()
  t.not(second.data?.head, first.data?.head)
  t.equal(second.binaryData?.body, first.binaryData?.body)
})

t.test(
  'the next leader goes on from what the last one told, and the late write of that one is lost',
  async (t) => {
    const { publisher, look, read } = await scene()
    const [first, second] = [publisher('worker-1'), publisher('worker-2')]
    t.strictSame(await first.last(), { body: undefined })
    await first.publish(badDay, false)
    t.match(await second.last(), { body: { certificates: badDay.certificates } })
    t.same(await second.publish(goodDay, false), { did: 'wrote' })
    t.same(await first.publish({ ...badDay, certificates: [] }, false), { did: 'lost' })
    t.match((await read()).told, { by: 'worker-2', certificates: goodDay.certificates })
    const before = await look()
    const former = publisher('worker-3', async () => false)
    t.same(
      await former.publish({ ...badDay, certificates: [] }, true),
      { did: 'lost' },
      'who may not write does not',
    )
    t.equal((await look()).metadata.resourceVersion, before.metadata.resourceVersion)
  },
)

t.test('a removed object is made anew, and its readers keep what they knew and say so', async (t) => {
  const { publisher, follow, remove } = await scene()
  const leader = publisher('worker-1')
  await leader.publish(goodDay, false)
  const reader = follow()
  t.teardown(() => reader.stop())
  await until(reader.latest, (each) => each.told !== undefined)
  await remove()
  const kept = await until(reader.latest, (each) => each.fault !== undefined)
  t.match(kept, { told: { by: 'worker-1' }, fault: /no ConfigMap/ })
  t.same(await leader.publish(goodDay, true), { did: 'lost' })
  t.same(await leader.publish(goodDay, false), { did: 'wrote' }, 'whole, though nothing has changed')
  t.match(await until(reader.latest, (each) => each.fault === undefined), {
    told: { certificates: goodDay.certificates },
  })
})

t.test('an object of somebody else is neither written nor believed', async (t) => {
  const { publisher, read, make, look } = await scene()
  await make({ data: { mine: 'yes' } })
  t.match(await publisher('worker-1').publish(goodDay, false), { did: 'failed', fault: /is not port80's/ })
  t.match(await read(), { told: undefined, fault: /is not port80's/ })
  t.strictSame((await look()).data, { mine: 'yes' })
})

t.test('what is damaged is a fault in words, and the next write mends it', async (t) => {
  const { publisher, read, change } = await scene()
  await publisher('worker-1').publish(goodDay, false)
  const body = (bytes: Buffer) => ({ binaryData: { body: bytes.toString('base64') } })
  const rows: [string, object, RegExp][] = [
    ['bytes that are not packed', body(randomBytes(50)), /cannot be unpacked/],
    ['bytes that unpack without end', body(gzipSync(Buffer.alloc(70 * 1024 * 1024))), /cannot be unpacked/],
    ['another record', body(gzipSync('{"v":1,"certificates":[]}')), /not a record of this version/],
    ['a head that is none', { data: { head: '{}' } }, /head .* not a record of this version/],
  ]
  for (const [name, patch, fault] of rows) {
    await change(patch)
    t.match(await read(), { told: undefined, fault }, name)
  }
  t.same(await publisher('worker-2').publish(goodDay, false), { did: 'wrote' })
  t.match(await read(), { told: { by: 'worker-2', certificates: goodDay.certificates } })
})

t.test('the leader’s silence shows by its age, also while the API server is away', async (t) => {
  const { publisher, follow, read } = await scene()
  const old = { ...goodDay, at: Date.now() - 200_000 }
  await publisher('worker-1').publish(old, false)
  const age = (await read()).told?.ageMs ?? 0
  t.ok(age > 199_000 && age < 260_000, `${age} ms`)
  const reader = follow()
  t.teardown(() => reader.stop())
  await until(reader.latest, (each) => each.told !== undefined)
  await cluster.stop()
  const away = await until(reader.latest, (each) => each.fault !== undefined)
  t.match(away, { told: { certificates: goodDay.certificates }, fault: /API server|connection/ })
  await cluster.start()
  t.match(await until(reader.latest, (each) => each.fault === undefined), { told: { by: 'worker-1' } })
})

const hex = (bytes: number) => randomBytes(bytes).toString('hex')

/** Nothing of one certificate can be told from another's, and ten attempts each. */
function many(count: number, failureWords: () => string): StatusSnapshot {
  const certificates = Array.from({ length: count }, (_, index): CertificateStatus => {
    const failure = () =>
      ({ reason: 'AcmeUnauthorized', detail: failureWords(), identifier: `s${index}.example.com` }) as const
    const attempt = { why: 'RenewalTime', issuer: 'letsencrypt', outcome: 'failed' } as const
    return {
      ...book,
      name: `site-${index}`,
      domains: [`s${index}.example.com`, `www.s${index}.example.com`],
      current: { ...book.current!, serial: hex(18), notAfter: book.current!.notAfter + index * 7_919 },
      attempts: Array.from({ length: 10 }, (_, turn) => ({
        ...{ ...attempt, failure: failure() },
        at: index * 104_729 + turn * 7_907,
      })),
      destinations: [{ id: 'Secrets in namespace istio-system', state: 'installed' }],
    }
  })
  return { ...goodDay, certificates }
}

t.test('a thousand certificates with ten attempts each fit whole', async (t) => {
  const { publisher, read, look } = await scene()
  const snapshot = many(1_000, () => `203.0.113.7: Invalid response from http://${hex(4)}.example.com: 404`)
  t.same(await publisher('worker-1').publish(snapshot, false), { did: 'wrote' })
  t.ok(isDeepStrictEqual((await read()).told?.certificates, snapshot.certificates), 'as they were told')
  const bytes = Buffer.from((await look()).binaryData?.body ?? '', 'base64').length
  t.comment(`packed ${Math.round(bytes / 1_024)} KiB`)
  t.ok(bytes < 900 * 1_024)
})

t.test('what does not fit is shortened, and in the end left out and counted', async (t) => {
  const { publisher, read } = await scene()
  const leader = publisher('worker-1')
  const noisy = many(1_000, () => hex(250))
  t.same(await leader.publish(noisy, false), { did: 'wrote' })
  const shortened = (await read()).told
  t.equal(shortened?.leftOut, 0)
  t.equal(shortened?.certificates.length, 1_000)
  t.ok((shortened?.certificates[0]?.attempts.length ?? 10) < 10)
  const names = { ...noisy, certificates: noisy.certificates.map((each) => ({ ...each, next: hex(900) })) }
  t.same(await leader.publish(names, false), { did: 'wrote' })
  const { told } = await read()
  t.equal(told?.leftOut, 500)
  t.equal(told?.certificates.length, 500)
})

t.test('a reader that follows asks nothing while nothing changes', async (t) => {
  const { publisher, follow } = await scene()
  await publisher('worker-1').publish(goodDay, false)
  const reader = follow()
  t.teardown(() => reader.stop())
  await until(reader.latest, (each) => each.told !== undefined)
  const before = await requestsAtRest(cluster, 'configmaps')
  for (let scrape = 0; scrape < 50; scrape++) await reader.latest()
  const after = await requestsSoFar(cluster, 'configmaps')
  for (const verb of ['GET', 'LIST']) t.equal(after.get(verb), before.get(verb), verb)
})
