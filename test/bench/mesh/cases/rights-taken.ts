/**
 * A right is taken away from the running pods: the status names it, redirects and what is served go on, and given back it is
 * used again without a restart.
 */
import type { V1PolicyRule } from '@kubernetes/client-node'
import t from 'tap'
import type { StatusSnapshot } from '../../../../src/status/snapshot.ts'
import { until } from '../../fixtures/until.ts'
import { startBenchRunner } from '../fixtures/bench-runner.ts'
import { installPort80 } from '../fixtures/install.ts'
import { startHttpStream } from '../fixtures/stream.ts'
import { ask, askToken, onPod, tokensIn } from '../fixtures/tokens.ts'
import { startMesh } from '../mesh.ts'

const mesh = await startMesh(t, { gateways: 1, pebble: { validationSleep: 0 } })
const { must, gateways, pebble } = mesh
const runner = await startBenchRunner(t, mesh)
const host = 'book.example.com'
await mesh.pointAtGateways([host])
const domains = [{ hosts: [host], secretName: 'book-certificate' }]
const port80 = await installPort80(t, mesh, runner, { values: { domains } })
await port80.waitForCertificate('book-certificate')
const home = port80.namespace
const edge = gateways.namespace
const ips = gateways.pods.map(({ ip }) => ip)
const stream = startHttpStream(t, { ips, hosts: [host, 'any.example.com'] })
await stream.settled()

const rolesOf = (namespace: string) => `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/roles`

interface Role {
  readonly metadata: { readonly name: string }
  readonly rules: readonly V1PolicyRule[]
}

/** Takes the rules about the resource out of the roles of the release there that match; answers how to give them back. */
async function takeAway(namespace: string, named: RegExp, resource: string): Promise<() => Promise<unknown>> {
  const labels = encodeURIComponent('app.kubernetes.io/part-of=port80')
  const { items } = await must<{ items: Role[] }>('GET', `${rolesOf(namespace)}?labelSelector=${labels}`)
  const roles = items.filter(({ metadata }) => named.test(metadata.name))
  const left = (rules: readonly V1PolicyRule[]) =>
    rules.filter(({ resources }) => !resources?.includes(resource))
  const write = ({ metadata }: Role, rules: readonly V1PolicyRule[]) =>
    must('PATCH', `${rolesOf(namespace)}/${metadata.name}`, { rules })
  const touched = roles.filter(({ rules }) => left(rules).length < rules.length)
  if (touched.length !== 1) throw new Error(`${touched.length} roles of ${namespace} are about ${resource}`)
  for (const role of touched) await write(role, left(role.rules))
  return () => Promise.all(touched.map((role) => write(role, role.rules)))
}

interface Row {
  readonly name: string
  readonly at: string
  readonly role: RegExp
  readonly resource: string
  /** Where a status of a worker says it. */
  readonly told: (status: StatusSnapshot) => string | undefined
  readonly words: RegExp
}

const rows: readonly Row[] = [
  {
    ...{ name: 'the Secret beside the gateway', at: edge, role: /./, resource: 'secrets' },
    told: ({ certificates }) => certificates[0]?.destinations[0]?.fault,
    words: /secrets.* may not get secrets there \(403\): a Role is missing/i,
  },
  {
    ...{ name: 'the Lease', at: home, role: /-worker$/, resource: 'leases' },
    told: ({ worker }) => worker.lastError,
    words: /may not (get|update) leases/,
  },
  {
    ...{ name: 'the records', at: home, role: /-worker$/, resource: 'secrets' },
    told: ({ worker }) => worker.lastError,
    words: /may not list secrets/,
  },
  {
    ...{ name: 'the tokens', at: home, role: /-worker$/, resource: 'configmaps' },
    told: ({ store }) => store.fault,
    words: /may not list configmaps/,
  },
]

const workers = async () => Promise.all((await port80.pods('worker')).map((pod) => port80.status(pod)))
const isWell = (status: StatusSnapshot) =>
  status.worker.role === 'leader' &&
  status.worker.lastError === undefined &&
  status.store.readable &&
  status.certificates[0]?.state === 'ready' &&
  status.certificates[0]?.destinations.every(({ state }) => state === 'installed')

for (const row of rows) {
  await t.test(`the right on ${row.name} is taken away and given back`, async (t) => {
    const giveBack = await takeAway(row.at, row.role, row.resource)
    const all = await until(workers, (seen) => seen.some((each) => row.words.test(row.told(each) ?? '')), {
      ...{ what: `a status says ${row.words}`, every: 500, ms: 90_000 },
      log: () => port80.log('worker').slice(-5_000),
    })
    t.comment(all.map(row.told).find((each) => row.words.test(each ?? '')))
    await giveBack()
    await until(workers, (seen) => seen.some(isWell), {
      what: 'a leader is well again',
      every: 500,
      ms: 120_000,
    })
  })
}

await t.test('the responders’ right: who knows tokens goes on, who starts anew is not ready', async (t) => {
  const [stays, restarts] = await port80.pods('responder')
  if (!stays || !restarts) throw new Error('two responders were installed')
  const token = await (await tokensIn(mesh.api(), home)).present(host)
  for (const pod of [stays, restarts])
    await until(
      () => askToken(onPod(pod), token),
      ({ status }) => status === 200,
      { what: 'known' },
    )
  const giveBack = await takeAway(home, /-responder$/, 'configmaps')
  const readiness = () => port80.admin(restarts, '/readyz')
  // Out of the Service first, so that no request is lost to the kill.
  runner.kill(restarts, 'SIGTERM')
  const { body } = await until(readiness, (answer) => /may not list configmaps/.test(answer.body), {
    what: 'it says what it may not',
  })
  t.match(body, /token store/)
  t.equal((await readiness()).status, 503)
  t.match(await ask(onPod(restarts), host, '/page'), { status: 301 })
  t.match(await ask(onPod(stays), host, '/page'), { status: 301 })
  t.match(await askToken(onPod(stays), token), { status: 200, body: token.keyAuthorization })
  await giveBack()
  await until(readiness, ({ status }) => status === 200, { what: 'it is ready', ms: 90_000 })
  t.match(await askToken(onPod(restarts), token), { status: 200 })
})

await t.test('no redirect has failed, and nothing was ordered anew', async (t) => {
  const report = await stream.stop()
  t.comment(`${report.asked} redirects`)
  t.match(report, { failed: 0, failures: {} }, report.examples.join('\n'))
  t.equal(pebble.issued().length, 1)
})
