/**
 * Secrets that port80 does not write: each is left as it is, and the reason is in status, metrics and an Event. Nothing is
 * asked of the CA for a certificate that nobody could have; the consent that the reason names is all it takes.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { V1Secret } from '@kubernetes/client-node'
import t from 'tap'
import { until } from '../../fixtures/until.ts'
import { startBenchRunner } from '../fixtures/bench-runner.ts'
import { installPort80 } from '../fixtures/install.ts'
import { laptopOf } from '../fixtures/laptop.ts'
import { secretData, selfSigned } from '../fixtures/tls-pair.ts'
import { startMesh } from '../mesh.ts'

const mesh = await startMesh(t, { gateways: 1, pebble: { validationSleep: 0 } })
const { must, gateways, pebble } = mesh
const runner = await startBenchRunner(t, mesh)
const edge = gateways.namespace
const place = `/api/v1/namespaces/${edge}/secrets`
const expired = { 'tls.crt': '', 'tls.key': '' }
const generic = { cert: Buffer.from('a').toString('base64'), key: Buffer.from('b').toString('base64') }

interface Row {
  readonly name: string
  /** Secret and, in front of .example.com, its host. */
  readonly secret: string
  readonly metadata?: object
  readonly type?: string
  readonly immutable?: boolean
  readonly data: Readonly<Record<string, string>>
  readonly fault: RegExp
  /** No consent helps. */
  readonly firm?: true
}

const rows: readonly Row[] = [
  {
    name: 'one that cert-manager writes',
    secret: 'cert-manager',
    metadata: { annotations: { 'cert-manager.io/certificate-name': 'web' } },
    data: expired,
    fault: /belongs to the Certificate web of cert-manager: .*port80\.io\/adopt=true/,
  },
  {
    name: 'one with an owner',
    secret: 'owned',
    metadata: {
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: randomUUID() }],
    },
    data: expired,
    fault: /belongs to ConfigMap owner/,
  },
  {
    name: 'one that another tool manages',
    secret: 'managed',
    metadata: { labels: { 'app.kubernetes.io/managed-by': 'external-secrets' } },
    data: expired,
    fault: /is managed by external-secrets/,
  },
  {
    name: 'one with the generic keys, which Istio prefers',
    secret: 'generic',
    type: 'Opaque',
    data: generic,
    fault: /has the keys cert and key, which Istio prefers/,
  },
  {
    name: 'one with a valid pair of somebody else',
    secret: 'foreign',
    data: secretData(await selfSigned('foreign.example.com', '0c0ffee1')),
    fault: /holds a certificate that port80 did not write and that is valid until/,
  },
  {
    name: 'one of another port80',
    secret: 'elsewhere',
    metadata: { annotations: { 'port80.io/instance': 'elsewhere' } },
    data: expired,
    fault: /is written by the port80 of namespace elsewhere/,
  },
  {
    name: 'one of another type, whoever consents',
    secret: 'docker',
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from('{}').toString('base64') },
    fault: /is of type kubernetes\.io\/dockerconfigjson/,
    firm: true,
  },
]
const hostOf = ({ secret }: Row) => `${secret}.example.com`
const soft = rows.filter(({ firm }) => !firm)
const domains = (more: object = {}) =>
  rows.map((row) => ({ hosts: [hostOf(row)], secretName: row.secret, ...more }))

// An owner that is there: the garbage collector would take along what belongs to nobody.
const owner = await must<{ metadata: { uid: string } }>('POST', `/api/v1/namespaces/${edge}/configmaps`, {
  metadata: { name: 'owner' },
})
for (const { secret: name, metadata = {}, type = 'kubernetes.io/tls', data } of rows) {
  const owners = 'ownerReferences' in metadata
  const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid }
  const own = { ...metadata, name, ...(owners && { ownerReferences: [reference] }) }
  await must('POST', place, { metadata: own, type, data })
}
await mesh.pointAtGateways([...rows.map(hostOf), 'free.example.com'])
const before = await secrets()
const free = { hosts: ['free.example.com'], secretName: 'free' }
const port80 = await installPort80(t, mesh, runner, { values: { domains: [free, ...domains()] } })

/** What is in each of them, and the version. */
async function secrets(): Promise<Map<string, V1Secret>> {
  const { items } = await must<{ items: V1Secret[] }>('GET', place)
  return new Map(items.map((each) => [each.metadata?.name ?? '', each]))
}

await t.test('one that nobody has is written, beside all those that are refused', async () => {
  await port80.waitForCertificate('free')
})

for (const row of rows) {
  await t.test(`${row.name}: the status says why`, async (t) => {
    const { destinations, ...told } = await port80.waitFor(
      row.secret,
      (each) => each.destinations[0]?.state === 'foreign',
      'refused',
    )
    t.match(told, { state: 'missing', reason: 'DestinationsRefused', attempts: [] })
    t.match(destinations[0]?.fault, row.fault)
    t.match(destinations[0]?.fault, new RegExp(`^Secret ${edge}/${row.secret} `))
  })
}

await t.test('none of them is touched, none is ordered, and Events say why', async (t) => {
  await pause(5_000)
  t.equal(pebble.issued().length, 1, 'but for the one that nobody has')
  const after = await secrets()
  for (const { secret } of rows)
    t.same(
      after.get(secret)?.metadata?.resourceVersion,
      before.get(secret)?.metadata?.resourceVersion,
      secret,
    )
  for (const { secret } of rows) {
    await until(
      () =>
        must<{ items: { involvedObject: { kind?: string; name?: string }; reason: string }[] }>(
          'GET',
          `/api/v1/namespaces/${edge}/events`,
        ),
      ({ items }) =>
        items.some(
          ({ involvedObject: on, reason }) =>
            on.kind === 'Secret' && on.name === secret && reason === 'Refused',
        ),
      { what: `an Event on ${secret}`, every: 250 },
    )
  }
  const { body } = await port80.admin(await port80.leader(), '/metrics')
  t.match(body, /port80_certificate_destinations_faulty\{[^}]*name="docker"[^}]*\} 1/)
  t.match(body, 'port80_certificate_status{name="docker",state="missing",reason="DestinationsRefused"} 1')
})

await t.test('a wish is answered at once, and orders nothing', async (t) => {
  const run = await laptopOf(mesh, port80)
  const plan = await run('plan')
  t.match(plan.stdout, /^docker +rest: DestinationsRefused .*is of type kubernetes\.io\/dockerconfigjson/m)
  const wished = await run('issue', 'docker')
  t.match(wished, { code: 1, stdout: /docker: nothing was issued; port80 status says why/ })
  t.equal(pebble.issued().length, 1)
})

await t.test('the annotation is the consent for one', async (t) => {
  await must('PATCH', `${place}/managed`, { metadata: { annotations: { 'port80.io/adopt': 'true' } } })
  await port80.waitForCertificate('managed')
  const secret = await port80.secret('managed')
  t.equal(secret?.metadata?.labels?.['app.kubernetes.io/managed-by'], 'external-secrets', 'its label stays')
  t.equal(pebble.issued().length, 2, 'and one order')
})

await t.test('takeOver is the consent for all, but for what would do harm', async (t) => {
  await port80.upgrade({ domains: [free, ...domains({ takeOver: true })] })
  for (const { secret } of soft) await port80.waitForCertificate(secret)
  const after = await secrets()
  for (const { secret } of soft) t.match(after.get(secret)?.data?.['tls.crt'], /./, secret)
  t.same(after.get('generic')?.data?.cert, undefined, 'what Istio would prefer is gone')
  t.match(after.get('cert-manager')?.metadata?.annotations, { 'port80.io/names': 'cert-manager.example.com' })
  t.same(after.get('docker')?.data, before.get('docker')?.data)
  t.equal(pebble.issued().length, soft.length + 1, 'each once, but for the firm one')
  const docker = await port80.waitFor('docker', () => true, 'known')
  t.match(docker, { reason: 'DestinationsRefused', destinations: [{ state: 'foreign' }] })
})

await t.test(
  'a Secret that another tool takes over is not renewed, and goes on when it is given back',
  async (t) => {
    const owner = { 'cert-manager.io/certificate-name': 'web' }
    const annotate = (annotations: object) => must('PATCH', `${place}/free`, { metadata: { annotations } })
    await annotate(owner)
    await port80.waitFor('free', ({ reason }) => reason === 'DestinationsRefused', 'refused')
    const issued = pebble.issued().length
    await annotate({ 'cert-manager.io/certificate-name': null })
    const again = await port80.waitForCertificate('free')
    t.equal(again.reason, 'UpToDate')
    t.equal(pebble.issued().length, issued, 'with the pair that it has')
  },
)
