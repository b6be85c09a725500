/**
 * What gateway pods serve against what their Secrets hold: seen in seconds after an order and a renewal, named where it is not
 * so, undone where the gateway does not take it; and nothing is accused while a pod restarts. Visitors see none of it fail.
 */
import { X509Certificate } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { until } from '../../fixtures/until.ts'
import { startBenchRunner } from '../fixtures/bench-runner.ts'
import { behind, startCaProxy } from '../fixtures/ca-proxy.ts'
import { codesOf, findingWatch } from '../fixtures/finding-watch.ts'
import { installPort80 } from '../fixtures/install.ts'
import { makeHttpsGateway } from '../fixtures/istio-object.ts'
import { metricOf } from '../fixtures/metric.ts'
import { expectRefused } from '../fixtures/refused-pair.ts'
import { startTlsStream } from '../fixtures/stream.ts'
import { secretData, selfSigned, servedSerial } from '../fixtures/tls-pair.ts'
import { startOwnMesh } from '../mesh.ts'
import { port80Image } from '../runner/program-images.ts'

const mesh = await startOwnMesh(t, { pebble: { validationSleep: 0 } })
const { must, gateways, pebble, controlPlane } = mesh
const runner = await startBenchRunner(t, mesh)
const edge = gateways.namespace
const ips = gateways.pods.map(({ ip }) => ip)
const pods = gateways.pods.map(({ name }) => `${edge}/${name}`).sort()
const secrets = `/api/v1/namespaces/${edge}/secrets`

const [book, elsewhere, nowhere] = ['book.example.com', 'elsewhere.example.com', 'nowhere.example.com']
const nameOf = (host: string) => host.split('.')[0] ?? ''
const domains = [
  { hosts: [book], secretName: 'book', tlsGateway: 'create' },
  { hosts: [elsewhere], secretName: 'elsewhere' },
  { hosts: [nowhere], secretName: 'nowhere' },
]
await mesh.pointAtGateways([book, elsewhere, nowhere])

const serve = (host: string, credentialName: string) =>
  makeHttpsGateway(must, {
    ...{ namespace: edge, selector: gateways.selector, host, credentialName },
    name: nameOf(host),
  })
const unserve = (host: string) =>
  must('DELETE', `/apis/networking.istio.io/v1/namespaces/${edge}/gateways/${nameOf(host)}`)
const type = 'kubernetes.io/tls'
const ca = await pebble.root()

// Somebody else's Secret, which the Gateway of `elsewhere` names.
const strange = await selfSigned(elsewhere, '0b5e55ed')
await must('POST', secrets, { type, metadata: { name: 'strange' }, data: secretData(strange) })
await serve(elsewhere, 'strange')

const proof = { enabled: true, deadline: '20s', every: '5s' }
const proxy = await startCaProxy(t, mesh)
const port80 = await installPort80(t, behind(mesh, proxy), runner, { values: { proof, domains } })

const findings = findingWatch(port80)
const log = () => port80.log('worker').slice(-4_000)
const served = async (host: string) =>
  ((await port80.status()).served ?? []).filter((each) => each.host === host)
const serialOf = async (name: string) => (await port80.waitForCertificate(name)).current?.serial ?? ''
const metrics = async () => (await port80.admin(await port80.leader(), '/metrics')).body

/** By port80's own word and by our handshakes. */
async function provenEverywhere(t: Test, serial: string): Promise<void> {
  const all = await until(
    () => served(book),
    (looks) => looks.length === ips.length && looks.every((each) => each.serial === serial),
    { what: `every pod shows ${serial}`, every: 250, log },
  )
  t.strictSame(all.map(({ pod }) => pod).sort(), pods)
  t.ok(
    all.every(({ matches, pickupSeconds }) => matches && pickupSeconds !== undefined),
    JSON.stringify(all),
  )
  for (const ip of ips) t.equal(BigInt(`0x${await servedSerial(ip, book)}`), BigInt(`0x${serial}`))
  const seconds = Math.max(...all.map(({ pickupSeconds = Infinity }) => pickupSeconds))
  t.ok(seconds < 20, `served after ${seconds} s`)
  t.comment(`served by both pods after ${seconds} s`)
}

async function renew(name: string): Promise<void> {
  const command = [...port80Image().entrypoint, 'renew', name, '--config', '/etc/port80/port80.yaml']
  const { code, stdout, stderr } = await runner.exec(await port80.leader(), command)
  if (code !== 0) throw new Error(`${stdout}${stderr}`)
}

/** Of all tests up to the one that stops a pod. */
const stream = startTlsStream(t, { ips, hosts: [book], ca })

await t.test('what is issued is seen at every pod, in seconds', async (t) => {
  await provenEverywhere(t, await serialOf('book'))
  t.strictSame(await findings.of(book), [])
  const page = await metrics()
  t.match(page, /port80_served_matches\{[^}]*name="book"[^}]*\} 1/)
  t.match(page, /port80_certificate_sds_pickup_seconds\{[^}]*name="book"[^}]*\} [0-9.]+/)
  t.equal(metricOf(page, 'port80_sds_pickup_seconds_count'), 1, 'the others are not proven')
  await stream.settled()
})

await t.test('a renewal is proven in seconds, and nothing is accused meanwhile', async (t) => {
  const first = await serialOf('book')
  const seen = await findings.codesDuring(book, async () => {
    await renew('book')
    const second = await serialOf('book')
    t.not(second, first)
    await provenEverywhere(t, second)
  })
  t.strictSame(seen, [])
  t.equal(metricOf(await metrics(), 'port80_sds_pickup_seconds_count'), 2)
})

await t.test('another Secret is what the Gateway of a host names: P80-401, until it is mended', async (t) => {
  const [finding] = await findings.found(elsewhere, ['P80-401'])
  t.match(finding, { object: { kind: 'Secret', namespace: edge, name: 'elsewhere' }, from: 'serving' })
  t.match(finding?.seen, new RegExp(`${pods.join(', ')} serves serial .*${strange.serial}`, 'i'))
  t.match(await metrics(), /port80_served_matches\{[^}]*name="elsewhere"[^}]*\} 0/)
  const held = await serialOf('elsewhere')
  await takenOver(t, finding?.since)
  await unserve(elsewhere)
  await serve(elsewhere, 'elsewhere')
  await findings.found(elsewhere, [])
  t.equal(await serialOf('elsewhere'), held, 'nothing was undone and nothing ordered')
})

/** Another worker leads: what was found before is told on while its own deadline is not over, and no younger. */
async function takenOver(t: Test, since: number | undefined): Promise<void> {
  const before = await port80.leader()
  await until(
    async () => (await port80.status()).at,
    (at) => at - (since ?? 0) > 5_000,
    { what: 'it was published', every: 250 },
  )
  await must('DELETE', `/api/v1/namespaces/${port80.namespace}/pods/${before.name}`)
  await until(
    () => port80.leader(),
    ({ name }) => name !== before.name,
    { what: 'another leads', every: 250 },
  )
  const began = Date.now()
  const [again] = await findings.found(elsewhere, ['P80-401'], 60_000)
  t.equal(again?.since, since, 'it has lasted since it was seen first')
  while (Date.now() - began < 30_000) {
    t.strictSame(codesOf(await findings.of(elsewhere)), ['P80-401'])
    await pause(2_000)
  }
}

await t.test('no Gateway serves the host on 443: P80-404, until it is mended', async (t) => {
  const [finding] = await findings.found(nowhere, ['P80-404'])
  t.match(finding, { object: { kind: 'Secret', namespace: edge, name: 'nowhere' } })
  await serve(nowhere, 'nowhere')
  await findings.found(nowhere, [])
  t.strictSame(await findings.all(), [], 'all is well')
})

await t.test('a pod restarts, and one is not ready for a while: nothing is accused', async (t) => {
  const [pod] = gateways.pods
  const report = await stream.stop()
  t.equal(report.failed, 0, JSON.stringify(report))
  t.ok(report.asked > 100)
  const seen = await findings.codesDuring(book, async () => {
    await pod?.stop()
    // Longer than the deadline: a pod that is not ready is not asked.
    await pause(25_000)
    await pod?.start()
    await provenAgain()
  })
  t.strictSame(seen, [])
})

/** Every pod has been asked anew. */
async function provenAgain(): Promise<void> {
  const from = Date.now()
  await until(
    () => served(book),
    (all) => all.length === ips.length && all.every(({ matches, checkedAt }) => matches && checkedAt > from),
    { what: 'both are asked again, and serve it', every: 250, log },
  )
}

await t.test('half a pair by somebody else: Envoy refuses it, port80 puts its own back', async (t) => {
  const visitors = startTlsStream(t, { ips, hosts: [book], ca })
  await visitors.settled()
  const before = await port80.secret('book')
  const { 'tls.key': key } = secretData(await selfSigned(book, 'ba5eba11'))
  const seen = await findings.codesDuring(book, async () => {
    await must('PATCH', `${secrets}/book`, { data: { 'tls.key': key } })
    await until(
      () => port80.secret('book'),
      (secret) => secret?.data?.['tls.key'] === before?.data?.['tls.key'],
      { what: 'its own key is back', log },
    )
    await provenAgain()
  })
  t.strictSame(seen, [])
  const report = await visitors.stop()
  t.equal(report.failed, 0, JSON.stringify(report))
})

await t.test(
  'Envoy refuses what the CA issued: the last good pair goes back, and P80-402 says why',
  async (t) => {
    await expectRefused(t, {
      ...{ mesh, port80, proxy, findings, host: book, name: 'book' },
      renew: () => renew('book'),
    })
    await renew('book')
    await provenEverywhere(t, await serialOf('book'))
    await findings.found(book, [])
  },
)

await t.test(
  'istiod hangs, and no pod gets the new pair: the last good one goes back, P80-402',
  async (t) => {
    const good = await serialOf('book')
    const visitors = startTlsStream(t, { ips, hosts: [book], ca })
    await visitors.settled()
    process.kill(controlPlane.istiod.pid, 'SIGSTOP')
    await renew('book')
    const refused = pebble.issued().at(-1) ?? ''
    const [finding] = await findings.found(book, ['P80-402'])
    t.match(finding, { object: { kind: 'Secret', namespace: edge, name: 'book' } })
    t.match(
      finding?.seen.toLowerCase(),
      `serial ${refused.toLowerCase()}; ${good.toLowerCase()} was put back`,
    )
    const stored = new X509Certificate(
      Buffer.from((await port80.secret('book'))?.data?.['tls.crt'] ?? '', 'base64'),
    )
    t.equal(stored.serialNumber, good)
    for (const ip of ips) t.equal(BigInt(`0x${await servedSerial(ip, book)}`), BigInt(`0x${good}`))
    process.kill(controlPlane.istiod.pid, 'SIGCONT')
    await pause(10_000)
    t.equal(pebble.issued().at(-1), refused, 'no order more while it stands')
    t.strictSame(codesOf(await findings.of(book)), ['P80-402'], 'it lasts until somebody acts')
    await renew('book')
    await provenEverywhere(t, await serialOf('book'))
    await findings.found(book, [])
    const report = await visitors.stop()
    t.comment(JSON.stringify(report))
    t.equal(report.failed, 0, JSON.stringify(report))
  },
)
