/**
 * `routes.kind: gatewayApi`: HTTPRoutes on a Gateway of the Gateway API, which istiod serves with gateway pods that are
 * there already. Its two listeners are what an operator has: http for port80, https with the Secret that port80 writes.
 */
import { X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { until } from '../../fixtures/until.ts'
import { curl } from '../fixtures/asked.ts'
import { startBenchRunner } from '../fixtures/bench-runner.ts'
import { installPort80 } from '../fixtures/install.ts'
import { metricOf } from '../fixtures/metric.ts'
import { servedSerial } from '../fixtures/tls-pair.ts'
import { startMesh } from '../mesh.ts'

const host = 'routed.example.com'
const mesh = await startMesh(t, { pebble: { validationSleep: 0 } })
const { must, gateways } = mesh
const runner = await startBenchRunner(t, mesh)
await mesh.pointAtGateways([host])
const group = '/apis/gateway.networking.k8s.io/v1'
const place = `${group}/namespaces/${gateways.namespace}/gateways`
const allowedRoutes = { namespaces: { from: 'All' } }
await must('POST', place, {
  ...{ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', metadata: { name: 'edge' } },
  spec: {
    gatewayClassName: 'istio',
    // Pods that somebody else runs, by their Service: without an address istiod would make a Deployment of its own.
    addresses: [{ type: 'Hostname', value: `${gateways.service}.${gateways.namespace}.svc.cluster.local` }],
    listeners: [
      { name: 'http', port: 80, protocol: 'HTTP', allowedRoutes },
      {
        ...{ name: 'https', port: 443, protocol: 'HTTPS', hostname: host, allowedRoutes },
        tls: { mode: 'Terminate', certificateRefs: [{ name: 'routed' }] },
      },
    ],
  },
})
const port80 = await installPort80(t, mesh, runner, {
  values: {
    domains: [{ hosts: [host], secretName: 'routed' }],
    routes: {
      kind: 'gatewayApi',
      gatewayApi: { parentRefs: [{ name: 'edge', namespace: gateways.namespace, sectionName: 'http' }] },
    },
  },
})

interface Listener {
  readonly name: string
  readonly attachedRoutes: number
  readonly conditions: readonly { readonly type: string; readonly status: string }[]
}

const redirects = async (path: string) => {
  for (const name of [host, 'nobody.listed.example.net']) {
    for (const { ip } of gateways.pods) {
      const answer = await until(
        () => curl(ip, `http://${name}${path}`),
        ({ status }) => status === 301,
        { what: `${ip} redirects ${name}` },
      )
      t.equal(answer.location, `https://${name}${path}`, `${name} at ${ip}`)
    }
  }
}

t.test('every host is redirected with 301', async (t) => {
  await redirects('/some/page?a=1&b=%20')
  t.pass()
})

t.test('a certificate is issued and served by the https listener', async (t) => {
  const { current } = await port80.waitForCertificate('routed')
  const serial = current?.serial.toLowerCase()
  for (const { ip } of gateways.pods)
    await until(
      () => servedSerial(ip, host),
      (served) => served === serial,
      { what: `${ip} serves ${serial}` },
    )
  const data = (await port80.secret('routed'))?.data?.['tls.crt'] ?? ''
  t.equal(new X509Certificate(Buffer.from(data, 'base64')).subjectAltName, `DNS:${host}`)
})

t.test('the routes are on the http listener alone, so that https does not redirect to itself', async (t) => {
  const listeners = await until(
    async () => (await must<{ status: { listeners: Listener[] } }>('GET', `${place}/edge`)).status.listeners,
    (all) =>
      all.some(({ attachedRoutes }) => attachedRoutes === 2) &&
      all.every(({ conditions }) =>
        conditions.some(({ type, status }) => type === 'Programmed' && status === 'True'),
      ),
    { what: 'both listeners are programmed, and istiod has counted the routes' },
  )
  t.same(Object.fromEntries(listeners.map(({ name, attachedRoutes }) => [name, attachedRoutes])), {
    http: 2,
    https: 0,
  })
  const root = join(mesh.directory, 'issuing-root.pem')
  writeFileSync(root, await mesh.pebble.root())
  for (const { ip } of gateways.pods) {
    const answer = await curl(ip, `https://${host}/some/page`, { root })
    t.match(answer, { status: 404, location: '' }, ip)
  }
})

t.test('redirect.by gateway: the same without port80, but for the challenges', async (t) => {
  await port80.upgrade({ redirect: { by: 'gateway' } })
  const before = async () => {
    const pages = await Promise.all(
      (await port80.pods('responder')).map((pod) => port80.admin(pod, '/metrics')),
    )
    return pages.reduce((total, { body }) => total + metricOf(body, 'port80_redirects_total'), 0)
  }
  // The routes are new to Envoy a moment later.
  await until(
    async () => {
      const was = await before()
      for (const { ip } of gateways.pods) await curl(ip, `http://${host}/`)
      return (await before()) - was
    },
    (more) => more === 0,
    { what: 'redirects do not reach port80 any more', every: 500 },
  )
  await redirects('/another?c=2')
  const [gateway] = gateways.pods
  t.equal((await curl(gateway?.ip ?? '', `http://${host}/.well-known/acme-challenge/unknown`)).status, 404)
})
