/**
 * Responders and workers inside the mesh, with the sidecars that Istio's own injector gives their pods: mutual TLS is
 * STRICT, and nothing leaves that the registry does not know. What is looked at from there is told as it is.
 */
import type { V1Pod } from '@kubernetes/client-node'
import t from 'tap'
import { until } from '../../fixtures/until.ts'
import { startBenchRunner } from '../fixtures/bench-runner.ts'
import { findingWatch } from '../fixtures/finding-watch.ts'
import { installPort80, type PodHandle } from '../fixtures/install.ts'
import { makeIstioObject } from '../fixtures/istio-object.ts'
import { expectAnsweredInPlace, expectRenewalUnseen } from '../fixtures/through-sidecar.ts'
import { servedSerial } from '../fixtures/tls-pair.ts'
import { proxyImageName } from '../injection.ts'
import { startMesh } from '../mesh.ts'
import { startPrometheus } from '../prometheus.ts'
import { proxyImage } from '../runner/proxy-image.ts'

const host = 'meshed.example.com'
const late = 'late.example.com'
const ca = 'ca.bench.example'
const mesh = await startMesh(t, { gateways: 1, pebble: { hosts: [ca], validationSleep: 0 } })
const { network, must } = mesh
const runner = await startBenchRunner(t, mesh, {
  names: (name) => (name === ca ? [network.address('0.3')] : undefined),
  // By its Service, as every pod of a cluster: an address that the registry does not know leads nowhere here.
  apiServer: { host: network.services.replace('.0/24', '.1'), port: 443 },
})
await mesh.pointAtGateways([host, late])
const namespace = await mesh.namespace('port80')
const strict = { mtls: { mode: 'STRICT' } }
await makeIstioObject(must, { kind: 'PeerAuthentication', namespace, name: 'default', spec: strict })
const registryOnly = { outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' } }
await makeIstioObject(must, { kind: 'Sidecar', namespace, name: 'default', spec: registryOnly })

const [, caPort = ''] = mesh.pebble.authority.split(':')
const caBundle = { configMap: { name: 'pebble-root', key: 'root.pem' } }
const deadlineMs = 5_000
// A CA on the port of the gateways, beside them.
const settings = { sidecar: 'inject', serviceEntry: { create: true, hosts: ['acme.example'] } }
const domain = (name: string) => ({
  hosts: [name],
  secretName: name.replaceAll('.', '-'),
  tlsGateway: 'create',
})
const port80 = await installPort80(t, mesh, runner, {
  namespace,
  looks: 'as the chart has them',
  values: {
    proof: { enabled: true, deadline: `${deadlineMs}ms`, every: '2s' },
    issuers: { pebble: { directory: `https://${ca}:${caPort}/dir`, caBundle } },
    mesh: settings,
    pods: { annotations: { 'sidecar.istio.io/nativeSidecar': 'true' } },
  },
})

const findings = findingWatch(port80)
const podOf = ({ name }: PodHandle) => must<V1Pod>('GET', `/api/v1/namespaces/${namespace}/pods/${name}`)
const envoy = async (pod: PodHandle, path: string) =>
  (await runner.exec(pod, ['pilot-agent', 'request', 'GET', path], 'istio-proxy')).stdout
const everyPod = async () => [...(await port80.pods('responder')), ...(await port80.pods('worker'))]
const isServed = async (name: string, secretName: string) => {
  const { current } = await port80.waitForCertificate(secretName)
  const [gateway] = mesh.gateways.pods
  const serial = current?.serial.toLowerCase()
  await until(
    () => servedSerial(gateway?.ip ?? '', name),
    (served) => served === serial,
    { what: `the gateway serves ${serial} for ${name}` },
  )
}

t.test('every pod of ours has a sidecar, and is ready by its probes', async (t) => {
  for (const pod of await everyPod()) {
    const { metadata, spec, status } = await podOf(pod)
    const all = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map(({ name }) => name)
    t.same(all, ['istio-init', 'istio-proxy', 'port80'], pod.name)
    t.equal(metadata?.labels?.['security.istio.io/tlsMode'], 'istio')
    t.ok(pod.ready)
    t.same(
      status?.containerStatuses?.map(({ restartCount }) => restartCount),
      [0],
    )
  }
})

t.test('a certificate is ordered and served', async (t) => {
  // Only now, when every responder is ready and is to be asked.
  await port80.upgrade({ domains: [domain(host)] })
  await isServed(host, host.replaceAll('.', '-'))
  t.equal(mesh.pebble.issued().length, 1)
})

t.test('the worker sees it served, through its own sidecar, and accuses nobody', async (t) => {
  const { serial } = (await port80.waitForCertificate(host.replaceAll('.', '-'))).current ?? {}
  const status = await until(
    () => port80.status(),
    ({ served = [] }) => served.some((each) => each.matches && each.serial === serial),
    { what: 'it is seen to be served', every: 250, log: () => port80.log('worker').slice(-4_000) },
  )
  t.match(status.served, [{ host, matches: true, pickupSeconds: Number }])
  t.comment(`seen after ${status.served?.[0]?.pickupSeconds} s`)
  t.ok(status.legs?.length)
  t.strictSame(
    status.legs?.filter(({ ok }) => !ok),
    [],
    'nor did preflight or canary find anything',
  )
  t.strictSame(status.findings, [])
})

t.test('its sidecar keeps it from seeing a renewal: P80-405 names that, and nothing is undone', (t) =>
  expectRenewalUnseen(t, { mesh, runner, port80, findings, host, deadlineMs }),
)

t.test(
  'its sidecar answers in the place of the gateway: P80-307 names that, and the gateway is not accused',
  (t) => expectAnsweredInPlace(t, { mesh, runner, port80, host }),
)

t.test('nobody reaches a responder in plain text', async (t) => {
  for (const { ip } of await port80.pods('responder'))
    await t.rejects(fetch(`http://${ip}:8080/`, { redirect: 'manual' }), `${ip}:8080`)
})

t.test('the worker has asked each responder itself, by mutual TLS, as the headless Service', async (t) => {
  const clusters = await envoy(await port80.leader(), 'clusters')
  const service = `outbound|8080||port80-responder-pods.${namespace}.svc.cluster.local`
  for (const { ip } of await port80.pods('responder')) {
    const asked = counted(clusters, `${service}::${ip}:8080`, 'rq_success')
    t.ok(asked > 0, `${ip} was asked ${asked} times`)
  }
})

t.test('the worker asks each responder for its counts of plain http, beside the sidecars', async (t) => {
  const counted = await until(
    async () => (await port80.status()).counted,
    (sum) => sum?.asked?.replicas === 2 && sum.asked.silent.length === 0,
    { what: 'both responders told their counts', ms: 120_000, every: 500 },
  )
  t.match(counted, { asked: { silent: [] } })
})

t.test('the worker reaches the CA by the ServiceEntry, and nothing else out there', async (t) => {
  const leader = await port80.leader()
  const made = counted(
    await envoy(leader, 'clusters'),
    `outbound|${caPort}||${ca}::${network.address('0.3')}:${caPort}`,
    'cx_total',
  )
  t.ok(made > 0, `${made} connections`)
  const unknown = await runner.exec(leader, [
    'curl',
    '--insecure',
    '--silent',
    '--max-time',
    '10',
    mesh.pebble.directoryUrl,
  ])
  t.not(unknown.code, 0, 'the same CA by its address')
})

t.test('Prometheus scrapes every pod', async (t) => {
  const pods = await everyPod()
  const names = pods.map(({ name }) => name).sort()
  const prometheus = await startPrometheus(mesh, {
    global: { scrape_interval: '2s', scrape_timeout: '2s' },
    scrape_configs: [...(await Promise.all(pods.map(asAnnotated))), ...pods.map(asMonitored)],
  })
  const log = () => prometheus.log()
  for (const way of ['annotations', 'monitor'])
    await until(
      async () => {
        const found = await prometheus.query(`port80_build_info{way="${way}"}`)
        return found.map(({ labels }) => labels.pod).sort()
      },
      (found) => JSON.stringify(found) === JSON.stringify(names),
      { what: `port80's own figures of ${names.join(', ')} by ${way}`, every: 500, log },
    )
  const errors = async () => (await prometheus.targets()).map(({ lastError }) => lastError).filter(Boolean)
  t.same(await until(errors, ({ length }) => length === 0, { what: 'no scrape fails', every: 500, log }), [])
  t.ok(
    (await prometheus.query('envoy_server_live{way="annotations"}')).length > 0,
    'and those of the sidecars',
  )
})

t.test('helm test passes from inside the mesh', async (t) => {
  t.match(await port80.test(), /Phase: +Succeeded/)
})

t.test('a start before the sidecar is ready ends well, without a restart', async (t) => {
  runner.images.set(proxyImageName, await proxyImage({ slowMs: 12_000 }))
  const before = (await everyPod()).map(({ uid }) => uid)
  await port80.upgrade({
    mesh: { ...settings, holdUntilProxyStarts: false },
    pods: { annotations: { 'sidecar.istio.io/nativeSidecar': 'false' } },
    domains: [domain(host), domain(late)],
  })
  // Helm waits for the new ones, not until the old ones are told to end.
  const pods = await until(
    everyPod,
    (all) => all.length === 4 && !all.some(({ uid }) => before.includes(uid)),
    {
      ...{ what: 'only new pods are there', ms: 120_000, every: 500 },
    },
  )
  for (const pod of pods) {
    const { spec, status } = await podOf(pod)
    t.same(
      spec?.containers.map(({ name }) => name),
      ['port80', 'istio-proxy'],
      pod.name,
    )
    t.equal(status?.containerStatuses?.find(({ name }) => name === 'port80')?.restartCount, 0)
    t.match(runner.log(pod, 'port80'), /"level":"warn".*ECONNREFUSED/, 'it says what it waits for')
  }
  await isServed(late, late.replaceAll('.', '-'))
})

/** A figure of one endpoint, as Envoy's /clusters tells it; 0 when it is not there. */
function counted(clusters: string, endpoint: string, figure: string): number {
  const line = clusters.split('\n').find((one) => one.startsWith(`${endpoint}::${figure}::`))
  return Number(line?.split('::').at(-1) ?? 0)
}

/** As the annotations are after the injection: the agent answers, for itself and for port80. */
async function asAnnotated(pod: PodHandle): Promise<object> {
  const { annotations = {} } = (await podOf(pod)).metadata ?? {}
  const [port, path] = ['port', 'path'].map((name) => annotations[`prometheus.io/${name}`] ?? '')
  const labels = { pod: pod.name, way: 'annotations' }
  const target = { targets: [`${pod.ip}:${port}`], labels }
  return { job_name: `annotations-${pod.name}`, metrics_path: path, static_configs: [target] }
}

/** As PodMonitor and ServiceMonitor say: the admin port itself. */
function asMonitored({ name, ip }: PodHandle): object {
  const target = { targets: [`${ip}:9090`], labels: { pod: name, way: 'monitor' } }
  return { job_name: `monitor-${name}`, static_configs: [target] }
}
