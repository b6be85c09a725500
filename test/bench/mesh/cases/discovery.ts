/**
 * From an annotation to what the gateway serves and back: Gateways of Istio and of the Gateway API, and what happens when one
 * is no longer managed. Conflicts are named on both sides and cost nobody else anything.
 */
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import type { SourceStatus } from '../../../../src/discovery/source-status.ts'
import { until } from '../../fixtures/until.ts'
import { startBenchRunner } from '../fixtures/bench-runner.ts'
import { followFindings } from '../fixtures/finding-watch.ts'
import { installPort80 } from '../fixtures/install.ts'
import { makeIstioObject } from '../fixtures/istio-object.ts'
import { servedSerial } from '../fixtures/tls-pair.ts'
import { ask, onPod } from '../fixtures/tokens.ts'
import { startMesh } from '../mesh.ts'

/** Seconds of life in the profile `brief`; renewed after half of that. */
const brief = 120

const mesh = await startMesh(t, { pebble: { validationSleep: 0, profiles: { default: 7_776_000, brief } } })
const { must, gateways, pebble } = mesh
const runner = await startBenchRunner(t, mesh)
const edge = gateways.namespace
const [shop, other] = [await mesh.namespace('shop'), await mesh.namespace('other')]
const ofFile = { hosts: ['file.example.com'], secretName: 'file-tls' }
await mesh.pointAtGateways(ofFile.hosts)
const port80 = await installPort80(t, mesh, runner, {
  looks: 'as the chart has them',
  values: {
    domains: [{ ...ofFile, redirect: { status: 302 }, tlsGateway: 'create' }],
    redirect: { hosts: 'configured' },
    discovery: {
      istio: { namespaces: [shop] },
      gatewayApi: { namespaces: [edge, other] },
      gateway: { namespaces: [edge], selector: gateways.selector },
    },
  },
})
const findings = followFindings(t, port80)
const managed = { 'port80.io/managed': 'true' }
const istioPlace = `/apis/networking.istio.io/v1/namespaces/${shop}/gateways`
const apiPlace = (namespace: string) => `/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/gateways`

interface Wanted {
  readonly hosts: readonly string[]
  readonly credentialName?: string
  readonly annotations?: Readonly<Record<string, string>>
}
const gateway = (name: string, { hosts, credentialName = name, annotations = managed }: Wanted) =>
  makeIstioObject(must, {
    ...{ kind: 'Gateway', namespace: shop, name, annotations },
    spec: {
      selector: gateways.selector,
      servers: [
        {
          ...{ port: { number: 443, name: `https-${name}`, protocol: 'HTTPS' }, hosts },
          tls: { mode: 'SIMPLE', credentialName },
        },
      ],
    },
  })

/** Serial number that every gateway pod serves for the host, once it is one of Pebble's, and another than `but`. */
async function served(host: string, but?: string, ms = 120_000): Promise<string> {
  const all = await until(
    () => Promise.all(gateways.pods.map(({ ip }) => servedSerial(ip, host))),
    ([first = '', ...more]) =>
      first !== but && pebble.issued().includes(first) && more.every((each) => each === first),
    {
      what: `a certificate of Pebble is served for ${host}`,
      ms,
      every: 250,
      log: () => port80.log('worker').slice(-6_000),
    },
  )
  return all[0] ?? ''
}

/** By every responder, as soon as the leader has told of the host. */
async function redirected(host: string, wanted: number): Promise<void> {
  for (const pod of await port80.pods('responder'))
    await until(
      () => ask(onPod(pod), host, '/'),
      ({ status }) => status === wanted,
      { what: `a responder answers ${wanted} for ${host}`, every: 250 },
    )
}

const sources = async () => (await port80.status()).sources ?? []
const told = (wanted: (source: SourceStatus) => boolean, what: string) =>
  until(
    async () => (await sources()).filter(wanted),
    (found) => found.length > 0,
    { what, ms: 120_000, every: 250 },
  )
const eventsOn = async (namespace: string, kind: string, name: string) => {
  type Events = { items: { involvedObject: { kind?: string; name?: string }; reason: string }[] }
  const { items } = await must<Events>('GET', `/api/v1/namespaces/${namespace}/events`)
  return items
    .filter(({ involvedObject: on }) => on.kind === kind && on.name === name)
    .map(({ reason }) => reason)
}

await t.test('an Istio Gateway is annotated: its host is served with a certificate of the CA', async (t) => {
  await mesh.pointAtGateways(['kept.example.com', 'left.example.com'])
  await gateway('kept', { hosts: ['kept.example.com'], annotations: {} })
  await pause(3_000)
  t.same(await sources(), [], 'nothing is done for one that does not ask')
  for (const pod of await port80.pods('responder'))
    t.not((await ask(onPod(pod), 'kept.example.com', '/')).status, 301, 'it is nobody’s host yet')
  await must('PATCH', `${istioPlace}/kept`, {
    metadata: { annotations: { ...managed, 'port80.io/profile': 'brief' } },
  })
  const began = Date.now()
  await served('kept.example.com')
  t.comment(`annotated to served: ${Date.now() - began} ms`)
  t.match(await sources(), [{ object: `Istio Gateway ${shop}/kept`, state: 'wanted', secret: 'kept' }])
  await redirected('kept.example.com', 301)
  const { metadata } = (await port80.secret('kept')) ?? {}
  t.match(metadata?.annotations, { 'port80.io/names': 'kept.example.com' })
  const reasons = await until(
    () => eventsOn(shop, 'Gateway', 'kept'),
    (all) => all.includes('Issued'),
    { what: 'an Event on the Gateway', every: 250 },
  )
  t.comment(reasons.join(' '))
})

await t.test('a redirect status of its own, of the file and of an object', async () => {
  await redirected('file.example.com', 302)
  const annotations = { 'port80.io/redirect-status': '308' }
  await must('PATCH', `${istioPlace}/kept`, { metadata: { annotations } })
  await redirected('kept.example.com', 308)
})

await t.test('a Gateway of the Gateway API beside the pods that serve it', async (t) => {
  const host = 'api.example.com'
  await mesh.pointAtGateways([host])
  await must('POST', apiPlace(edge), {
    ...{ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway' },
    metadata: { name: 'api', labels: managed },
    spec: {
      gatewayClassName: 'istio',
      // The pods of this Service, instead of some that istiod makes for it.
      addresses: [{ type: 'Hostname', value: `${gateways.service}.${edge}.svc.cluster.local` }],
      listeners: [
        {
          ...{ name: 'https', hostname: host, port: 443, protocol: 'HTTPS' },
          tls: { mode: 'Terminate', certificateRefs: [{ name: 'api-tls' }] },
        },
      ],
    },
  })
  await served(host)
  await told(
    ({ object, state }) => object === `Gateway ${edge}/api` && state === 'wanted',
    'it is among the sources',
  )
  t.ok((await port80.secret('api-tls'))?.data?.['tls.key'])
})

await t.test('every way to be refused says with whom and why, and the others go on', async (t) => {
  await gateway('of-file', { hosts: ['another.example.com'], credentialName: 'file-tls' })
  const [beside] = await told(
    ({ object, state }) => object.endsWith('/of-file') && state === 'conflict',
    'the configuration file comes first',
  )
  t.match(beside?.detail, /its Secret is that of certificate file-tls .* lacks another\.example\.com/)
  await gateway('younger', {
    ...{ hosts: ['younger.example.com'], credentialName: 'kept' },
    annotations: { ...managed, 'port80.io/profile': 'default' },
  })
  const [younger] = await told(
    ({ object, state }) => object.endsWith('/younger') && state === 'conflict',
    'the older one comes first',
  )
  t.match(
    younger?.detail,
    new RegExp(`port80.io/profile default, and Istio Gateway ${shop}/kept, which is older`),
  )
  await gateway('misspelt', {
    hosts: ['misspelt.example.com'],
    annotations: { ...managed, 'port80.io/isuer': 'pebble' },
  })
  const [misspelt] = await told(
    ({ object, state }) => object.endsWith('/misspelt') && state === 'faulty',
    'a fault',
  )
  t.match(misspelt?.detail, /did you mean port80\.io\/issuer\?/)
  await gateway('wild', { hosts: ['*.example.com'] })
  await told(({ object, state }) => object.endsWith('/wild') && state === 'nothing', 'a wildcard is left out')
  await must('POST', apiPlace(other), {
    ...{ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway' },
    metadata: { name: 'far', labels: managed },
    spec: {
      gatewayClassName: 'none',
      listeners: [
        {
          ...{ name: 'https', hostname: 'far.example.com', port: 443, protocol: 'HTTPS' },
          tls: { mode: 'Terminate', certificateRefs: [{ name: 'far-tls', namespace: edge }] },
        },
      ],
    },
  })
  const [far] = await told(({ object, state }) => object.endsWith('/far') && state === 'refused', 'no grant')
  t.match(far?.detail, /ReferenceGrant/)
  t.same(await port80.secret('far-tls'), undefined)
  t.match(
    (await sources())
      .filter(({ state }) => state === 'wanted')
      .map(({ object }) => object)
      .sort(),
    [`Gateway ${edge}/api`, `Istio Gateway ${shop}/kept`],
  )
  await Promise.all(
    ['of-file', 'younger', 'misspelt', 'wild'].map((name) => must('DELETE', `${istioPlace}/${name}`)),
  )
})

await t.test('no longer managed: no renewal, and nothing is deleted', async (t) => {
  await gateway('left', {
    hosts: ['left.example.com'],
    annotations: { ...managed, 'port80.io/profile': 'brief' },
  })
  const left = await served('left.example.com')
  const kept = await served('kept.example.com')
  await must('PATCH', `${istioPlace}/left`, { metadata: { annotations: { 'port80.io/managed': 'false' } } })
  await until(
    async () => (await port80.status()).certificates.map(({ domains }) => domains[0]),
    (hosts) => !hosts.includes('left.example.com'),
    { what: 'the status no longer knows the certificate', every: 250 },
  )
  const secret = await port80.secret('left')
  await served('kept.example.com', kept, 3 * brief * 1_000)
  t.pass('the one that is still managed was renewed')
  // As old as the other one's was then, and more.
  const { at } = { at: Date.now() + 1_000 * (brief / 2) }
  while (Date.now() < at) {
    await pause(5_000)
    for (const { ip } of gateways.pods) {
      if ((await servedSerial(ip, 'left.example.com')) !== left) t.fail('the other one was renewed, too')
    }
  }
  t.same((await port80.secret('left'))?.data, secret?.data, 'the Secret is there as it was left')
  await must('DELETE', `${istioPlace}/left`)
  await pause(3_000)
  t.ok(await port80.secret('left'), 'also when the Gateway is gone')
  t.strictSame(await findings.ended(), [], 'no look found anything')
})
