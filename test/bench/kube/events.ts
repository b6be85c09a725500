/** Events of a real API server, told by the leader with the rights that it has. */
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { eventTeller } from '../../../src/kube/events.ts'
import type { KubeEvent } from '../../../src/kube/object.ts'
import type { AttemptStatus, CertificateStatus } from '../../../src/status/snapshot.ts'
import { book } from '../../status/fixtures/page-snapshots.ts'
import { requestsSoFar } from './fixtures/api-load.ts'
import { startCluster } from './fixtures/cluster.ts'
import { at, eventScene, until, validPair } from './fixtures/event-scene.ts'
import { publishStatus } from './fixtures/rights.ts'

const cluster = await startCluster(t)
const scene = () => eventScene(cluster)

const { current: _current, renewal: _renewal, ...bare } = book
const attempt = (more: Partial<AttemptStatus>): AttemptStatus => ({
  ...{
    at: Date.now() - 1_000,
    endedAt: Date.now(),
    why: 'Missing',
    issuer: 'letsencrypt',
    outcome: 'issued',
  },
  ...more,
})
const reasons = (events: readonly KubeEvent[]) => events.map(({ reason }) => reason).sort()

t.test('the life of a certificate, on its Secret and on what asked for it', async (t) => {
  const { destination, open, show, eventsOn, secret, sources } = await scene()
  const wanted = { ...bare, ...at(destination.id, 'absent'), attempts: [] }
  show({ ...wanted, state: 'missing', reason: 'Missing' })
  const reporter = open()
  reporter.changed()
  await destination.install('book', await validPair())
  show({ ...wanted, ...at(destination.id, 'placeholder'), state: 'placeholder', reason: 'Missing' })
  reporter.changed()
  const { metadata } = await secret()
  const seen = () => eventsOn('Secret', 'book', metadata.uid)
  await until(seen, (events) => reasons(events).includes('PlaceholderInstalled'))

  const issued: CertificateStatus = { ...book, ...at(destination.id, 'installed'), attempts: [attempt({})] }
  show(issued)
  reporter.changed()
  const [first] = (await until(seen, (events) => reasons(events).includes('Issued'))).filter(
    (event) => event.reason === 'Issued',
  )
  t.match(first, {
    type: 'Normal',
    count: 1,
    source: { component: 'port80' },
    reportingComponent: 'port80',
    reportingInstance: 'worker-1',
    message: /^letsencrypt issued the certificate for book\.example\.com and 1 more/,
  })

  const failure = {
    reason: 'AcmeCaa',
    detail: 'CAA record \u001b[31mforbids',
    identifier: 'book.example.com',
  } as const
  for (const turn of [1, 2]) {
    const failed = attempt({ at: Date.now() + turn, why: 'RenewalTime', outcome: 'failed', failure })
    show({ ...issued, failures: turn, reason: 'AcmeCaa', attempts: [failed, ...issued.attempts] })
    reporter.changed()
    await until(seen, (events) => events.some(({ reason, count }) => reason === 'AcmeCaa' && count === turn))
  }
  const failing = (await seen()).find(({ reason }) => reason === 'AcmeCaa')
  t.match(failing, {
    type: 'Warning',
    message: /^Renewing at letsencrypt failed for book\.example\.com: CAA record \[31mforbids/,
  })
  await reporter.close()
  const all = ['AcmeCaa', 'Issued', 'PlaceholderInstalled']
  t.strictSame(reasons(await seen()), all, 'the same reason again is the same Event')
  t.strictSame(reasons(await eventsOn('Service', 'asked', sources[0]?.uid)), all)
})

t.test('the next leader tells nothing that was told, and counts on what happens again', async (t) => {
  const { destination, open, show, eventsOn } = await scene()
  const refused: CertificateStatus = {
    ...{ ...bare, state: 'missing', reason: 'Missing', attempts: [] },
    ...at(destination.id, 'foreign', 'is managed by flux'),
  }
  show(refused)
  const first = open()
  first.changed()
  const seen = () => eventsOn('Secret', 'book')
  await until(seen, (events) => events.length === 1)
  await first.close()

  const second = open({ leader: 'worker-2' })
  second.changed()
  await pause(1_000)
  t.match(await seen(), [{ reason: 'Refused', count: 1, reportingInstance: 'worker-1' }])
  show({ ...refused, ...at(destination.id, 'foreign', 'is immutable') })
  second.changed()
  const [again] = await until(seen, ([event]) => event?.count === 2)
  t.match(again, { reason: 'Refused', message: /is immutable/ })
  await second.close()
  t.equal((await seen()).length, 1)
})

t.test('a flood becomes a bounded number of writes', async (t) => {
  const { client, sources } = await scene()
  const [object] = sources
  if (!object) throw new Error('a scene has a source')
  const before = (await requestsSoFar(cluster, 'events')).get('PATCH') ?? 0
  const teller = eventTeller({ client, instance: 'worker-1' })
  for (let turn = 0; turn < 500; turn++) {
    const news = { certificate: 'book', type: 'Warning', reason: 'AcmeDns', message: `turn ${turn}` } as const
    const failure = await teller.tell(object, news)
    if (failure) t.fail(failure.detail)
  }
  const patches = ((await requestsSoFar(cluster, 'events')).get('PATCH') ?? 0) - before
  // 25 of ours; the API server patches Events of its own now and then.
  t.ok(patches > 0 && patches <= 30, `${patches} patches for 500 times the same`)
})

t.test('while the API server is away news waits, and is told once when it is back', async (t) => {
  const { destination, open, show, eventsOn, warned } = await scene()
  const issued: CertificateStatus = { ...book, ...at(destination.id, 'installed'), attempts: [attempt({})] }
  show(issued)
  const reporter = open()
  reporter.changed()
  await until(
    () => eventsOn('Secret', 'book'),
    (events) => events.length === 1,
  )
  await cluster.stop()
  show({ ...issued, state: 'expired', reason: 'Expired' })
  reporter.changed()
  await until(
    async () => warned,
    (all) => all.length > 0,
  )
  await cluster.start()
  const events = await until(
    () => eventsOn('Secret', 'book'),
    (all) => all.length === 2,
  )
  t.match(
    events.find(({ reason }) => reason === 'Expired'),
    { count: 1, type: 'Warning' },
  )
})

t.test('a right that is missing is logged once, and holds up neither status nor annotations', async (t) => {
  const { destination, open, show, port80, warned, gateway } = await scene()
  const { client } = await cluster.account(port80, { [port80]: [publishStatus] })
  show({ ...book, ...at(destination.id, 'installed'), attempts: [attempt({})] })
  const reporter = open({ client })
  reporter.changed()
  const told = () => cluster.admin.get({ resource: 'configmaps', namespace: port80, name: 'port80-status' })
  await until(told, (reply) => 'ok' in reply)
  const logged = async () => warned.filter((each) => each.includes(`events in namespace ${gateway}`))
  await until(logged, (lines) => lines.length > 0)
  reporter.changed()
  await pause(2_500)
  const events = await logged()
  t.equal(events.length, 1)
  t.match(events[0], /may not patch events there/)
})

t.test('who does not lead any more tells nothing', async (t) => {
  const { destination, open, show, eventsOn, port80 } = await scene()
  show({ ...book, ...at(destination.id, 'installed'), attempts: [attempt({})] })
  open({ mayWrite: async () => false }).changed()
  await pause(1_000)
  t.strictSame(await eventsOn('Secret', 'book'), [])
  const told = await cluster.admin.get({ resource: 'configmaps', namespace: port80, name: 'port80-status' })
  t.match(told, { failure: { kind: 'notFound' } })
})
