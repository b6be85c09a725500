/**
 * The command line of a laptop for a certificate that stands in no file: a Gateway asks for it. What commands know of it is
 * what they see of the cluster, and what the leader told.
 */
import t from 'tap'
import type { StatusSnapshot } from '../../../../src/status/snapshot.ts'
import { until } from '../../fixtures/until.ts'
import { startBenchRunner } from '../fixtures/bench-runner.ts'
import { installPort80 } from '../fixtures/install.ts'
import { makeIstioObject } from '../fixtures/istio-object.ts'
import { laptopOf } from '../fixtures/laptop.ts'
import { servedSerial } from '../fixtures/tls-pair.ts'
import { startMesh } from '../mesh.ts'

const mesh = await startMesh(t, { pebble: { validationSleep: 0 } })
const { must, gateways, pebble } = mesh
const runner = await startBenchRunner(t, mesh)
const shop = await mesh.namespace('shop')
const host = 'shop.example.com'
await mesh.pointAtGateways([host])
const [resolver = ''] = pebble.resolver.address.split(':')
const port80 = await installPort80(t, mesh, runner, {
  values: {
    ...{ domains: [], resolvers: [resolver] },
    discovery: {
      istio: { namespaces: [shop] },
      gateway: { namespaces: [gateways.namespace], selector: gateways.selector },
    },
  },
})

const run = await laptopOf(mesh, port80)
/** Of the only certificate. */
async function name(): Promise<string> {
  const found = await until(
    () => port80.status(),
    ({ certificates }) => certificates.length === 1,
    { what: 'the leader knows the certificate', every: 250 },
  )
  return found.certificates[0]?.name ?? ''
}
const served = () => Promise.all(gateways.pods.map(({ ip }) => servedSerial(ip, host)))
const newest = () => pebble.issued().at(-1)

t.test('before a Gateway asks there is nothing to ask for', async (t) => {
  t.match(await run('status', '--json'), { code: 0, stdout: /"certificates": ?\[\]/ })
  t.match(await run('renew', 'shop'), { code: 2, stderr: /shop/ })
})

t.test('a Gateway asks: status, plan and check show the certificate', async (t) => {
  await makeIstioObject(must, {
    ...{ kind: 'Gateway', namespace: shop, name: 'shop' },
    annotations: { 'port80.io/managed': 'true', 'port80.io/redirect-status': '308' },
    spec: {
      selector: gateways.selector,
      servers: [
        {
          ...{ port: { number: 443, name: 'https', protocol: 'HTTPS' }, hosts: [host] },
          tls: { mode: 'SIMPLE', credentialName: 'shop-tls' },
        },
      ],
    },
  })
  const certificate = await name()
  t.match(certificate, /^shop-tls-[0-9a-f]{8}$/)
  await port80.waitForCertificate(certificate)
  const { code, stdout } = await until(
    () => run('status', '--json'),
    (answer) => answer.code === 0,
    { what: 'status: all is ready', every: 500 },
  )
  t.equal(code, 0)
  const told = JSON.parse(stdout) as StatusSnapshot
  t.match(told.certificates, [{ name: certificate, domains: [host], state: 'ready', redirectStatus: 308 }])
  t.match(told.sources, [{ object: `Istio Gateway ${shop}/shop`, state: 'wanted', certificate }])
  t.match(await run('plan'), { code: 0, stdout: new RegExp(`^${certificate} +rest until .*: UpToDate`) })
  const checked = await until(
    () => run('check', host),
    (answer) => answer.code === 0,
    { what: 'check finds nothing', every: 1_000, ms: 90_000 },
  )
  t.match(checked.stdout, /308 to https/)
  t.match(checked.stdout, new RegExp(`serves serial ${newest()}`, 'i'))
})

t.test('renew has the worker order a new one, which the gateways serve', async (t) => {
  const certificate = await name()
  const before = newest()
  t.match(await run('renew', certificate), { code: 0, stdout: new RegExp(`^${certificate}: issued, serial`) })
  t.equal(pebble.issued().length, 2)
  t.not(newest(), before)
  await until(served, (all) => all.every((serial) => serial === newest()), {
    what: 'both gateway pods serve the new one',
    every: 250,
  })
  t.match(await run('issue', certificate), { code: 0, stdout: /: up to date, serial/ }, 'nothing is due')
  t.equal(pebble.issued().length, 2)
})

t.test('revoke ends it, and a new one comes', async (t) => {
  const certificate = await name()
  const before = newest() ?? ''
  t.match(await run('revoke', certificate), { code: 0, stdout: /is revoked; a new(er)? / })
  t.match(await pebble.certificateStatus(before), { status: 'Revoked' })
  await until(served, (all) => all.every((serial) => serial === newest() && serial !== before), {
    what: 'both gateway pods serve another one',
    every: 250,
  })
})

t.test('a name that nobody asks for is refused with those that there are', async (t) => {
  const { code, stderr } = await run('renew', 'nothing')
  t.equal(code, 2)
  t.match(stderr, await name())
})
