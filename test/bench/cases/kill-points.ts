/**
 * kill -9 at twelve points of an order, ten rounds each. The points are what the CA's side sees: `before` is before the
 * request reached the CA, `after` is after the CA has acted and before port80 heard of it, `delivered` is a random
 * moment within a few milliseconds after port80 had the answer (while it is made durable and acted on).
 */
import t, { type Test } from 'tap'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CaAction } from '../peers/ca-action.ts'
import { setScene, type Scene } from '../fixtures/scene.ts'
import { until } from '../fixtures/until.ts'

interface Point {
  readonly name: string
  readonly action: CaAction
  readonly when: 'before' | 'after' | 'delivered'
  /** `delivered`: the longest delay in milliseconds. */
  readonly within?: number
}

const rounds = 10
const patienceMs = 180_000
const renewalPoints: readonly Point[] = [
  { name: 'intent durable, newOrder not sent', action: 'newOrder', when: 'before' },
  { name: 'order placed, its URL lost', action: 'newOrder', when: 'after' },
  { name: 'order URL received', action: 'newOrder', when: 'delivered', within: 10 },
  { name: 'authorization read, answer lost', action: 'authorization', when: 'after' },
  { name: 'token served, not yet accepted', action: 'challenge', when: 'before' },
  { name: 'accepted, answer lost', action: 'challenge', when: 'after' },
  { name: 'authorized, not yet finalized', action: 'finalize', when: 'before' },
  { name: 'finalized, answer lost', action: 'finalize', when: 'after' },
  { name: 'issued, not yet downloaded', action: 'certificate', when: 'before' },
  { name: 'downloaded, being stored and installed', action: 'certificate', when: 'delivered', within: 25 },
]
const accountPoints: readonly Point[] = [
  { name: 'account key durable, not registered', action: 'newAccount', when: 'before' },
  { name: 'account registered, its URL lost', action: 'newAccount', when: 'after' },
]

interface Row {
  readonly point: Point
  rounds: number
  /** After the kill and before the restart: what is installed is a whole pair, the old one or already the new one. */
  intact: number
  /** Exactly one newOrder that the CA accepted, seen from the first kill to a second after the installation. */
  oneOrder: number
  /** The one certificate that the CA issued in the round is the installed one, and its key is ours. */
  keyKept: number
  /** One account for all rounds (or, for the account points, one a round). */
  oneAccount: number
  milliseconds: number
}

const rows: Row[] = []

/** Resolves when another certificate of the CA than `old` is installed. */
async function renewed({ port80 }: Scene, old: string | undefined): Promise<void> {
  await until(
    () => port80.installed('book'),
    (now) => now !== undefined && now.serial !== old && now.issuedBy.includes('Pebble'),
    {
      what: 'a new certificate is installed',
      ms: patienceMs,
      every: 50,
      log: () => port80.log().slice(-6_000),
    },
  )
}

async function settled(scene: Scene, old: string | undefined): Promise<void> {
  await renewed(scene, old)
  // Two ticks: what a forgotten request or record would start again is started by then.
  await sleep(1_000)
}

function arm({ proxy, port80 }: Scene, { action, when, within: longest = 0 }: Point): Promise<void> {
  return proxy.stopAt(action, when, async () => {
    if (longest > 0) await sleep(Math.random() * longest)
    await port80.kill()
  })
}

interface Before {
  readonly at: number
  readonly serial: string | undefined
  readonly orders: number
  readonly issued: number
}

function look({ pebble, port80, proxy }: Scene): Before {
  return {
    at: Date.now(),
    serial: port80.installed('book')?.serial,
    orders: proxy.accepted('newOrder'),
    issued: pebble.issued().length,
  }
}

/** Right after the kill: whole, and the old one, a stand-in, or the one just issued. */
function countLeft({ pebble, port80 }: Scene, row: Row, before: Before): void {
  const left = port80.installed('book')
  const whole = left?.keyMatches ?? before.serial === undefined
  const known = [before.serial, ...pebble.issued().slice(before.issued)]
  if (whole && (before.serial === undefined || known.includes(left?.serial))) row.intact += 1
}

function countEnd(scene: Scene, row: Row, before: Before): void {
  const { pebble, port80, proxy } = scene
  const now = port80.installed('book')
  const fresh = pebble.issued().slice(before.issued)
  if (proxy.accepted('newOrder') - before.orders === 1) row.oneOrder += 1
  if (fresh.length === 1 && fresh[0] === now?.serial && now?.keyMatches) row.keyKept += 1
  if (registered(scene) === 1) row.oneAccount += 1
  row.rounds += 1
  row.milliseconds += Date.now() - before.at
}

/** A renewal that is killed at the point, and finished by the next start. False: the point was not passed. */
async function renewalRound(scene: Scene, row: Row): Promise<boolean> {
  const before = look(scene)
  let killed = false
  const reached = arm(scene, row.point).then(() => (killed = true))
  await scene.port80.wish('book', 'renew')
  await Promise.race([reached, renewed(scene, before.serial)])
  // A kill that comes a moment after the installation counts too.
  await Promise.race([reached, sleep(500)])
  if (!killed) {
    scene.proxy.clear()
    return false
  }
  countLeft(scene, row, before)
  await scene.port80.start()
  await settled(scene, before.serial)
  countEnd(scene, row, before)
  return true
}

/** Accounts that the CA made (201; a key that it knows already is answered 200). */
function registered({ proxy }: Scene): number {
  return proxy.exchanges.filter((one) => one.action === 'newAccount' && one.status === 201).length
}

const sceneOptions = {
  // Authorizations are not reused: otherwise half of the renewals would have no challenge to be killed at.
  pebble: { validationSleep: 0, authorizationReuse: 0 },
  frontDoor: true,
  config: { worker: { tick: '500ms', requestTimeout: '30s', pollDeadline: '60s' } },
  certificates: [{ name: 'book', domains: ['book.example.com'] }],
} as const

async function renewals(t: Test, points: readonly Point[]): Promise<void> {
  const scene = await setScene(t, {
    ...sceneOptions,
    certificates: [...sceneOptions.certificates.map(mutable)],
  })
  await scene.port80.start()
  await scene.port80.waitForCertificate('book')
  for (const point of points) {
    const row = newRow(point)
    // Pebble reuses one authorization in a hundred even when it is told not to, and such an order passes fewer points.
    let more = rounds + 5
    while (row.rounds < rounds && more > 0) {
      more -= 1
      await renewalRound(scene, row)
    }
    judge(t, row)
  }
  const { attempts, failures } = await scene.port80.certificate('book')
  t.equal(failures, 0, `the last attempt ended well: ${attempts[0]?.outcome}`)
}

/** A first start that is killed at the point, and finished by the next; everything new in each round. */
async function firstOrders(t: Test, point: Point): Promise<void> {
  const row = newRow(point)
  for (let round = 0; round < rounds; round += 1) {
    await t.test(`${point.name}, round ${round + 1}`, async (t) => {
      const scene = await setScene(t, {
        ...sceneOptions,
        certificates: [...sceneOptions.certificates.map(mutable)],
      })
      const before = look(scene)
      const killed = arm(scene, point)
      const started = scene.port80.start().catch(() => undefined) // it may be killed before it was seen to be ready
      await killed
      countLeft(scene, row, before)
      await started
      await scene.port80.start()
      await settled(scene, undefined)
      countEnd(scene, row, before)
    })
  }
  judge(t, row)
}

function mutable(certificate: { readonly name: string; readonly domains: readonly string[] }) {
  return { name: certificate.name, domains: [...certificate.domains] }
}

function newRow(point: Point): Row {
  const row = { point, rounds: 0, intact: 0, oneOrder: 0, keyKept: 0, oneAccount: 0, milliseconds: 0 }
  rows.push(row)
  return row
}

function judge(t: Test, row: Row): void {
  const { rounds: done, intact, oneOrder, keyKept, oneAccount } = row
  t.same(
    { done, intact, oneOrder, keyKept, oneAccount },
    { done: rounds, intact: rounds, oneOrder: rounds, keyKept: rounds, oneAccount: rounds },
    row.point.name,
  )
}

// Two lanes for two cores: a round is mostly starting processes.
t.jobs = 2
t.test('a renewal, first half of its points', { buffered: true, timeout: 1_500_000 }, (t) =>
  renewals(t, renewalPoints.slice(0, 5)),
)
t.test('a renewal, second half of its points', { buffered: true, timeout: 1_500_000 }, (t) =>
  renewals(t, renewalPoints.slice(5)),
)
for (const point of accountPoints) {
  t.test(`a first order: ${point.name}`, { buffered: true, timeout: 1_500_000 }, (t) => firstOrders(t, point))
}

t.teardown(() => {
  const head = ['killed at', 'rounds', 'old intact', 'one order', 'key kept', 'one account', 's a round']
  const cells = rows.map((row) => [
    `${row.point.name} (${row.point.when} ${row.point.action})`,
    ...[row.rounds, row.intact, row.oneOrder, row.keyKept, row.oneAccount].map(String),
    (row.milliseconds / 1000 / Math.max(1, row.rounds)).toFixed(1),
  ])
  const widths = head.map((_, column) => Math.max(...[head, ...cells].map((row) => row[column]?.length ?? 0)))
  const line = (row: string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')
  for (const row of [head, ...cells]) t.comment(line(row))
})
