import fc from 'fast-check'
import t, { type Test } from 'tap'
import { readLeaf } from '../../src/certificate/certificate.ts'
import { day, desired, hour } from '../certificate/fixtures/builders.ts'
import { bench, isInstalled, worker, type Bench } from './fixtures/bench.ts'
import { killAt } from './fixtures/gate.ts'

t.setTimeout(120_000)

const ari = desired({ renewal: { ari: true } })

/** A first certificate is there; the clock then stands where it is due by the fraction of its lifetime. */
async function issuedAndDue(scene: Bench): Promise<void> {
  await worker(scene).run(isInstalled(scene))
  scene.time += 75 * day
}

async function ask(scene: Bench, request: object): Promise<void> {
  scene.time += hour
  await scene.state.write('request/book', JSON.stringify({ v: 1, at: scene.time, ...request }), undefined)
  scene.time += 1
}

const noRequest = async (scene: Bench): Promise<boolean> => (await scene.state.list('request')).length === 0

interface Scene {
  readonly name: string
  readonly prepare: (scene: Bench) => Promise<void> | void
  /** Certificates that are to be there in the end. */
  readonly issued: number
  /** Also true before anything is done that should be done. */
  readonly settled?: (scene: Bench) => Promise<boolean>
  readonly revoked?: number
  /** Orders at the most; the same as certificates unless said otherwise. */
  readonly orders?: number
}

const scenes: readonly Scene[] = [
  { name: 'a first order', prepare: () => undefined, issued: 1 },
  {
    name: 'an order for three names',
    prepare: (scene) =>
      void (scene.wanted = [desired({ domains: ['a.example.com', 'b.example.com', '192.0.2.7'] })]),
    issued: 1,
  },
  {
    name: 'an order that is processed for a while',
    prepare: (scene) => void (scene.main.issuesLater = true),
    issued: 1,
  },
  { name: 'an order that becomes ready late', prepare: (scene) => void (scene.main.lag = 2), issued: 1 },
  {
    name: 'a renewal',
    prepare: issuedAndDue,
    issued: 2,
  },
  {
    name: 'a renewal in the window of the CA',
    async prepare(scene) {
      scene.wanted = [ari]
      await issuedAndDue(scene)
      scene.main.renewalWindow = () => ({ start: scene.time - 2 * hour, end: scene.time - hour })
    },
    issued: 2,
  },
  {
    name: 'a renewal with the same key',
    async prepare(scene) {
      scene.wanted = [desired({ reuseKey: true })]
      await issuedAndDue(scene)
    },
    issued: 2,
  },
  {
    name: 'a renewal that is asked for',
    async prepare(scene) {
      await worker(scene).run(isInstalled(scene))
      await ask(scene, { do: 'renew' })
    },
    issued: 2,
    settled: noRequest,
  },
  {
    name: 'a revocation that is asked for',
    async prepare(scene) {
      await worker(scene).run(isInstalled(scene))
      await ask(scene, { do: 'revoke', revocationReason: 1 })
    },
    issued: 2,
    settled: noRequest,
    revoked: 1,
  },
  {
    name: 'at a CA that lists no orders, whose answer to newOrder may be lost',
    prepare: (scene) => void (scene.main.listsOrders = false),
    issued: 1,
    orders: 2,
  },
]

const done =
  (scene: Bench, { issued, settled }: Scene) =>
  async (): Promise<boolean> => {
    if (scene.main.issued.length < issued || !(await isInstalled(scene)())) return false
    const stored = (await scene.record('book')).pairs.length
    return stored >= issued && (settled === undefined || (await settled(scene)))
  }

/** Whatever was killed: no lost key, no second order, no failure, and never anything worse in place of something valid. */
async function check(t: Test, scene: Bench, about: Scene, killed: string): Promise<void> {
  const record = await scene.record('book')
  const [pair] = record.pairs
  const leaf = pair && readLeaf(pair)
  t.equal(scene.main.issued.length, about.issued, `${killed}: certificates`)
  const most =
    about.orders !== undefined && /newOrder|write certificate/.test(killed) ? about.orders : about.issued
  t.equal(scene.main.orders.size <= most, true, `${killed}: ${scene.main.orders.size} orders`)
  t.equal(scene.main.revoked.length, about.revoked ?? 0, `${killed}: revocations`)
  t.equal(leaf?.keyMatches, true, `${killed}: its key was not lost`)
  t.equal(record.failures, 0, `${killed}: no failure`)
  t.equal(record.inFlight, undefined, `${killed}: nothing is left in flight`)
  const placed = scene.shelf.history.map((each) => readLeaf(each.pair)?.placeholder)
  t.equal(
    placed.lastIndexOf(true) <= placed.indexOf(false),
    true,
    `${killed}: no placeholder over a certificate`,
  )
  t.same(await scene.challenges.list(), [], `${killed}: no token is left`)
}

/** The worker is killed at that passing, and the next one after as many passings as follow in the list. */
async function runKilled(
  about: Scene,
  kills: readonly number[],
): Promise<{ scene: Bench; killed: string[] }> {
  const scene = await bench()
  await about.prepare(scene)
  const killed: string[] = []
  for (const number of kills) {
    const gate = killAt(number)
    const over = async () => gate.killed() !== undefined || (await done(scene, about)())
    await worker(scene, gate)
      .run(over)
      .catch(() => undefined)
    const at = gate.killed()
    if (at === undefined) break
    killed.push(at)
  }
  await worker(scene).run(done(scene, about))
  return { scene, killed }
}

for (const about of scenes) {
  t.test(`killed anywhere in ${about.name}, the next worker goes on with it`, async (t) => {
    let points = 0
    for (; ; points++) {
      const { scene, killed } = await runKilled(about, [points])
      await check(t, scene, about, killed.join())
      if (killed.length === 0) break
    }
    t.equal(points >= 20, true, `${points} points`)
  })
}

t.test('killed again and again', async (t) => {
  const [, , , , , , , renewal] = scenes
  if (!renewal) throw new Error('the scene of a renewal that is asked for')
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 24 }), { minLength: 2, maxLength: 5 }), async (kills) => {
      const { scene, killed } = await runKilled(renewal, kills)
      await check(t, scene, renewal, killed.join(', then '))
    }),
    { numRuns: 40 },
  )
})
