import t from 'tap'
import { Port80Failure } from '../../src/reason.ts'
import { failureOf } from '../acme/fixtures/bench.ts'
import { day, desired } from '../certificate/fixtures/builders.ts'
import { makePair } from '../certificate/fixtures/pairs.ts'
import { bench, isInstalled, worker, type Bench } from './fixtures/bench.ts'
import { aWhile } from './fixtures/while.ts'

t.setTimeout(120_000)
// Each scene is a world of its own and most of it is waiting: they wait beside one another.
t.jobs = 8
// New options each time: tap keeps in them what is of one test.
const beside = () => ({ buffered: true, jobs: 8 })

const never = new Promise<void>(() => undefined)
const lost = () =>
  Promise.reject(new Port80Failure({ reason: 'LeadershipLost', detail: 'another worker may be leading' }))

async function two(): Promise<Bench> {
  const scene = await bench()
  scene.wanted = [desired({ name: 'slow', domains: ['slow.example.com'] }), desired()]
  scene.parallel = 1
  return scene
}

t.test('a destination that does not answer', beside(), async (t) => {
  for (const hangs of ['read', 'install'] as const) {
    t.test(`when it is asked to ${hangs}: the others and the loop go on`, beside(), async (t) => {
      const scene = await two()
      scene.shelf.before = (act, name) => (act === hangs && name === 'slow' ? never : undefined)
      await worker(scene).run(
        async () =>
          (await isInstalled(scene)()) && scene.main.issued.length === 2 && scene.ended.length === 2,
      )
      const ticks = scene.ticks.length
      await worker(scene).run(() => scene.ticks.length > ticks + 3)
      t.equal(scene.shelf.pairs.has('slow'), false)
      t.match(await scene.record('slow'), { pairs: [{}], failures: 0 }, 'its certificate was ordered, too')
      scene.shelf.before = () => undefined
      await worker(scene).run(isInstalled(scene, 'slow'))
      t.equal(scene.main.orders.size, 2, 'and is installed without another order, once it answers')
    })
  }
  t.test('later than the loop waits: what it then says is acted upon', beside(), async (t) => {
    const scene = await two()
    scene.shelf.before = (act, name) =>
      act === 'read' && name === 'slow' ? new Promise((resolve) => setTimeout(resolve, 1_500)) : undefined
    await worker(scene).run(isInstalled(scene, 'slow'))
    t.equal(scene.main.orders.size, 2)
  })
})

t.test('a sweep of tokens that does not end stops nothing', beside(), async (t) => {
  const scene = await two()
  Object.assign(scene.challenges, { list: () => never })
  await worker(scene).run(isInstalled(scene))
  t.equal(scene.shelf.pairs.has('book'), true)
})

t.test(
  'what came to a destination after the plan is not replaced by something worse',
  beside(),
  async (t) => {
    const scene = await bench()
    await worker(scene).run(isInstalled(scene))
    scene.shelf.pairs.clear()
    const theirs = await makePair({ notBefore: scene.time - day, notAfter: scene.time + 300 * day })
    let reads = 0
    scene.shelf.before = (act, name) => {
      // The plan has seen that nothing is there; the look before the write sees theirs.
      if (act === 'read' && ++reads === 2) scene.shelf.pairs.set(name, theirs)
    }
    await worker(scene).run(aWhile(() => reads >= 2))
    t.equal(scene.shelf.pairs.get('book'), theirs)
  },
)

t.test('a lease that is lost between plan and install', beside(), async (t) => {
  t.test('while the destination is looked at: nothing is written', beside(), async (t) => {
    const scene = await bench()
    await worker(scene).run(isInstalled(scene))
    scene.shelf.pairs.clear()
    const written = scene.shelf.history.length
    let reads = 0
    scene.shelf.before = (act) => {
      if (act === 'read' && ++reads === 2) scene.leading = lost
    }
    t.match(await failureOf(worker(scene).run(() => false)), { reason: 'LeadershipLost' })
    t.equal(reads, 2, 'the plan was to install')
    t.equal(scene.shelf.history.length, written)
    scene.leading = async () => undefined
    await worker(scene).run(isInstalled(scene))
    t.equal(scene.main.orders.size, 1)
  })
  t.test('after the certificate came: it is stored, and the next leader installs it', beside(), async (t) => {
    const scene = await bench()
    scene.main.after = ({ action }) => {
      if (action === 'certificate') scene.leading = lost
    }
    t.match(await failureOf(worker(scene).run(() => false)), { reason: 'LeadershipLost' })
    t.equal(scene.shelf.history.length, 1, 'the placeholder')
    scene.leading = async () => undefined
    await worker(scene).run(isInstalled(scene))
    t.equal(scene.main.orders.size, 1)
  })
})
