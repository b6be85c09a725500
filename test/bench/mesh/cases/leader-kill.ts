import t from 'tap'
import type { CaAction } from '../../peers/ca-action.ts'
import { until } from '../../fixtures/until.ts'
import { expectNothingFailed, secretOf, setOrderingScene } from '../fixtures/ordering-scene.ts'

interface Row {
  readonly name: string
  readonly what: string
  readonly action: CaAction
  readonly when: 'after' | 'delivered'
}

/** What the CA has heard of the order when its leader dies. */
const rows: readonly Row[] = [
  { name: 'placed', what: 'the order was placed', action: 'newOrder', when: 'delivered' },
  { name: 'accepted', what: 'the CA looks for the token', action: 'challenge', when: 'delivered' },
  { name: 'finalized', what: 'the CA has issued, and nobody heard of it', action: 'finalize', when: 'after' },
]
const scene = await setOrderingScene(t, { names: rows.map(({ name }) => name) })
const { port80, proxy, runner } = scene
const wanted: string[] = []

for (const [index, { name, what, action, when }] of rows.entries()) {
  await t.test(`the leader is killed when ${what}: another goes on with the same order`, async (t) => {
    const victim = await port80.leader()
    const held = await scene.holder()
    let at = 0
    const killed = proxy.stopAt(action, when, async () => {
      runner.kill(victim, 'SIGKILL')
      at = Date.now()
    })
    wanted.push(name)
    await scene.want(wanted)
    await killed
    await until(
      () => scene.holder(),
      (holder) => holder !== '' && holder !== held,
      { what: 'another holds the Lease', log: () => port80.log('worker').slice(-4_000) },
    )
    t.comment(`led again ${Date.now() - at} ms after the kill`)
    await port80.waitForCertificate(secretOf(name))
    t.comment(`installed ${Date.now() - at} ms after the kill`)
    const count = index + 1
    t.match(scene.counts(), { orders: count, invalid: 0, issued: count }, 'one order in all')
    t.equal(proxy.accepted('newOrder'), count)
    t.equal(proxy.accepted('finalize'), count, 'finalized once')
    await scene.settled('worker', 2)
  })
}

t.test('meanwhile no redirect and no authorization failed', (t) => expectNothingFailed(t, scene))
