/**
 * Watches of the running pods end in every way: the version that they begin with is forgotten (410), they go silent, their
 * connections break. Tokens are answered all the same, from memory as soon as that is true again, and redirects never notice.
 */
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { defaultQuietMs } from '../../../../src/kube/watch.ts'
import { until } from '../../fixtures/until.ts'
import { startApiPath } from '../fixtures/api-path.ts'
import { startBenchRunner } from '../fixtures/bench-runner.ts'
import { installPort80 } from '../fixtures/install.ts'
import { startHttpStream } from '../fixtures/stream.ts'
import { askToken, onPod, tokensIn, type Token } from '../fixtures/tokens.ts'
import { startOwnMesh } from '../mesh.ts'

// Without the server's watch cache a watch comes from etcd itself, which forgets old versions when it is told to.
const mesh = await startOwnMesh(t, {
  ...{ gateways: 1, pebble: { validationSleep: 0 } },
  flags: ['--watch-cache=false'],
})
const path = await startApiPath(t, mesh)
const runner = await startBenchRunner(t, mesh)
const [host, later] = ['book.example.com', 'later.example.com']
await mesh.pointAtGateways([host, later])
const book = { hosts: [host], secretName: 'book-certificate' }
const port80 = await installPort80(t, mesh, runner, {
  values: { domains: [book], pods: { env: path.env } },
})
await port80.waitForCertificate('book-certificate')
const tokens = await tokensIn(mesh.api(), port80.namespace)
const responders = await port80.pods('responder')
const ips = mesh.gateways.pods.map(({ ip }) => ip)
const stream = startHttpStream(t, { ips, hosts: [host, 'any.example.com'] })
await stream.settled()

const everyWatchIsOpen = () =>
  until(
    () => path.seen(),
    ({ open }) => open >= 4,
    { what: 'each responder follows tokens and status' },
  )

async function allAnswer(token: Token, status: number, what: string, ms = 90_000): Promise<void> {
  for (const pod of responders) {
    await until(
      () => askToken(onPod(pod), token),
      (answer) => answer.status === status,
      {
        what: `${what}: ${pod.name} answers ${status}`,
        ms,
      },
    )
  }
}

/** While nothing is answered on the way to the API server: what is said now is out of memory. */
async function fromMemory(t: Pick<Test, 'pass'>, token: Token): Promise<void> {
  const whileShut = async () => {
    await path.act('shut')
    const answers = Promise.all(responders.map((pod) => askToken(onPod(pod), token)))
    return answers.finally(() => path.act('open'))
  }
  // A watch that was opened a moment ago may not have told anything yet.
  await until(whileShut, (all) => all.every(({ status }) => status === 200), {
    ...{ what: 'every responder knows the token by itself', ms: 90_000, every: 500 },
  })
  t.pass('every responder knows the token by itself')
}
await t.test('410: etcd has forgotten the version that the watch begins with', async (t) => {
  await everyWatchIsOpen()
  const removed = await tokens.present(host)
  await allAnswer(removed, 200, 'known')
  await path.act('hold')
  const before = await path.act('sever')
  await until(
    () => path.seen(),
    ({ held, open }) => held - before.held >= 4 && open === 0,
    {
      what: 'every list is read, and every watch waits before the API server',
    },
  )
  const made = await tokens.present(host)
  await tokens.remove(removed)
  await mesh.controlPlane.etcd.compact()
  await path.act('release')
  const { gone } = await until(
    () => path.seen(),
    (seen) => seen.gone - before.gone >= 4,
    {
      what: 'the API server says 410 to each',
    },
  )
  t.comment(`${gone - before.gone} times 410`)
  await allAnswer(made, 200, 'made meanwhile')
  await allAnswer(removed, 404, 'removed meanwhile')
  await everyWatchIsOpen()
  await fromMemory(t, made)
})

await t.test(
  'a watch that goes silent: what is new is looked up at once, the rest within the bound',
  async (t) => {
    await everyWatchIsOpen()
    const removed = await tokens.present(host)
    await allAnswer(removed, 200, 'known')
    await path.act('silence')
    const began = Date.now()
    await tokens.remove(removed)
    const made = await tokens.present(host)
    for (const pod of responders) {
      t.match(await askToken(onPod(pod), made), { status: 200 }, `${pod.name} looks it up`)
      t.match(await askToken(onPod(pod), removed), { status: 200 }, `${pod.name} cannot know yet`)
      t.equal((await port80.admin(pod, '/readyz')).status, 200)
    }
    await allAnswer(removed, 404, 'removed', defaultQuietMs + 60_000)
    t.comment(`removed to forgotten: ${Date.now() - began} ms`)
    await path.act('speak')
  },
)

await t.test('connections break again and again', async (t) => {
  for (let turn = 0; turn < 20; turn += 1) {
    await path.act('sever')
    await pause(200)
  }
  const made = await tokens.present(host)
  await allAnswer(made, 200, 'known')
  await until(
    () => path.seen(),
    ({ open }) => open >= 4,
    { what: 'the watches are open again', ms: 90_000 },
  )
  await fromMemory(t, made)
})

await t.test('no redirect has failed, and the next order goes well', async (t) => {
  const report = await stream.stop()
  t.comment(`${report.asked} redirects`)
  t.match(report, { failed: 0, failures: {} }, report.examples.join('\n'))
  await port80.upgrade({ domains: [book, { hosts: [later], secretName: 'later-certificate' }] })
  await port80.waitForCertificate('later-certificate')
})
