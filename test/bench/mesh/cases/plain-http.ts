/**
 * Who comes over plain http through two gateway pods to two responders: the status of every pod says the exact sum, also
 * after a responder and then the leader were killed.
 */
import { request } from 'node:http'
import type { V1Lease } from '@kubernetes/client-node'
import t from 'tap'
import type { PlainHttpStatus } from '../../../../src/finding/reported.ts'
import { until } from '../../fixtures/until.ts'
import { startBenchRunner } from '../fixtures/bench-runner.ts'
import { installPort80, type PodHandle } from '../fixtures/install.ts'
import { startMesh } from '../mesh.ts'

const host = 'plain.example.com'
const quiet = 'quiet.example.com'
const record = 'port80-traffic-redirects'
const agents = {
  browser: 'Mozilla/5.0 (Y11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
  bot: 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  library: 'curl/8.11.0',
  other: 'SomethingElse/1.0',
} as const
type Agent = keyof typeof agents

const mesh = await startMesh(t, { pebble: { validationSleep: 0 } })
const runner = await startBenchRunner(t, mesh)
await mesh.pointAtGateways([host, quiet])
const port80 = await installPort80(t, mesh, runner, {
  values: { domains: [{ hosts: [host, quiet], secretName: 'plain' }] },
})
await port80.waitForCertificate('plain')

/** What the clients have got: every redirect is one that a responder has counted. */
const got = { redirects: 0, reads: 0, agents: { browser: 0, bot: 0, library: 0, other: 0 } }

/** One request; what is no redirect (a responder that is being killed) is not counted by anybody. */
function come(ip: string, agent: Agent, method: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const headers = { host, 'user-agent': agents[agent] }
    const asked = request({ host: ip, port: 80, path: '/private/page', method, headers }, (response) => {
      response.resume()
      const redirected = response.statusCode === 301
      if (redirected) {
        got.redirects += 1
        got.agents[agent] += 1
        if (method !== 'POST') got.reads += 1
      }
      resolve(redirected)
    })
    asked.on('error', reject).end()
  })
}

/** Through both gateway pods, each class in another number. */
async function comeAll(times: number): Promise<void> {
  for (const { ip } of mesh.gateways.pods) {
    for (const [index, agent] of (Object.keys(agents) as Agent[]).entries())
      for (let each = 0; each < times * (index + 1); each += 1)
        await come(ip, agent, ['GET', 'HEAD', 'POST'][each % 3] ?? 'GET')
  }
}

const holder = async () => {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${port80.namespace}/leases/port80-worker`
  return (await mesh.must<V1Lease>('GET', path)).spec?.holderIdentity ?? ''
}

const ofHost = (all: readonly PlainHttpStatus[] | undefined, name: string) =>
  all?.find((each) => each.host === name)
/** Over its days: there are two when midnight comes meanwhile. */
const sumOf = (all: readonly PlainHttpStatus[] | undefined): typeof got => {
  const days = ofHost(all, host)?.days ?? []
  const sum = (of: (day: (typeof days)[number]) => number) => days.reduce((total, day) => total + of(day), 0)
  const classes = Object.keys(agents) as Agent[]
  return {
    redirects: sum((day) => day.redirects),
    reads: sum((day) => day.reads),
    agents: Object.fromEntries(
      classes.map((each) => [each, sum((day) => day.agents[each])]),
    ) as typeof got.agents,
  }
}
const says = (pod?: PodHandle, ms = 90_000) =>
  until(
    async () => sumOf((await port80.status(pod)).plainHttp),
    (sum) => JSON.stringify(sum) === JSON.stringify(got),
    {
      what: `the sum is ${JSON.stringify(got)}`,
      ms,
      every: 500,
      log: () => port80.log('worker').slice(-3_000),
    },
  )
const document = async () => {
  const text = (await port80.secret(record, port80.namespace))?.data?.['document'] ?? ''
  return Buffer.from(text, 'base64').toString('utf8')
}
const writtenSum = async () => {
  const { hosts = {} } = JSON.parse((await document()) || '{}') as {
    hosts?: Record<string, { days: number[][] }>
  }
  return (hosts[host]?.days ?? []).flatMap((day) => day.slice(2)).reduce((sum, count) => sum + count, 0)
}

for (const { ip } of mesh.gateways.pods)
  await until(() => come(ip, 'library', 'GET'), Boolean, { what: `${ip} redirects`, every: 500 })

t.test('the leader says the exact sum of what both responders have redirected', async (t) => {
  await comeAll(5)
  const shares = await Promise.all(
    (await port80.pods('responder')).map(async (pod) => {
      const { body } = await port80.admin(pod, '/traffic.json')
      t.notMatch(body, /Mozilla|Googlebot|curl|SomethingElse|private/, 'nothing of a client')
      return body.includes(host)
    }),
  )
  t.same(shares, [true, true], 'both had their share')
  t.match(await says(), got)
  const { plainHttp, counted } = await port80.status()
  t.match(counted, { asked: { replicas: 2, silent: [] } })
  t.match(ofHost(plainHttp, quiet), { days: [{ redirects: 0 }] })
  t.notOk('lastSeen' in (ofHost(plainHttp, quiet) ?? {}))
  const seen = ofHost(plainHttp, host)?.lastSeen ?? 0
  t.ok(Math.abs(Date.now() - seen) < 180_000 && seen % 60_000 === 0, 'last seen, to the minute')
})

t.test('every pod shows it, on its page too', async (t) => {
  for (const pod of [...(await port80.pods('responder')), ...(await port80.pods('worker'))]) {
    t.match(await says(pod, 120_000), got, pod.name)
    const { body } = await port80.admin(pod, '/status/redirects')
    t.match(body, new RegExp(`${host}[\\s\\S]*${got.redirects}`), pod.name)
  }
})

t.test('it is written down, and nothing of a client with it', async (t) => {
  await until(writtenSum, (sum) => sum === got.redirects, {
    what: 'the record has it',
    ms: 120_000,
    every: 500,
  })
  t.notMatch(await document(), /Mozilla|Googlebot|curl|SomethingElse|private|\d+\.\d+\.\d+\.\d+/)
})

t.test('a responder is killed: what it had counted stays, and its next life is added', async (t) => {
  const [victim] = await port80.pods('responder')
  if (!victim) throw new Error('there is no responder')
  runner.kill(victim, 'SIGKILL')
  await comeAll(3)
  t.match(await says(), got)
  await until(
    () => port80.pods('responder'),
    (pods) => pods.length === 2 && pods.every(({ ready }) => ready),
    {
      ...{ what: 'it is started again', ms: 120_000, every: 500 },
    },
  )
  await comeAll(2)
  t.match(await says(), got)
})

t.test('the leader is killed: the next one goes on with the same sum', async (t) => {
  const before = await port80.leader()
  const held = await holder()
  const { counted } = await port80.status()
  runner.kill(before, 'SIGKILL')
  await comeAll(1)
  await until(holder, (now) => now !== '' && now !== held, { what: 'another leads', ms: 120_000, every: 500 })
  const next = await port80.leader()
  t.match(await says(next), got)
  t.equal((await port80.status(next)).counted?.since, counted?.since, 'since the same moment')
  await until(writtenSum, (sum) => sum === got.redirects, { what: 'written', ms: 120_000, every: 500 })
  t.match(await says(next), got, 'nothing is counted twice')
})

t.test('the responders are rolled out anew: those that are stopped in order lose nothing', async (t) => {
  const names = async () => (await port80.pods('responder')).map(({ name }) => name)
  const before = await names()
  const path = `/apis/apps/v1/namespaces/${port80.namespace}/deployments/port80-responder`
  const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() }
  await mesh.must('PATCH', path, { spec: { template: { metadata: { annotations } } } })
  const isNew = (all: readonly string[]) => all.length === 2 && all.every((name) => !before.includes(name))
  for (const until = Date.now() + 240_000; !isNew(await names()) && Date.now() < until;) await comeAll(1)
  t.ok(isNew(await names()), 'only new pods are there')
  await comeAll(1)
  t.match(await says(), got)
})
