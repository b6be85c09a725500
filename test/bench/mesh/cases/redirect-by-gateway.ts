/** `redirect.by: gateway`: Envoy redirects by itself, and nothing but the challenges reaches port80. */
import t from 'tap'
import { until } from '../../fixtures/until.ts'
import { curl } from '../fixtures/asked.ts'
import { startBenchRunner } from '../fixtures/bench-runner.ts'
import { installPort80 } from '../fixtures/install.ts'
import { makeIstioObject } from '../fixtures/istio-object.ts'
import { metricOf } from '../fixtures/metric.ts'
import { servedSerial } from '../fixtures/tls-pair.ts'
import { startMesh } from '../mesh.ts'

const host = 'by-gateway.example.com'
const permanent = 'permanent.example.com'
const mesh = await startMesh(t, { pebble: { validationSleep: 0 } })
const runner = await startBenchRunner(t, mesh)
const shop = await mesh.namespace('shop')
await mesh.pointAtGateways([host, permanent])
const port80 = await installPort80(t, mesh, runner, {
  values: {
    redirect: { by: 'gateway' },
    discovery: { istio: { namespaces: [shop] } },
    domains: [
      { hosts: [host], secretName: 'by-gateway', tlsGateway: 'create' },
      { hosts: [permanent], secretName: 'permanent', tlsGateway: 'create', redirect: { status: 308 } },
    ],
  },
})
/** Of all responders. */
const sum = async (metric: string) => {
  const pods = await port80.pods('responder')
  const pages = await Promise.all(pods.map((pod) => port80.admin(pod, '/metrics')))
  return pages.reduce((total, { body }) => total + metricOf(body, metric), 0)
}

t.test('every host is redirected, with the status that it asked for', async (t) => {
  const rows = [
    { name: host, status: 301 },
    { name: permanent, status: 308 },
    { name: 'nobody.listed.example.net', status: 301 },
  ]
  for (const { name, status } of rows) {
    for (const { ip } of mesh.gateways.pods) {
      const url = `${name}/some/page?a=1&b=%20`
      const answer = await until(
        () => curl(ip, `http://${url}`),
        (one) => one.status === status,
        { what: `${ip} answers ${status} for ${name}` },
      )
      t.equal(answer.location, `https://${url}`, `${name} at ${ip}`)
    }
  }
})

t.test('the certificates are issued by the same way, and served', async (t) => {
  for (const [name, secretName] of [
    [host, 'by-gateway'],
    [permanent, 'permanent'],
  ] as const) {
    const { current } = await port80.waitForCertificate(secretName)
    for (const { ip } of mesh.gateways.pods) {
      const serial = current?.serial.toLowerCase()
      await until(
        () => servedSerial(ip, name),
        (served) => served === serial,
        { what: `${ip} serves ${serial} for ${name}` },
      )
    }
  }
  t.equal(mesh.pebble.issued().length, 2)
})

t.test('only the challenge prefix reaches port80', async (t) => {
  const [gateway] = mesh.gateways.pods
  const prefix = `http://${host}/.well-known/acme-challenge`
  t.equal((await curl(gateway?.ip ?? '', `${prefix}/unknown-token`)).status, 404)
  t.equal((await curl(gateway?.ip ?? '', `${prefix}s/unknown-token`)).status, 301, 'not what looks like it')
  t.ok((await sum('port80_challenge_requests_total')) > 0, 'challenges were asked of port80')
  t.equal(await sum('port80_redirects_total'), 0, 'and no redirect')
})

t.test('a Gateway that asks for another status gets that of all, and is told so', async (t) => {
  const found = 'found.example.com'
  await mesh.pointAtGateways([found])
  const server = { port: { number: 443, name: 'https-found', protocol: 'HTTPS' }, hosts: [found] }
  await makeIstioObject(mesh.must, {
    ...{ kind: 'Gateway', namespace: shop, name: 'found' },
    annotations: { 'port80.io/managed': 'true', 'port80.io/redirect-status': '302' },
    spec: {
      selector: mesh.gateways.selector,
      servers: [{ ...server, tls: { mode: 'SIMPLE', credentialName: 'found' } }],
    },
  })
  const object = `Istio Gateway ${shop}/found`
  const source = await until(
    async () => (await port80.status()).sources?.find((one) => one.object === object),
    (one) => one?.state === 'wanted',
    { what: 'the Gateway is seen' },
  )
  const words = 'port80.io/redirect-status "302" is ignored: the gateway redirects'
  t.ok(source?.detail.startsWith(words), JSON.stringify(source))
  await until(() => port80.log('worker').includes(JSON.stringify(words).slice(1, -1)), Boolean, {
    what: 'it is in the log too',
  })
  for (const { ip } of mesh.gateways.pods) t.equal((await curl(ip, `http://${found}/`)).status, 301, ip)
})

t.test('helm test passes', async (t) => {
  t.match(await port80.test(), /Phase: +Succeeded/)
})
