/** What an order takes of the limits of the CA, and when it gives it back. */
import t from 'tap'
import { Port80Failure } from '../../src/reason.ts'
import { problem, type Call } from '../worker/fixtures/pretend-ca.ts'
import { failureOf } from './fixtures/bench.ts'
import { domains, failOnce, loseOnce, orderScene, type OrderScene } from './fixtures/order-scene.ts'

const about = /^(spend|give back|failed|newOrder|finalize)/
const told = ({ events }: OrderScene) => events.filter((event) => about.test(event))

t.test('it is spent before the CA hears of the order, and not twice for one', async (t) => {
  const scene = await orderScene()
  await scene.run()
  t.same(told(scene), ['spend first', 'newOrder', 'finalize'])
})

t.test('without room the CA hears nothing', async (t) => {
  const scene = await orderScene()
  const spend = async () => {
    throw new Port80Failure({ reason: 'BudgetSpent', detail: 'newOrders', retryAt: 1 })
  }
  const shell = { ...scene.shell, budget: { ...scene.shell.budget, spend } }
  const { obtain } = await import('../../src/acme/order.ts')
  const failure = await failureOf(obtain(scene.job, shell, new AbortController().signal))
  t.match(failure, { reason: 'BudgetSpent' })
  t.same(scene.ca.calls, [])
})

t.test(
  'an order that names what it replaces counts as that, and once more when the CA refuses it',
  async (t) => {
    const scene = await orderScene()
    scene.ca.before = ({ action }) => void scene.events.push(action)
    const counts = { replacing: 'replaces', plain: 'renewal' } as const
    await scene.run({ replaces: 'a.b', counts })
    t.same(told(scene), ['spend replaces', 'newOrder', 'finalize'])
    scene.events.length = 0
    await scene.run({ replaces: 'a.b', counts }) // another one has replaced it already
    t.same(told(scene), [
      'spend replaces',
      'newOrder',
      'give back replaces',
      'spend renewal',
      'newOrder',
      'finalize',
    ])
  },
)

t.test('what no order came of is given back', async (t) => {
  const rows: { name: string; error: Error }[] = [
    { name: 'the CA cannot be reached', error: problem('CaUnreachable') },
    { name: 'the CA refuses', error: problem('AcmeRateLimited') },
  ]
  for (const { name, error } of rows) {
    const scene = await orderScene()
    failOnce(scene, 'newOrder', error)
    await failureOf(scene.run())
    t.same(told(scene), ['spend first', 'newOrder', 'give back first'], name)
  }
})

t.test('an order whose answer was lost is spent when it is found', async (t) => {
  const scene = await orderScene()
  loseOnce(scene, 'newOrder')
  await failureOf(scene.run())
  t.same(told(scene), ['spend first', 'newOrder', 'give back first'])
  scene.events.length = 0
  await scene.run({ mayExist: true })
  t.same(told(scene), ['spend first', 'finalize'])
})

t.test('an order that is gone on with was spent before', async (t) => {
  const scene = await orderScene()
  loseOnce(scene, 'authorization')
  await failureOf(scene.run())
  t.same(told(scene), ['spend first', 'newOrder'])
  scene.events.length = 0
  await scene.run({ mayExist: true, orderUrl: scene.opened[0] ?? '' })
  t.same(told(scene), ['finalize'])
})

t.test('a validation that failed is counted, and its order gives no certificate', async (t) => {
  const scene = await orderScene()
  const [bad] = domains
  scene.ca.validate = async ({ identifier }) =>
    identifier === bad ? { reason: 'AcmeConnection', detail: 'refused', identifier } : undefined
  t.match(await failureOf(scene.run()), { reason: 'AcmeConnection', identifier: bad })
  t.same(told(scene), ['spend first', 'newOrder', `failed ${bad}`, 'give back first'])
})

t.test('one that failed after its attempt was cut off is counted when the order is found dead', async (t) => {
  const scene = await orderScene()
  scene.ca.validate = async ({ identifier }) => ({ reason: 'AcmeDns', detail: 'NXDOMAIN', identifier })
  loseOnce(scene, 'accept')
  await failureOf(scene.run())
  scene.events.length = 0
  await failureOf(scene.run({ mayExist: true, orderUrl: scene.opened[0] ?? '' }))
  const dead = told(scene).slice(0, told(scene).indexOf('spend first'))
  t.ok(dead.length > 0)
  t.same(
    dead.filter((event) => !event.startsWith('failed ')),
    [],
  )
})

t.test('once it was finalized nothing is given back', async (t) => {
  const rows: { lost: Call['action']; error: Error }[] = [
    { lost: 'finalize', error: problem('AcmeBadCsr') },
    { lost: 'certificate', error: problem('CaUnreachable') },
  ]
  for (const { lost, error } of rows) {
    const scene = await orderScene()
    failOnce(scene, lost, error)
    await failureOf(scene.run())
    t.same(
      told(scene).filter((event) => event.startsWith('give')),
      [],
      lost,
    )
  }
})
