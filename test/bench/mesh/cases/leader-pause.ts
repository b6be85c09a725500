/**
 * A leader that stands still past its Lease and then goes on knows nothing of what happened meanwhile. Whatever it was
 * about to do, it must find out first.
 */
import { X509Certificate } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { CaAction } from '../../peers/ca-action.ts'
import { until } from '../../fixtures/until.ts'
import type { PodHandle } from '../fixtures/install.ts'
import { port80Image } from '../runner/program-images.ts'
import { expectNothingFailed, secretOf, setOrderingScene } from '../fixtures/ordering-scene.ts'

interface Row {
  readonly name: string
  readonly what: string
  readonly action: CaAction
  readonly when: 'after' | 'delivered'
}

/** The last answer of the CA that was sent to it: that is in the socket of a process that does not run. */
const rows: readonly Row[] = [
  { name: 'order', what: 'it has not heard of its order', action: 'newOrder', when: 'delivered' },
  { name: 'broken', what: 'its connection broke', action: 'newOrder', when: 'after' },
  { name: 'validated', what: 'the CA has begun to look', action: 'challenge', when: 'delivered' },
  { name: 'issued', what: 'it is about to store and install', action: 'certificate', when: 'delivered' },
]
const scene = await setOrderingScene(t, {
  names: rows.map(({ name }) => name),
  // Shorter than the default, so that the liveness probe of a process that stands still has not failed yet.
  values: { lease: { duration: '8s', renewDeadline: '6s', retryPeriod: '1s' } },
})
const { mesh, port80, proxy, runner } = scene
const wanted: string[] = []

interface Found {
  readonly serial: string
  /** Changes with any write, of annotations too. */
  readonly version: string
}

async function installed(name: string): Promise<Found> {
  const { data, metadata } = (await port80.secret(secretOf(name))) ?? {}
  const leaf = new X509Certificate(Buffer.from(data?.['tls.crt'] ?? '', 'base64'))
  return { serial: leaf.serialNumber.toLowerCase(), version: metadata?.resourceVersion ?? '' }
}

/** When the leader has written for three seconds nothing more about it. */
async function quiet(name: string): Promise<Found> {
  let last = await installed(name)
  let since = Date.now()
  await until(
    async () => {
      const now = await installed(name)
      if (now.version !== last.version) since = Date.now()
      last = now
      return Date.now() - since
    },
    (ms) => ms > 3_000,
    { what: `nothing more is written to the Secret of ${name}`, every: 250 },
  )
  return last
}

async function renewed(t: Test, leader: PodHandle, name: string): Promise<void> {
  const asked = await runner.exec(leader, [
    ...port80Image().entrypoint,
    ...['renew', secretOf(name), '--config', '/etc/port80/port80.yaml'],
  ])
  t.equal(asked.code, 0, `${asked.stdout}${asked.stderr}`)
}

for (const [index, { name, what, action, when }] of rows.entries()) {
  await t.test(`the leader is paused past its Lease when ${what}`, async (t) => {
    const paused = await port80.leader()
    const held = await scene.holder()
    const orders = 2 * index + 1
    const stopped = proxy.stopAt(action, when, async () => runner.kill(paused, 'SIGSTOP'))
    wanted.push(name)
    await scene.want(wanted)
    await stopped
    await until(
      () => scene.holder(),
      (holder) => holder !== '' && holder !== held,
      { what: 'another holds the Lease' },
    )
    const other = await port80.leader()
    await port80.waitForCertificate(secretOf(name))
    t.match(scene.counts(), { orders, issued: orders }, 'it has gone on with the same order')
    await renewed(t, other, name)
    const before = await quiet(name)
    t.equal(before.serial, mesh.pebble.issued().at(-1), 'a newer pair is in the Secret')

    runner.kill(paused, 'SIGCONT')
    await until(
      async () => (await port80.status(paused)).worker.role,
      (role) => role === 'standby',
      { what: 'it has noticed', log: () => port80.log('worker').slice(-4_000) },
    )
    // What it was about to do it has done by now, or never will.
    await pause(5_000)
    t.strictSame(await installed(name), before, 'the Secret is as it was')
    t.match(scene.counts(), { orders: orders + 1, issued: orders + 1 }, 'nothing more was ordered')
    t.equal((await port80.leader()).name, other.name, 'nothing has changed about who leads')
    const { failures, attempts } = await port80.waitForCertificate(secretOf(name))
    t.equal(failures, 0)
    t.equal(attempts.filter(({ failure }) => failure).length, 0, 'what broke off is no failure of the order')
    await scene.settled('worker', 2)
  })
}

t.test('meanwhile no redirect and no authorization failed', (t) => expectNothingFailed(t, scene))
