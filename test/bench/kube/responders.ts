/** Every ready responder is asked at its own address before the CA is, and then each gateway pod by the name itself. */
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { awaitServed, type Responder } from '../../../src/challenge/served.ts'
import { kubeChallengeStore } from '../../../src/kube/challenge-store.ts'
import { findGatewayPods, gatewayDoors } from '../../../src/kube/gateways.ts'
import { internalHost, kubeResponders } from '../../../src/kube/responders.ts'
import { challengeOf } from '../../challenge/fixtures/store-contract.ts'
import { podAddresses } from './fixtures/addresses.ts'
import { startCluster } from './fixtures/cluster.ts'
import { startResponder, type RunningResponder } from './fixtures/responder.ts'
import { findGateways, findResponders, readChallenges, writeChallenges } from './fixtures/rights.ts'

const cluster = await startCluster(t)
const addresses = podAddresses(t, 3)
const service = 'port80-responders'
const onForeign = () => {}
const never = new AbortController().signal

interface PodAt {
  readonly name: string
  readonly address: string
  readonly ready?: boolean
}

/** As the endpoint controller does it; one slice. */
async function setEndpoints(namespace: string, port: number, pods: readonly PodAt[]): Promise<void> {
  const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`
  const body = {
    metadata: { name: 'slice', labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    ports: [
      { name: 'admin', port: 9090 },
      { name: 'http', port },
    ],
    endpoints: pods.map(({ name, address, ready = true }) => ({
      addresses: [address],
      conditions: { ready },
      targetRef: { kind: 'Pod', name, namespace },
    })),
  }
  const answer = await cluster.api().ask('PATCH', `${path}/slice`, body)
  if (answer.status === 404) await cluster.must('POST', path, body)
  else if (answer.status >= 300) throw new Error(answer.body)
}

async function scene(t: Test, count: number) {
  const namespace = await cluster.namespace()
  const host = internalHost({ service, namespace })
  const worker = await cluster.account(namespace, { [namespace]: [writeChallenges, findResponders] })
  const running: RunningResponder[] = []
  for (const address of addresses.slice(0, count)) {
    const { client } = await cluster.account(namespace, { [namespace]: [readChallenges] })
    const store = kubeChallengeStore({ client, namespace, onForeign, readOnly: true })
    const watch = store.follow()
    t.teardown(() => watch.stop())
    await watch.synced()
    const port = running[0]?.port
    running.push(await startResponder(t, { address, ...(port !== undefined && { port }) }, store, host))
  }
  const port = running[0]?.port ?? 1
  const pods = addresses.map((address, index): PodAt => ({ name: `responder-${index}`, address }))
  return {
    ...{ namespace, host, worker, running, port, pods },
    store: kubeChallengeStore({ client: worker.client, namespace, onForeign }),
    responders: kubeResponders({ client: worker.client, namespace, service, timeoutMs: 10_000 }),
  }
}

function challengeNow(token: string) {
  return challengeOf(token, { expiresAt: Date.now() + 3_600_000 })
}

const shell = (responders: () => Promise<readonly Responder[]>, frontDoor?: Responder) => ({
  responders,
  frontDoors: async () => (frontDoor ? [frontDoor] : []),
  timeoutMs: 30_000,
  now: Date.now,
  pause: (ms: number) => pause(ms),
})

t.test('three replicas: presented, and served by all of them', async (t) => {
  const { namespace, host, running, port, pods, store, responders } = await scene(t, 3)
  await setEndpoints(namespace, port, pods)
  const times: number[] = []
  for (let turn = 0; turn < 20; turn++) {
    const challenge = challengeNow(`token-${turn}`)
    const began = performance.now()
    await store.present(challenge)
    await awaitServed(
      [challenge],
      shell(() => responders.current()),
      never,
    )
    times.push(performance.now() - began)
    await pause(50)
  }
  times.sort((a, b) => a - b)
  t.comment(`write to accept, 3 replicas: p50 ${times[9]?.toFixed(0)} ms, max ${times.at(-1)?.toFixed(0)} ms`)
  for (const { asked } of running) {
    t.ok(asked.length >= 20)
    const first = `${host}:${port} /.well-known/acme-challenge/token-0?identifier=book.example.com`
    t.equal(asked[0], first)
  }
})

t.test('a responder that does not know the token is named, and the CA is not asked', async (t) => {
  const { namespace, port, pods, responders } = await scene(t, 2)
  await setEndpoints(namespace, port, pods.slice(0, 2))
  const failure = awaitServed(
    [challengeNow('unknown')],
    { ...shell(() => responders.current()), timeoutMs: 300 },
    never,
  )
  await t.rejects(failure, { message: 'NotServed: responder-0 answered 404 instead of 200' })
})

t.test('a pod that is not ready is not asked, one that gets ready is', async (t) => {
  const { namespace, port, pods, responders } = await scene(t, 1)
  await setEndpoints(
    namespace,
    port,
    pods.map((pod, index) => ({ ...pod, ready: index === 0 })),
  )
  t.strictSame(
    (await responders.current()).map(({ id }) => id),
    ['responder-0'],
  )
  await setEndpoints(namespace, port, pods)
  await pause(250)
  t.strictSame(
    (await responders.current()).map(({ id }) => id),
    ['responder-0', 'responder-1', 'responder-2'],
  )
})

t.test('no ready pod at all is not "all have answered"', async (t) => {
  const { namespace, port, pods, responders, store } = await scene(t, 1)
  const challenge = challengeNow('alone')
  await store.present(challenge)
  const waiting = () =>
    awaitServed([challenge], { ...shell(() => responders.current()), timeoutMs: 300 }, never)
  await t.rejects(waiting(), { message: 'NotServed: Service port80-responders has no ready responder' })
  await setEndpoints(
    namespace,
    port,
    pods.map((pod) => ({ ...pod, ready: false })),
  )
  await pause(250)
  await t.rejects(waiting(), { message: /has no ready responder/ })
})

t.test('many tokens at once ask the API server for the pods a few times, not a few hundred', async (t) => {
  const { namespace, port, pods, store, responders, running } = await scene(t, 3)
  await setEndpoints(namespace, port, pods)
  const challenges = Array.from({ length: 100 }, (_, index) => challengeNow(`many-${index}`))
  const began = performance.now()
  await Promise.all(challenges.map((each) => store.present(each)))
  await awaitServed(
    challenges,
    shell(() => responders.current()),
    never,
  )
  t.comment(`100 tokens, 3 replicas: ${(performance.now() - began).toFixed(0)} ms`)
  t.ok(running.every(({ asked }) => new Set(asked).size === 100))
})

t.test('without the right the failure says which', async (t) => {
  const namespace = await cluster.namespace()
  const { client } = await cluster.account(namespace, {})
  await t.rejects(kubeResponders({ client, namespace, service }).current(), {
    message: /^StoreFailed: list endpointslices in namespace \S+: .* may not list endpointslices/,
  })
  await t.rejects(findGatewayPods(client, { selector: { istio: 'x' }, namespaces: [namespace] }), {
    message: /may not list pods/,
  })
})

t.test('gateway pods by their labels, in the namespaces that are named, and as front doors', async (t) => {
  const [edge, port80] = [await cluster.namespace(), await cluster.namespace()]
  const { client } = await cluster.account(port80, { [edge]: [findGateways] })
  await cluster.must('POST', `/api/v1/namespaces/${edge}/serviceaccounts`, { metadata: { name: 'gateway' } })
  const make = async (name: string, labels: object, status: object) => {
    const path = `/api/v1/namespaces/${edge}/pods`
    const spec = { serviceAccountName: 'gateway', containers: [{ name: 'proxy', image: 'none' }] }
    await cluster.must('POST', path, { metadata: { name, labels }, spec })
    await cluster.must('PATCH', `${path}/${name}/status`, { status })
  }
  const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }
  await make(
    'gateway-1',
    { istio: 'ingressgateway' },
    { ...ready, podIP: addresses[0], podIPs: [{ ip: addresses[0] }] },
  )
  await make('gateway-2', { istio: 'ingressgateway' }, { phase: 'Pending' })
  await make('other', { istio: 'other' }, ready)
  const pods = await findGatewayPods(client, { selector: { istio: 'ingressgateway' }, namespaces: [edge] })
  t.strictSame(
    pods.map(({ name, ready }) => ({ name, ready })),
    [
      { name: 'gateway-1', ready: true },
      { name: 'gateway-2', ready: false },
    ],
  )
  const challenge = challengeNow('door')
  const store = { find: async (token: string) => (token === 'door' ? challenge : undefined) }
  const there = await startResponder(t, { address: addresses[0] ?? '' }, store, 'internal.invalid')
  const doors = gatewayDoors(pods, there.port, 10_000)
  t.strictSame(
    doors.map(({ id }) => id),
    [`gateway ${edge}/gateway-1`],
  )
  await awaitServed(
    [challenge],
    shell(async () => doors),
    never,
  )
  t.equal(there.asked[0], 'book.example.com /.well-known/acme-challenge/door')
  await t.rejects(findGatewayPods(client, { selector: { istio: 'x' }, namespaces: [] }), {
    message: /list pods in all namespaces: .* may not list pods/,
  })
})
