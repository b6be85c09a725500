/**
 * Mistakes in front of the challenge, made before the certificate is wanted: with `preflight: require` port80 says what is wrong
 * while Pebble hears nothing, and issues when it is mended. The same mistake made later is found by the canary, and the
 * certificate stays.
 */
import t from 'tap'
import { until } from '../../fixtures/until.ts'
import { startBenchRunner } from '../fixtures/bench-runner.ts'
import { installPort80 } from '../fixtures/install.ts'
import { makeIstioObject } from '../fixtures/istio-object.ts'
import { startMesh } from '../mesh.ts'

const mesh = await startMesh(t, { gateways: 1, pebble: { validationSleep: 0 } })
const { must, gateways, pebble } = mesh
const runner = await startBenchRunner(t, mesh)
const rows = [
  { host: 'redirected.example.com', code: 'P80-303' },
  { host: 'forbidden.example.com', code: 'P80-304' },
  { host: 'nowhere.example.com', code: 'P80-310' },
  { host: 'six.example.com', code: 'P80-309' },
  { host: 'caa.example.com', code: 'P80-311' },
]
const wellHost = 'book.example.com'
const hosts = [...rows.map(({ host }) => host), wellHost]
await mesh.pointAtGateways(hosts)
const secretName = (host: string) => host.replaceAll('.', '-')
const domains = hosts.map((host) => ({ hosts: [host], secretName: secretName(host) }))
const shop = await mesh.namespace('shop')
const redirecting = `/apis/networking.istio.io/v1/namespaces/${shop}/gateways/shop`
const policy = `/apis/security.istio.io/v1/namespaces/${gateways.namespace}/authorizationpolicies/office`
const [redirected = '', forbidden = ''] = hosts

function redirect(host: string): Promise<void> {
  const port = { number: 80, name: 'http', protocol: 'HTTP' }
  const servers = [{ port, hosts: [host], tls: { httpsRedirect: true } }]
  return makeIstioObject(must, {
    ...{ kind: 'Gateway', namespace: shop, name: 'shop' },
    spec: { selector: gateways.selector, servers },
  })
}

const [resolver = ''] = pebble.resolver.address.split(':')
const settings = { preflight: 'require', canary: { every: '2s' }, resolvers: [resolver] }

await pebble.resolver.clear('nowhere.example.com')
await pebble.resolver.setSix('six.example.com', 'fd00:80::1')
await pebble.resolver.setCaa('caa.example.com', 'other-ca.example')
await redirect(redirected)
await must('POST', policy.slice(0, policy.lastIndexOf('/')), {
  ...{ apiVersion: 'security.istio.io/v1', kind: 'AuthorizationPolicy', metadata: { name: 'office' } },
  spec: {
    selector: { matchLabels: gateways.selector },
    action: 'DENY',
    rules: [{ to: [{ operation: { hosts: [forbidden] } }] }],
  },
})
const port80 = await installPort80(t, mesh, runner, { values: { ...settings, domains } })

const findings = async (host: string) =>
  ((await port80.status()).findings ?? []).filter((each) => each.host === host).map(({ code }) => code)
const found = (host: string, wanted: readonly string[]) =>
  until(
    () => findings(host),
    (codes) => JSON.stringify(codes) === JSON.stringify(wanted),
    {
      what: `findings of ${host}: ${wanted.join(', ') || 'none'}`,
      ms: 120_000,
      every: 250,
    },
  )
const certificate = async (host: string) =>
  (await port80.status()).certificates.find(({ name }) => name === secretName(host))

await t.test('the name without a mistake is issued, and accused of nothing', async (t) => {
  await port80.waitForCertificate(secretName(wellHost))
  // The canary's first look may have come before Envoy had the routes of the release.
  await found(wellHost, [])
  t.equal(pebble.issued().length, 1)
})

for (const { host, code } of rows) {
  await t.test(`${host}: ${code} before the CA hears of it`, async (t) => {
    await found(host, [code])
    // The first look may come before Envoy has the routes of the release, and then its attempt says so; the next one is due
    // within a minute.
    const { failures, attempts } = await until(
      async () => (await certificate(host)) ?? { failures: 0, attempts: [] },
      ({ attempts: [last] }) => last?.failure?.detail.startsWith(`${code} `) === true,
      { what: `an attempt for ${host} that ended with ${code}`, ms: 180_000, every: 500 },
    )
    t.equal(failures, 0)
    t.equal(attempts[0]?.failure?.reason, 'PreflightFailed')
    t.equal(pebble.issued().length, 1, 'only the well one')
    t.notMatch(pebble.log(), new RegExp(host.replaceAll('.', '\\.')), 'Pebble never heard the name')
  })
}

await t.test('mended, both are issued and nothing is left', async () => {
  await must('DELETE', redirecting)
  await must('DELETE', policy)
  await mesh.pointAtGateways(['nowhere.example.com'])
  await pebble.resolver.setSix('six.example.com')
  await pebble.resolver.setCaa('caa.example.com')
  for (const { host } of rows) {
    await port80.waitForCertificate(secretName(host), 180_000)
    await found(host, [])
  }
})

await t.test('broken again, the canary tells while the certificate stays', async (t) => {
  await redirect(redirected)
  await found(redirected, ['P80-303'])
  t.equal((await certificate(redirected))?.state, 'ready')
  t.equal(pebble.issued().length, hosts.length, 'no order more')
  await found(wellHost, [])
})

await t.test(
  'an address that only keeps silent is a warning, and each leg says which replica answered',
  async (t) => {
    const [octets] = gateways.pods.map(({ ip }) => ip.split('.').slice(0, 2).join('.'))
    await pebble.resolver.setAddress(wellHost, `${octets}.0.250`)
    await found(wellHost, ['P80-312'])
    await mesh.pointAtGateways([wellHost])
    await found(wellHost, [])
    const { legs = [] } = await port80.status()
    const names = (await port80.pods('responder')).map(({ name }) => name)
    const own = legs.filter(({ host }) => host === wellHost)
    t.strictSame([...new Set(own.map(({ leg }) => leg))].sort(), ['inside', 'outside'])
    for (const { replica = '' } of own) t.ok(names.includes(replica), `${replica} is a responder`)
  },
)
