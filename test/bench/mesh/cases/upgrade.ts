/** Upgrades and rollbacks of the release while requests come through both gateway pods: not one of them fails. */
import t, { type Test } from 'tap'
import { until } from '../../fixtures/until.ts'
import { startBenchRunner } from '../fixtures/bench-runner.ts'
import { chartFolder, helm } from '../fixtures/helm.ts'
import { installPort80 } from '../fixtures/install.ts'
import { startHttpStream } from '../fixtures/stream.ts'
import { startMesh } from '../mesh.ts'

const host = 'upgraded.example.com'
const mesh = await startMesh(t, { pebble: { validationSleep: 0 } })
const runner = await startBenchRunner(t, mesh)
await mesh.pointAtGateways([host])
const domains = [{ hosts: [host], secretName: 'upgraded' }]
const port80 = await installPort80(t, mesh, runner, { values: { domains } })
await port80.waitForCertificate('upgraded')

const ips = mesh.gateways.pods.map((pod) => pod.ip)
/** Names that nobody listed too. */
const stream = startHttpStream(t, { ips, hosts: [host, 'unlisted.example.org'], rate: 20 })

/** Everything that was asked so far, and a little more, was answered as wanted. */
async function nothingFailed(t: Test) {
  await stream.more(40)
  const { failures, examples } = stream.report()
  t.same({ failures, examples }, { failures: {}, examples: [] }, 'no request failed')
}

const uids = async () => {
  const pods = [...(await port80.pods('responder')), ...(await port80.pods('worker'))]
  return pods.map(({ uid }) => uid).sort()
}
/** Those of now, once the four are there and none of `before`: Helm does not wait until the old ones are told to end. */
const replaced = (before: readonly string[]) =>
  until(uids, (all) => all.length === 4 && !all.some((uid) => before.includes(uid)), {
    ...{ what: 'four pods, and all of them are new', every: 250 },
  })
const serial = async () => (await port80.secret('upgraded'))?.data?.['tls.crt']

t.test('a change that pods take up while they run replaces none of them', async (t) => {
  await stream.more(20)
  const before = await uids()
  await port80.upgrade({ log: { level: 'info', format: 'json' } })
  t.same(await uids(), before)
  await nothingFailed(t)
})

t.test('an upgrade that replaces every pod fails no request', async (t) => {
  const [before, certificate] = [await uids(), await serial()]
  await port80.upgrade({ pods: { env: [{ name: 'RELEASE', value: 'second' }] } })
  t.equal((await replaced(before)).length, 4, 'all of them are new')
  await nothingFailed(t)
  await port80.waitForCertificate('upgraded')
  t.equal(await serial(), certificate, 'the certificate stays')
})

t.test('a rollback replaces them again and fails no request', async (t) => {
  const [before, certificate] = [await uids(), await serial()]
  await port80.rollback()
  await replaced(before)
  await nothingFailed(t)
  await port80.waitForCertificate('upgraded')
  t.equal(await serial(), certificate)
  t.equal(mesh.pebble.issued().length, 1, 'nothing was ordered a second time')
})

/** `helm upgrade --wait` with these values over those in force, which is expected to fail. */
const failing = (values: object) => {
  const { release, namespace } = port80
  const args = ['upgrade', release, chartFolder, '--namespace', namespace, '--wait', '--timeout', '15s']
  return helm(mesh, args, { ...port80.values(), ...values })
}

t.test('a misspelt value is refused by its name before anything is touched', async (t) => {
  const before = await uids()
  await t.rejects(failing({ responderpods: { replicas: 3 } }), /responderpods/)
  await t.rejects(failing({ redirect: { satus: 302 } }), /satus/)
  t.same(await uids(), before)
  await nothingFailed(t)
})

t.test('an upgrade whose pods never start leaves old ones that answer; a rollback mends it', async (t) => {
  const before = await uids()
  await t.rejects(
    failing({ image: { repository: 'port80-that-nobody-built' } }),
    /not ready|timed out|deadline/i,
  )
  t.ok((await uids()).filter((uid) => before.includes(uid)).length >= 2, 'a responder and a worker at least')
  await nothingFailed(t)
  await port80.rollback()
  await nothingFailed(t)
  await until(uids, ({ length }) => length === 4, { what: 'four pods', every: 250 })
})

t.test('in all', async (t) => {
  const report = await stream.stop()
  t.comment(`${report.asked} requests`)
  t.ok(report.asked > 200)
  t.equal(report.failed, 0, report.examples.join('\n'))
})
