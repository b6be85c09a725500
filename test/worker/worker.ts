import t from 'tap'
import { sleepMs } from '../../src/worker/worker.ts'
import { day, desired, hour } from '../certificate/fixtures/builders.ts'
import { bench, isInstalled, worker, type Bench } from './fixtures/bench.ts'
import { problem } from './fixtures/pretend-ca.ts'
import { aWhile } from './fixtures/while.ts'

t.setTimeout(60_000)

const named = (name: string, differs: Parameters<typeof desired>[0] = {}) =>
  desired({ name, domains: [`${name}.example.com`], ...differs })
const many = (count: number, prefix: string, differs: Parameters<typeof desired>[0] = {}) =>
  Array.from({ length: count }, (_, index) => named(`${prefix}${index}`, differs))
const allInstalled = (scene: Bench, names: readonly string[]) => async () => {
  for (const name of names) if (!(await isInstalled(scene, name)())) return false
  return true
}

t.test('milliseconds of sleep', async (t) => {
  const now = 1_000_000
  const rows = [
    { name: 'nothing is due: a tick', nextWakeAt: undefined, ms: 30_000 },
    { name: 'due later than a tick', nextWakeAt: now + 90 * day, ms: 30_000 },
    { name: 'due within a tick', nextWakeAt: now + 7_000, ms: 7_000 },
    { name: 'due at once: a breath all the same', nextWakeAt: now, ms: 50 },
    { name: 'due long ago (the clock has jumped)', nextWakeAt: now - day, ms: 50 },
  ]
  for (const { name, nextWakeAt, ms } of rows) {
    t.test(name, async (t) => {
      t.equal(sleepMs({ steps: [], nextWakeAt }, { now: () => now, tickMs: () => 30_000 }), ms)
    })
  }
})

t.test('a hundred certificates: one account, never more orders at once than allowed', async (t) => {
  const scene = await bench()
  scene.wanted = many(100, 'n')
  scene.parallel = 7
  let open = 0
  let most = 0
  scene.main.before = ({ action }) => {
    if (action === 'newOrder') most = Math.max(most, (open += 1))
  }
  scene.main.after = ({ action }) => void (action === 'certificate' && (open -= 1))
  await worker(scene).run(
    allInstalled(
      scene,
      scene.wanted.map(({ name }) => name),
    ),
  )
  t.same(scene.opened, ['main'])
  t.equal(most, 7)
  t.equal(scene.main.orders.size, 100)
  t.equal(scene.main.issued.length, 100)
  t.same(await scene.challenges.list(), [])
})

t.test('one that fails delays no other', async (t) => {
  const scene = await bench()
  scene.wanted = [named('bad'), ...many(10, 'good')]
  scene.parallel = 2
  scene.main.before = ({ action, names }) => {
    if (action === 'newOrder' && names.includes('bad.example.com')) throw problem('AcmeMalformed')
  }
  await worker(scene).run(
    allInstalled(
      scene,
      many(10, 'good').map(({ name }) => name),
    ),
  )
  t.same(
    scene.ended.filter(({ result }) => result === 'failed').map(({ name }) => name),
    ['bad'],
  )
})

t.test('one whose CA does not decide delays no other', async (t) => {
  const scene = await bench()
  scene.wanted = [named('hangs'), ...many(10, 'good')]
  scene.parallel = 2
  const { validate } = scene.main
  scene.main.validate = (each) =>
    each.identifier === 'hangs.example.com' ? new Promise(() => undefined) : validate(each)
  await worker(scene).run(
    allInstalled(
      scene,
      many(10, 'good').map(({ name }) => name),
    ),
  )
  t.equal((await scene.record('hangs')).attempts[0]?.outcome, 'running')
})

t.test('a CA that hangs does not keep another CA from its orders', async (t) => {
  const scene = await bench()
  scene.wanted = [...many(50, 'hangs'), ...many(3, 'good', { issuer: 'other' })]
  scene.parallel = 4
  const over = new AbortController()
  scene.main.before = async () => {
    while (!over.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5))
    throw problem('CaTimedOut')
  }
  const running = worker(scene)
  await running.run(async () => {
    const done = await allInstalled(scene, ['good0', 'good1', 'good2'])()
    if (done) over.abort()
    return done
  })
  t.equal(scene.other.issued.length, 3)
})

t.test('a torn record is left alone, and the others go on', async (t) => {
  const scene = await bench()
  await scene.state.write('certificate/torn', '{"v":1,"pai', undefined)
  scene.wanted = [named('torn'), named('good')]
  await worker(scene).run(allInstalled(scene, ['good']))
  t.equal((await scene.state.read('certificate/torn'))?.text, '{"v":1,"pai')
  t.equal(scene.main.orders.size, 1)
})

t.test('a bug that one certificate brings out does not end the others', async (t) => {
  const scene = await bench()
  scene.wanted = [named('odd', { domains: [undefined as unknown as string] }), named('good')]
  scene.main.before = ({ names }) => {
    if (names.includes(undefined as unknown as string)) throw new TypeError('odd')
  }
  await worker(scene).run(allInstalled(scene, ['good']))
  t.match(
    scene.lines.find(({ msg }) => msg === 'step failed'),
    { certificate: 'odd', step: 'placeholder' },
  )
})

t.test('what has no certificate comes before what is merely due', async (t) => {
  const scene = await bench()
  scene.wanted = many(3, 'old')
  await worker(scene).run(allInstalled(scene, ['old0', 'old1', 'old2']))
  scene.time += 70 * day
  scene.parallel = 1
  scene.wanted = [...scene.wanted, named('new')]
  await worker(scene).run(() => scene.ended.length === 7)
  t.equal(scene.ended[3]?.name, 'new')
})

t.test('with nothing due the loop rests', async (t) => {
  const scene = await bench()
  await worker(scene).run(isInstalled(scene))
  const before = scene.ticks.length
  await worker(scene).run(aWhile(() => true, 300))
  t.equal(scene.ticks.length - before <= 10, true, `${scene.ticks.length - before} rounds in 300 ms`)
})

t.test('a changed configuration is seen when it is woken', async (t) => {
  const scene = await bench()
  const running = worker(scene)
  Object.assign(running.shell, { tickMs: () => 600_000 })
  let step = 0
  await running.run(async () => {
    if (step === 0 && (await isInstalled(scene)())) {
      step = 1
      scene.wanted = [...scene.wanted, named('second')]
      running.wake.now()
    }
    return step === 1 && (await isInstalled(scene, 'second')())
  })
  t.equal(scene.main.orders.size, 2)
})

t.test('what others write is seen by the next tick, also when the clock was set back', async (t) => {
  for (const move of [hour, -day]) {
    t.test(`${move / hour} hours`, async (t) => {
      const scene = await bench()
      const running = worker(scene)
      let moved = false
      await running.run(async () => {
        if (!moved && (await isInstalled(scene)())) {
          scene.shelf.pairs.clear()
          moved = true
          scene.time += move
          running.wake.now()
        }
        return moved && (await isInstalled(scene)())
      })
      t.equal(scene.main.orders.size, 1)
    })
  }
})
