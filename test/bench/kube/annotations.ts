/** What `kubectl describe secret` says, on a real API server and beside tools that reset objects to what is in Git. */
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import type { Secret } from '../../../src/kube/object.ts'
import { openReporter, type ReporterOptions } from '../../../src/kube/reporter.ts'
import { secretDestination } from '../../../src/kube/secret-destination.ts'
import type { CertificateStatus, StatusSnapshot } from '../../../src/status/snapshot.ts'
import { makePair } from '../../certificate/fixtures/pairs.ts'
import { book, goodDay } from '../../status/fixtures/page-snapshots.ts'
import { until as waitUntil } from '../fixtures/until.ts'
import { requestsAtRest, requestsSoFar } from './fixtures/api-load.ts'
import { startCluster } from './fixtures/cluster.ts'
import { publishStatus, tellEvents, writePairs } from './fixtures/rights.ts'

const cluster = await startCluster(t)
const hour = 3_600_000

async function scene() {
  const [port80, gateway] = [await cluster.namespace(), await cluster.namespace()]
  const { client } = await cluster.account(port80, {
    [port80]: [publishStatus],
    [gateway]: [...writePairs(['book']), tellEvents],
  })
  const destination = secretDestination({
    ...{ client, namespace: gateway, instance: port80 },
    secretName: (name) => name,
    id: `Secret ${gateway}/book`,
  })
  const path = `/api/v1/namespaces/${gateway}/secrets`
  const look: { now: StatusSnapshot } = { now: goodDay }
  const reporter = openReporter({
    ...{ client, namespace: port80, leader: 'worker-1' },
    snapshot: async () => look.now,
    placesOf: () => ({ secrets: [{ destination, namespace: gateway, name: 'book' }], sources: [] }),
    mayWrite: async () => true,
    log: { warn: () => undefined } as ReporterOptions['log'],
  })
  t.teardown(() => reporter.close())
  return {
    destination,
    secret: () => cluster.must<Secret>('GET', `${path}/book`),
    change: (patch: object) => cluster.must<Secret>('PATCH', `${path}/book`, patch),
    make: (object: object) => cluster.must<Secret>('POST', path, { metadata: { name: 'book' }, ...object }),
    show: (certificate: Partial<CertificateStatus>) => {
      const destinations = [{ id: destination.id, state: 'installed' as const }]
      look.now = { ...goodDay, certificates: [{ ...book, destinations, ...certificate }] }
      reporter.changed()
    },
  }
}

const newPair = () =>
  makePair({ notBefore: Date.now() - hour, notAfter: Date.now() + 1_000 * hour, newKey: true })

const until = (ask: () => Promise<Secret>, is: (annotations: Readonly<Record<string, string>>) => boolean) =>
  waitUntil(ask, ({ metadata }) => is(metadata.annotations ?? {}), { what: 'it says so' })

const says = (words: string) => (annotations: Readonly<Record<string, string>>) =>
  annotations['port80.io/status'] === words

t.test('a Secret says how its certificate is, and its content is not touched', async (t) => {
  const { destination, secret, show } = await scene()
  const pair = await newPair()
  await destination.install('book', pair)
  const before = await secret()
  show({})
  const ready = await until(secret, says('Ready: up to date, has not expired'))
  t.match(ready.metadata.annotations, {
    'port80.io/names': 'book.example.com',
    'port80.io/issuer': String,
    'port80.io/not-after': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
    'port80.io/reason': 'UpToDate',
    'port80.io/renewal-time': '2027-04-09T15:15:00Z',
  })
  t.strictSame(ready.data, before.data)
  show({ failures: 2, reason: 'AcmeCaa' })
  const failing = await until(secret, says('Ready: has not expired; renewing fails (2 times in a row)'))
  t.equal(failing.metadata.annotations?.['port80.io/reason'], 'AcmeCaa')
  t.strictSame(failing.data, before.data)
})

t.test('without a change nothing is asked and nothing is written', async (t) => {
  const { destination, secret, show } = await scene()
  await destination.install('book', await newPair())
  show({})
  const first = await until(secret, says('Ready: up to date, has not expired'))
  const before = await requestsAtRest(cluster, 'secrets')
  show({ nextAt: book.nextAt! + 1 })
  await pause(2_500)
  const after = await requestsSoFar(cluster, 'secrets')
  for (const verb of ['GET', 'PATCH']) t.equal(after.get(verb), before.get(verb), verb)
  t.equal((await secret()).metadata.resourceVersion, first.metadata.resourceVersion)
})

t.test('annotations of others stay, and lost ones come back with the next pair', async (t) => {
  const { destination, secret, show, change } = await scene()
  await destination.install('book', await newPair())
  await change({ metadata: { annotations: { 'kustomize.toolkit.fluxcd.io/ssa': 'IfNotPresent' } } })
  show({})
  const ready = await until(secret, says('Ready: up to date, has not expired'))
  t.match(ready.metadata.annotations, {
    'kustomize.toolkit.fluxcd.io/ssa': 'IfNotPresent',
    'argocd.argoproj.io/compare-options': 'IgnoreExtraneous',
    'argocd.argoproj.io/sync-options': 'Prune=false',
  })
  await change({ metadata: { annotations: { 'port80.io/status': null, 'port80.io/names': null } } })
  await destination.read('book')
  await destination.install('book', await newPair())
  show({ current: { ...book.current!, serial: '2B' } })
  const again = await until(secret, says('Ready: up to date, has not expired'))
  t.equal(again.metadata.annotations?.['port80.io/names'], 'book.example.com')
})

t.test('a Secret of somebody else is not described', async (t) => {
  const { secret, show, make } = await scene()
  const { metadata } = await make({
    metadata: { name: 'book', labels: { 'app.kubernetes.io/managed-by': 'flux' } },
  })
  show({})
  await pause(1_500)
  t.equal((await secret()).metadata.resourceVersion, metadata.resourceVersion)
})
