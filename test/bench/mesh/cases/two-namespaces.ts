/**
 * One gateway in two namespaces: the pair goes into both, also of a Gateway that was discovered; a namespace that gets pods
 * later gets its Secret then, and one that loses them keeps it.
 */
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { until } from '../../fixtures/until.ts'
import { startBenchRunner } from '../fixtures/bench-runner.ts'
import { followFindings } from '../fixtures/finding-watch.ts'
import { installPort80 } from '../fixtures/install.ts'
import { makeIstioObject } from '../fixtures/istio-object.ts'
import { servedSerial } from '../fixtures/tls-pair.ts'
import type { Gateways } from '../gateways.ts'
import { startMesh } from '../mesh.ts'

const mesh = await startMesh(t, { gateways: 1, pebble: { validationSleep: 0 } })
const { must, gateways, pebble } = mesh
const runner = await startBenchRunner(t, mesh)
const { istio: label = '' } = gateways.selector
const first = gateways.namespace
const second = `second-${randomBytes(3).toString('hex')}`
const shop = await mesh.namespace('shop')
await must('POST', '/api/v1/namespaces', { metadata: { name: second } })
const namespaces = [first, second]
const [file, found] = ['file.example.com', 'found.example.com']
await mesh.pointAtGateways([file, found])
const port80 = await installPort80(t, mesh, runner, {
  looks: 'as the chart has them',
  values: {
    gateway: { namespaces, selector: gateways.selector },
    domains: [{ hosts: [file], secretName: 'file-tls', tlsGateway: 'create' }],
    discovery: { istio: { namespaces: [shop] } },
  },
})

const findings = followFindings(t, port80)

async function servedBy(ip: string, host: string): Promise<string> {
  return until(
    () => servedSerial(ip, host),
    (serial) => pebble.issued().includes(serial),
    {
      what: `${ip} serves ${host} with a certificate of Pebble`,
      every: 250,
      log: () => mesh.istiod.log().slice(-3_000),
    },
  )
}
const placesOf = async (host: string) =>
  (await port80.status()).certificates
    .find(({ domains }) => domains.includes(host))
    ?.destinations.map(({ id, state }) => `${id} ${state}`)

await t.test('while pods are in one of the two only that one gets the Secret', async (t) => {
  await port80.waitForCertificate('file-tls')
  t.same(await placesOf(file), [`Secret ${first}/file-tls installed`])
  t.equal(await port80.secret('file-tls', second), undefined)
})

let more: Gateways | undefined
const ips = gateways.pods.map(({ ip }) => ip)

await t.test('a pod in the other one: the same pair is there, and nothing is ordered for it', async (t) => {
  more = await mesh.moreGateways({ namespace: second, label, count: 1 })
  ips.push(...more.pods.map(({ ip }) => ip))
  await until(
    () => placesOf(file),
    (places) => places?.every((place) => place.endsWith(' installed')) === true && places.length === 2,
    { what: 'both Secrets are written', every: 250 },
  )
  const [one, two] = await Promise.all(namespaces.map((each) => port80.secret('file-tls', each)))
  t.same(two?.data, one?.data)
  const serials = await Promise.all(ips.map((ip) => servedBy(ip, file)))
  t.equal(new Set(serials).size, 1)
  t.equal(pebble.issued().length, 1)
})

await t.test('a Gateway whose selector has pods in both', async (t) => {
  await makeIstioObject(must, {
    ...{ kind: 'Gateway', namespace: shop, name: 'found' },
    annotations: { 'port80.io/managed': 'true' },
    spec: {
      selector: gateways.selector,
      servers: [
        {
          ...{ port: { number: 443, name: 'https-found', protocol: 'HTTPS' }, hosts: [found] },
          tls: { mode: 'SIMPLE', credentialName: 'found-tls' },
        },
      ],
    },
  })
  const serials = await Promise.all(ips.map((ip) => servedBy(ip, found)))
  t.equal(new Set(serials).size, 1)
  t.equal(pebble.issued().length, 2, 'one order for both')
  t.same(
    (await placesOf(found))?.sort(),
    namespaces.map((each) => `Secret ${each}/found-tls installed`).sort(),
  )
})

await t.test('the pods of one are gone: its Secrets stay, the other one is served on', async (t) => {
  await more?.remove()
  await until(
    () => placesOf(file),
    (places) => places?.length === 1,
    { what: 'it is no place for the pair any more', ms: 90_000, every: 500 },
  )
  t.ok(await port80.secret('file-tls', second))
  t.ok(await port80.secret('found-tls', second))
  for (const host of [file, found]) await servedBy(ips[0] ?? '', host)
  t.equal(pebble.issued().length, 2)
  t.strictSame(await findings.ended(), [], 'no look found anything')
})
