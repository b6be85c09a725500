import t from 'tap'
import { Port80Failure } from '../../src/reason.ts'
import { day, desired, minute } from '../certificate/fixtures/builders.ts'
import { bench, isInstalled, worker, type Bench } from './fixtures/bench.ts'
import { problem } from './fixtures/pretend-ca.ts'
import { aWhile } from './fixtures/while.ts'

t.setTimeout(60_000)

const detail = 'P80-303 Gateway istio-system/public: 301'

/** Names that were looked at, one entry a look. */
function refusing(scene: Bench): string[] {
  const looks: string[] = []
  scene.preflight = async (names, issuer) => {
    looks.push(`${issuer}: ${names.join(' ')}`)
    throw new Port80Failure({ reason: 'PreflightFailed', detail, identifier: 'book.example.com' })
  }
  return looks
}

const ended = (scene: Bench, count: number) => aWhile(() => scene.ended.length >= count)

t.test('a preflight that fails costs the CA nothing at all', async (t) => {
  const scene = await bench()
  const looks = refusing(scene)
  await worker(scene).run(ended(scene, 1))
  t.strictSame(looks, ['main: book.example.com'])
  t.strictSame(scene.opened, [], 'not even an account is looked for')
  t.strictSame(scene.main.calls, [])
  const record = await scene.record('book')
  t.match(record.attempts, [{ outcome: 'failed', failure: { reason: 'PreflightFailed', detail } }])
  t.match(record, { failures: 0, inFlight: undefined, notBefore: scene.time + minute / 2 })
  t.match(scene.lines.at(-1), { msg: 'order failed', reason: 'PreflightFailed', detail })

  await worker(scene).run(aWhile(() => true))
  t.equal(looks.length, 1, 'a restart does not look sooner')

  scene.preflight = async () => undefined
  scene.time += minute / 2
  await worker(scene).run(isInstalled(scene))
  t.match((await scene.record('book')).attempts, [
    { outcome: 'issued' },
    { failure: { reason: 'PreflightFailed' } },
  ])
})

t.test('it is looked again after half a minute, 1, 2, 5 and then every 10', async (t) => {
  const scene = await bench()
  refusing(scene)
  const steps = [minute / 2, minute, 2 * minute, 5 * minute, 10 * minute, 10 * minute]
  for (const [index, step] of steps.entries()) {
    await worker(scene).run(ended(scene, index + 1))
    t.equal((await scene.record('book')).notBefore, scene.time + step, `after look ${index + 1}`)
    scene.time += step
  }
})

t.test('looks that failed are no failures of the CA: its ladder begins at the first step', async (t) => {
  const scene = await bench()
  refusing(scene)
  for (const count of [1, 2, 3, 4]) {
    await worker(scene).run(ended(scene, count))
    scene.time += 10 * minute
  }
  scene.preflight = async () => undefined
  scene.main.before = () => {
    throw problem('AcmeMalformed', {})
  }
  await worker(scene).run(ended(scene, 5))
  t.match(await scene.record('book'), { failures: 1, notBefore: scene.time + minute })

  refusing(scene)
  scene.time += minute
  await worker(scene).run(ended(scene, 6))
  t.match(await scene.record('book'), { failures: 1, notBefore: scene.time + minute / 2 })
})

t.test('a renewal never waits for a look', async (t) => {
  const scene = await bench()
  await worker(scene).run(isInstalled(scene))
  const looks = refusing(scene)
  scene.time += 70 * day
  const before = scene.main.orders.size
  await worker(scene).run(() => scene.main.orders.size > before)
  await worker(scene).run(isInstalled(scene))
  t.strictSame(looks, [])
})

t.test('a name that is added is looked at', async (t) => {
  const scene = await bench()
  await worker(scene).run(isInstalled(scene))
  const looks = refusing(scene)
  const domains = ['book.example.com', 'shop.example.com']
  scene.wanted = [desired({ domains, fingerprint: 'configuration-2' })]
  await worker(scene).run(ended(scene, 2))
  t.strictSame(looks, ['main: book.example.com shop.example.com'])
  t.equal(scene.main.orders.size, 1, 'and nothing is ordered')
})

t.test('an order that was cut off goes on without a look', async (t) => {
  const scene = await bench()
  const { served } = scene
  scene.served = async () => {
    throw problem('SelfCheckFailed', {})
  }
  await worker(scene).run(ended(scene, 1))
  const looks = refusing(scene)
  scene.served = served
  scene.time += 2 * minute
  await worker(scene).run(isInstalled(scene))
  t.strictSame(looks, [])
})
