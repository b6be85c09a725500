/**
 * port80 itself in a cluster: two responders and two workers as processes, each with a ServiceAccount and the rights that
 * are documented and no others; a gateway pod, Pebble, and a Secret at the end of it.
 */
import { X509Certificate } from 'node:crypto'
import t from 'tap'
import type { ConfigInput } from '../../../src/config/schema.ts'
import { kubeChallengeStore } from '../../../src/kube/challenge-store.ts'
import { get } from './fixtures/ask.ts'
import { tail } from '../peers/child.ts'
import { startPebble } from '../peers/pebble.ts'
import { freePort } from '../peers/ports.ts'
import { until } from '../fixtures/until.ts'
import { podAddresses } from './fixtures/addresses.ts'
import { makeEndpoints, makeGatewayPod, startGateway } from './fixtures/edge.ts'
import { startCluster, type Rule } from './fixtures/cluster.ts'
import { laptopCommands, startPod, type Pod, type PodOptions } from './fixtures/pod.ts'
import {
  findGateways,
  findResponders,
  keepState,
  lead,
  publishStatus,
  readChallenges,
  writeChallenges,
  writePairs,
} from './fixtures/rights.ts'

const cluster = await startCluster(t)
const { directory } = cluster
const addresses = podAddresses(t, 3)
const [first = '', second = '', edgeAddress = ''] = addresses
const [namespace, edge] = [await cluster.namespace(), await cluster.namespace()]
const port = await freePort()
const service = 'port80-responder-pods'
const labels = { istio: 'ingressgateway' }
const names = ['book.example.com', 'www.book.example.com']

await startGateway(t, { address: edgeAddress, port }, [first, second])
const pebble = await startPebble(directory, { httpPort: port, validationSleep: 0, nonceReject: 0 })
t.teardown(() => pebble.stop())
for (const name of names) await pebble.resolver.setAddress(name, edgeAddress)

const config: ConfigInput = {
  store: { kubernetes: { lease: { duration: '4s', renewDeadline: '3s', retryPeriod: '500ms' } } },
  responders: { service, port },
  selfCheck: { gateways: true, timeout: '20s' },
  issuers: { pebble: { directory: pebble.directoryUrl, caBundle: pebble.tls.root } },
  worker: { tick: '1s', requestTimeout: '20s' },
  certificates: [
    {
      name: 'book',
      domains: names,
      issuer: 'pebble',
      redirect: { status: 308 },
      destinations: [{ secret: { gateway: { namespaces: [edge], selector: labels, httpPort: port } } }],
    },
  ],
}

const pods = new Map<string, Pod>()
t.teardown(async () => {
  for (const [name, pod] of pods) {
    await pod.stop('SIGKILL')
    if (!t.passing()) t.comment(`${name}:\n${tail(pod.log(), 40)}`)
  }
})
async function pod(options: Omit<PodOptions, 'directory' | 'config'> & { listen?: string }): Promise<Pod> {
  const { listen, ...rest } = options
  const listeners = listen === undefined ? {} : { listeners: { public: { host: listen, port } } }
  const started = await startPod({ ...rest, directory, config: { ...config, ...listeners } })
  pods.set(options.name, started)
  return started
}

const account = (own: Parameters<typeof cluster.account>[1][string], more = {}) =>
  cluster.account(namespace, { [namespace]: own, ...more })
const workerRights = [writeChallenges, keepState, ...lead('port80-worker'), findResponders, publishStatus]
const tellEvents: Rule = { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] }
const edgeRights = { [edge]: [...writePairs(['book']), findGateways, tellEvents] }

const responder = { role: 'responder' as const, account: await account([readChallenges]) }
const responders = [
  await pod({ name: 'responder-1', listen: first, ...responder }),
  await pod({ name: 'responder-2', listen: second, ...responder }),
]

const secret = async () => {
  const path = `/api/v1/namespaces/${edge}/secrets/book`
  const { data = {} } = await cluster.must<{ data?: Record<string, string> }>('GET', path)
  return new X509Certificate(Buffer.from(data['tls.crt'] ?? '', 'base64'))
}
const leaderOf = async () => {
  for (const name of ['worker-1', 'worker-2']) {
    const role = await pods
      .get(name)
      ?.status()
      .catch(() => undefined)
    if (role?.worker.role === 'leader') return name
  }
  return undefined
}

t.test('responders are ready by themselves, with no right but to read tokens', async (t) => {
  for (const each of responders) {
    const answer = await until(
      () => each.admin('/readyz'),
      ({ status }) => status === 200,
      { what: 'ready' },
    )
    t.match(answer.text, /\[ok\] token store/)
  }
  const redirected = await get(first, port, 'any.example.com', '/x')
  t.match(redirected, { status: 301, location: 'https://any.example.com/x' })
  t.match(await get(first, port, names[0] ?? '', '/x'), { status: 308 }, 'the status of the certificate')
})

t.test('a worker without a gateway says what is missing and orders nothing', async (t) => {
  await makeEndpoints(cluster, namespace, { service, addresses: [first, second] })
  const worker = await pod({
    name: 'worker-1',
    role: 'worker',
    account: await account(workerRights, edgeRights),
  })
  const status = await until(
    () => worker.status(),
    ({ certificates }) => certificates[0]?.destinations[0]?.fault !== undefined,
    { what: 'the fault is told', log: () => tail(worker.log(), 30) },
  )
  t.match(status.certificates[0]?.destinations[0], {
    id: 'Secret book of gateway istio=ingressgateway',
    fault: /no pod in namespace \S+ has the labels istio=ingressgateway.*mend destinations/,
  })
  t.equal((await worker.admin('/readyz')).status, 200)
})
t.test('the gateway starts: a certificate of the CA is in its namespace', async (t) => {
  await makeGatewayPod(cluster, edge, { name: 'gateway-1', labels, address: edgeAddress })
  const worker = pods.get('worker-1')
  const leaf = await until(secret, ({ issuer }) => issuer.includes('Pebble'), {
    what: 'the Secret has a certificate of Pebble',
    log: () => tail(worker?.log() ?? '', 40),
  })
  t.match(leaf.subjectAltName, /DNS:book\.example\.com, DNS:www\.book\.example\.com/)
  t.equal(pebble.issued().length, 1)
  const asked = responders.filter((each) => each.log().includes('challenge answered'))
  t.equal(asked.length, 2, 'every responder was asked')
  const status = await until(
    async () => worker?.status(),
    (seen) => seen?.certificates[0]?.state === 'ready',
    { what: 'the certificate is ready' },
  )
  t.equal(status?.certificates[0]?.destinations[0]?.id, `Secret ${edge}/book`)
})

t.test('the command line of a laptop sees the same and has it renewed by the worker', async (t) => {
  const laptop = laptopCommands(directory, {
    ...config,
    kubernetes: { kubeconfig: cluster.api().kubeconfig },
    store: { kubernetes: { ...config.store?.kubernetes, namespace } },
  })
  const plan = await laptop('plan')
  t.match(plan.stdout, /^book +rest/, plan.stderr)
  const status = await laptop('status', '--json')
  t.match(JSON.parse(status.stdout), { certificates: [{ name: 'book', state: 'ready' }] })
  const renewed = await laptop('renew', 'book')
  t.match(renewed, { code: 0, stdout: /^book: issued, serial/ })
  t.equal(pebble.issued().length, 2)
})

t.test('the leader is killed: the other one goes on', async (t) => {
  const spare = await pod({
    name: 'worker-2',
    role: 'worker',
    account: await account(workerRights, edgeRights),
  })
  await until(
    () => spare.status(),
    ({ worker }) => worker.role === 'standby',
    { what: 'it stands by' },
  )
  await pods.get('worker-1')?.stop('SIGKILL')
  const began = Date.now()
  await until(leaderOf, (name) => name === 'worker-2', { what: 'worker-2 leads' })
  t.comment(`led again after ${Date.now() - began} ms (Lease of 4 s)`)
  await cluster.must('DELETE', `/api/v1/namespaces/${edge}/secrets/book`)
  const leaf = await until(secret, ({ issuer }) => issuer.includes('Pebble'), {
    what: 'the lost Secret is written again',
    log: () => tail(spare.log(), 40),
  })
  t.ok(pebble.issued().includes(leaf.serialNumber.toLowerCase()))
  t.equal(pebble.issued().length, 2, 'nothing is ordered for it')
})

t.test('without the API server redirects and known tokens go on, and the worker comes back', async (t) => {
  const token = 'a-token-that-is-known'
  const writer = await account([writeChallenges])
  const store = kubeChallengeStore({ client: writer.client, namespace, onForeign: () => undefined })
  const keyAuthorization = `${token}.${'k'.repeat(43)}`
  await store.present({
    token,
    identifier: names[0] ?? '',
    keyAuthorization,
    expiresAt: Date.now() + 600_000,
  })
  const path = `/.well-known/acme-challenge/${token}`
  const ask = (address: string) => get(address, port, names[0] ?? '', path)
  for (const address of [first, second]) {
    await until(
      () => ask(address),
      ({ status }) => status === 200,
      { what: `${address} knows the token` },
    )
  }
  await cluster.stop()
  await until(leaderOf, (name) => name === undefined, { what: 'the worker has stopped leading' })
  for (const address of [first, second]) {
    t.match(await ask(address), { status: 200, body: keyAuthorization })
    t.match(await get(address, port, names[0] ?? '', '/x'), { status: 308 })
  }
  const late = await pod({ name: 'responder-3', listen: '127.0.0.1', ...responder })
  t.match(
    await get('127.0.0.1', port, 'a.example.com', '/'),
    { status: 301 },
    'one that starts now redirects',
  )
  t.equal((await late.admin('/readyz')).status, 503, 'and is not ready: it knows no token')
  for (const each of responders) t.equal((await each.admin('/readyz')).status, 200)
  const worker = pods.get('worker-2')
  t.equal((await worker?.admin('/livez'))?.status, 200)
  await cluster.start()
  await until(leaderOf, (name) => name === 'worker-2', { what: 'the worker leads again', ms: 90_000 })
  await until(
    () => late.admin('/readyz'),
    ({ status }) => status === 200,
    { what: 'the late one is ready' },
  )
  t.equal(worker?.log().match(/ECONNREFUSED.*tried for ever/g)?.length, 1, 'one line in its log says so')
  t.match(await ask('127.0.0.1'), { status: 200, body: keyAuthorization })
})

t.test('what is stopped in order gives the Lease back at once', async (t) => {
  const worker = pods.get('worker-2')
  await worker?.stop('SIGTERM', 20_000)
  t.equal(worker?.ended(), 0)
  const lease = await cluster.must<{ spec: { holderIdentity?: string } }>(
    'GET',
    `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/port80-worker`,
  )
  t.equal(lease.spec.holderIdentity ?? '', '')
})
