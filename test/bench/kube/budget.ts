/**
 * The limits of a CA by port80's own count, with the records in a cluster: a spend is in its Secret before the CA has heard of
 * the order, the worker that leads next goes on from it, and whoever has a kubeconfig sees what waits and until when.
 */
import t from 'tap'
import type { ConfigInput } from '../../../src/config/schema.ts'
import type { BudgetRecord } from '../../../src/state/records.ts'
import type { StatusSnapshot } from '../../../src/status/snapshot.ts'
import { until } from '../fixtures/until.ts'
import { tail } from '../peers/child.ts'
import { startFaultProxy } from '../peers/fault-proxy.ts'
import { startPebble } from '../peers/pebble.ts'
import { freePort } from '../peers/ports.ts'
import { podAddresses } from './fixtures/addresses.ts'
import { startCluster } from './fixtures/cluster.ts'
import { makeEndpoints, makeGatewayPod } from './fixtures/edge.ts'
import { laptopCommands, startPod, type Pod } from './fixtures/pod.ts'
import {
  findGateways,
  findResponders,
  keepState,
  lead,
  publishStatus,
  readChallenges,
  tellEvents,
  writeChallenges,
  writePairs,
} from './fixtures/rights.ts'

/** Two orders, and one more every two minutes: that it goes on then is in cases/budget.ts. */
const limits = { newOrders: { limit: 2, window: '4m' }, reserve: 0 }
const refillMs = 120_000
const names = ['one', 'two']

const cluster = await startCluster(t)
const { directory } = cluster
const [namespace, edge] = [await cluster.namespace(), await cluster.namespace()]
const labels = { istio: 'ingressgateway' }
const [address = ''] = podAddresses(t, 1)
const service = 'port80-responder-pods'
await makeEndpoints(cluster, namespace, { service, addresses: [address] })
await makeGatewayPod(cluster, edge, { name: 'gateway-1', labels, address })

const port = await freePort()
const pebble = await startPebble(directory, { httpPort: port, validationSleep: 0, nonceReject: 0 })
t.teardown(() => pebble.stop())
for (const name of names) await pebble.resolver.setAddress(`${name}.example.com`, address)
const proxy = await startFaultProxy(pebble)
t.teardown(() => proxy.stop())

const config: ConfigInput = {
  store: { kubernetes: { lease: { duration: '4s', renewDeadline: '3s', retryPeriod: '500ms' } } },
  responders: { service, port },
  selfCheck: 'off',
  issuers: { pebble: { directory: proxy.directoryUrl, caBundle: proxy.rootFile, limits } },
  worker: { tick: '1s', requestTimeout: '20s', parallelOrders: 1 },
  ...({ preflight: 'off', canary: 'off', proof: 'off' } as const),
  certificates: names.map((name) => ({
    ...{ name, domains: [`${name}.example.com`], issuer: 'pebble' },
    destinations: [{ secret: { gateway: { namespaces: [edge], selector: labels } } }],
  })),
}
const laptop = laptopCommands(directory, {
  ...config,
  kubernetes: { kubeconfig: cluster.api().kubeconfig },
  store: { kubernetes: { namespace } },
})

const pods: Pod[] = []
t.teardown(async () => {
  for (const pod of pods) await pod.stop('SIGKILL')
  if (!t.passing()) for (const pod of pods) t.comment(tail(pod.log(), 40))
})

const rights = {
  responder: { [namespace]: [readChallenges] },
  worker: {
    [namespace]: [writeChallenges, keepState, publishStatus, findResponders, ...lead('port80-worker')],
    [edge]: [...writePairs(names), findGateways, tellEvents],
  },
}

async function pod(name: string, role: 'responder' | 'worker'): Promise<Pod> {
  const account = await cluster.account(namespace, rights[role])
  const listeners = role === 'responder' ? { listeners: { public: { host: address, port } } } : {}
  const started = await startPod({ name, role, directory, account, config: { ...config, ...listeners } })
  pods.push(started)
  return started
}

async function ledger(): Promise<BudgetRecord['fullAt']> {
  const path = `/api/v1/namespaces/${namespace}/secrets/port80-budget-pebble`
  const { data = {} } = await cluster.must<{ data?: Record<string, string> }>('GET', path)
  return (JSON.parse(Buffer.from(data.document ?? '', 'base64').toString()) as BudgetRecord).fullAt
}

const orders = () => proxy.exchanges.filter(({ action }) => action === 'newOrder')

/** As the laptop hears it from the cluster. */
async function told(): Promise<StatusSnapshot> {
  const { stdout, stderr } = await laptop('status', '--json')
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as StatusSnapshot
}

await t.test('a spend is in the Secret before the CA has heard of the order', async (t) => {
  await pod('responder', 'responder')
  proxy.fault('newOrder', { kind: 'hang' })
  const first = await pod('worker-1', 'worker')
  await until(orders, (all) => all.length === 1, { what: 'an order on its way' })
  const { newOrders = {} } = await ledger()
  t.equal(proxy.accepted('newOrder'), 0, 'Pebble has not heard of it')
  const [fullAt = 0] = Object.values(newOrders)
  t.ok(Math.abs(fullAt - (orders()[0]?.at ?? 0) - refillMs) < 15_000, `one is spent (${fullAt})`)
  await first.stop('SIGKILL')
})

await t.test('the next leader knows of it, and places no order that would cross the limit', async (t) => {
  const next = await pod('worker-2', 'worker')
  await until(
    () => next.status(),
    ({ certificates }) =>
      certificates.some(({ state }) => state === 'ready') &&
      certificates.some(({ reason }) => reason === 'OverBudget'),
    { what: 'one certificate, and one that waits', ms: 100_000, every: 250, log: () => tail(next.log(), 40) },
  )
  t.equal(orders().length, 2, 'one that Pebble knows, and the one that was cut off')
  t.equal(proxy.accepted('newOrder'), 1)
})

await t.test('whoever has a kubeconfig sees what waits, for what and until when', async (t) => {
  const { certificates, budget, findings } = await until(
    told,
    (all) => all.certificates.some(({ reason }) => reason === 'OverBudget'),
    { what: 'it is published' },
  )
  const held = certificates.find(({ reason }) => reason === 'OverBudget')
  const nextAt = held?.nextAt ?? 0
  t.ok(Math.abs(nextAt - (orders()[0]?.at ?? 0) - refillMs) < 15_000, new Date(nextAt).toISOString())
  t.match(held?.next, /newOrders: of 2 in 4m none is left for it/)
  t.match(budget, [{ issuer: 'pebble', bucket: 'newOrders', used: 2, limit: 2, nextPossibleAt: nextAt }])
  t.match(
    findings?.map(({ code }) => code),
    ['P80-501', 'P80-502'],
  )
  const moment = new Date(nextAt).toISOString().replace('T', ' ').slice(0, 19)
  const { stdout, stderr } = await laptop('plan')
  t.match(
    stdout,
    new RegExp(`^${held?.name} +rest until ${moment}Z .*: OverBudget \\(due, because `, 'm'),
    stderr,
  )
  t.equal(orders().length, 2, 'and no order meanwhile')
})
