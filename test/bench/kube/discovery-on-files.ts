/** Records in a folder, certificates for Gateways of a cluster and nothing in the file: the cluster is told all the same. */
import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import t from 'tap'
import { tail } from '../peers/child.ts'
import { startPebble } from '../peers/pebble.ts'
import { freePort } from '../peers/ports.ts'
import { until } from '../fixtures/until.ts'
import { installCustomResources } from '../mesh/custom-resources.ts'
import { startCluster } from './fixtures/cluster.ts'
import { istioGateway, istioPlace, makePod } from './fixtures/discovering.ts'
import { laptopCommands, startPod } from './fixtures/pod.ts'
import { discoverIstio, findGateways, tellEvents, writePairs } from './fixtures/rights.ts'

const cluster = await startCluster(t)
await installCustomResources((method, path, body) => cluster.must(method, path, body))
const [home, shop, edge] = [await cluster.namespace(), await cluster.namespace(), await cluster.namespace()]
const selector = { istio: edge }
await makePod(cluster, edge, selector)

interface Told {
  readonly regarding: { readonly kind: string; readonly name: string }
  readonly reason: string
}
const eventsIn = async (namespace: string) =>
  (await cluster.must<{ items: Told[] }>('GET', `/apis/events.k8s.io/v1/namespaces/${namespace}/events`))
    .items

t.test('a Gateway that begins to ask long after the start of the term', async (t) => {
  const account = await cluster.account(home, {
    [shop]: [discoverIstio, tellEvents],
    [edge]: [findGateways, tellEvents, ...writePairs(['book'])],
  })
  const pod = await startPod({
    ...{ name: 'files', role: 'all', directory: cluster.directory, account },
    config: {
      kubernetes: {},
      store: { directory: join(cluster.directory, 'state') },
      listeners: { public: { host: '127.0.0.1', port: await freePort() } },
      // Nobody listens there: what is told is the failure.
      issuers: { gone: { directory: `https://127.0.0.1:${await freePort()}/dir` } },
      selfCheck: 'off',
      worker: { tick: '1s' },
      discovery: {
        istio: { namespaces: [shop] },
        gateway: { namespaces: [edge] },
        issuer: 'gone',
      },
    },
  })
  t.teardown(async () => {
    await pod.stop('SIGKILL')
    if (!t.passing()) t.comment(tail(pod.log(), 40))
  })
  t.teardown(() => cluster.must('DELETE', `${istioPlace(shop)}/book`))
  await until(
    () => pod.status(),
    ({ worker }) => worker.role === 'leader',
    { what: 'it leads' },
  )
  t.same((await pod.status()).certificates, [])
  await cluster.must('POST', istioPlace(shop), istioGateway('book', { selector, hosts: ['a.example.com'] }))
  const secret = await until(
    () =>
      cluster.must<{ metadata: { annotations?: Record<string, string> } }>(
        'GET',
        `/api/v1/namespaces/${edge}/secrets/book`,
      ),
    ({ metadata }) => metadata.annotations?.['port80.io/status'] !== undefined,
    { what: 'the Secret says how it is', log: () => tail(pod.log(), 40) },
  )
  t.match(secret.metadata.annotations, {
    'port80.io/reason': /./,
    'port80.io/status': /^(?!Ready)/,
  })
  for (const [namespace, kind] of [
    [shop, 'Gateway'],
    [edge, 'Secret'],
  ] as const) {
    const told = await until(
      () => eventsIn(namespace),
      (events) => events.some(({ regarding }) => regarding.kind === kind && regarding.name === 'book'),
      { what: `an Event on the ${kind}`, log: () => tail(pod.log(), 40) },
    )
    t.comment(JSON.stringify(told.map(({ regarding, reason }) => [regarding.kind, reason])))
  }
})

t.test('commands are the worker themselves where none runs, for what a Gateway asks for, too', async (t) => {
  const port = await freePort()
  const pebble = await startPebble(cluster.directory, { httpPort: port, validationSleep: 0, nonceReject: 0 })
  t.teardown(() => pebble.stop())
  const gateway = istioGateway('shelf', { selector, hosts: ['shelf.example.com'] })
  await cluster.must('POST', istioPlace(shop), gateway)
  const run = laptopCommands(cluster.directory, {
    kubernetes: { kubeconfig: cluster.api().kubeconfig },
    store: { directory: join(cluster.directory, 'state-of-commands') },
    listeners: { public: { host: '127.0.0.1', port }, admin: { port: await freePort() } },
    issuers: { pebble: { directory: pebble.directoryUrl, caBundle: pebble.tls.root } },
    selfCheck: 'off',
    discovery: { istio: { namespaces: [shop] }, gateway: { namespaces: [edge] }, issuer: 'pebble' },
  })
  const planned = await run('plan')
  const [, name = ''] = /^(shelf-[0-9a-f]{8}) +order at pebble/m.exec(planned.stdout) ?? []
  t.match(name, /^shelf-/, planned.stdout + planned.stderr)
  const held = async () => {
    const path = `/api/v1/namespaces/${edge}/secrets/shelf`
    const { data = {} } = await cluster.must<{ data?: Record<string, string> }>('GET', path)
    return new X509Certificate(Buffer.from(data['tls.crt'] ?? '', 'base64'))
  }
  for (const command of ['issue', 'renew']) {
    const done = await run(command, name)
    t.match(done, { code: 0, stdout: new RegExp(`^${name}: issued, serial`) }, command)
    const { serialNumber, subjectAltName } = await held()
    t.equal(serialNumber.toLowerCase(), pebble.issued().at(-1), 'what was issued is in the Secret')
    t.equal(subjectAltName, 'DNS:shelf.example.com')
  }
  const { stdout } = await run('status', '--json')
  t.match(JSON.parse(stdout), { certificates: [{ name, state: 'ready' }] })
})
