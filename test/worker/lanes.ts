import t from 'tap'
import { failureOf } from '../acme/fixtures/bench.ts'
import { atMost, eachOf, laneOf, lanesOf, within } from '../../src/worker/lanes.ts'

const never = new Promise<never>(() => undefined)
// A deadline alone keeps no process alive; a server does.
const alive = setInterval(() => undefined, 60_000)
t.teardown(() => clearInterval(alive))
const turn = () => new Promise((resolve) => setImmediate(resolve))

t.test('a lane has so many acts at once, the others wait their turn, and other lanes do not', async (t) => {
  const lanes = lanesOf(2)
  const began: string[] = []
  const ends = new Map<string, () => void>()
  const act = (lane: string, name: string) =>
    lanes.run(lane, () => {
      began.push(name)
      return new Promise<void>((resolve) => ends.set(name, resolve))
    })
  for (const name of ['a1', 'a2', 'a3', 'a4']) void act('a', name)
  void act('b', 'b1')
  await turn()
  t.same(began, ['a1', 'a2', 'b1'])
  ends.get('a2')?.()
  await turn()
  t.same(began, ['a1', 'a2', 'b1', 'a3'])
  await t.rejects(lanes.run('b', () => Promise.reject(new Error('failed'))))
  void act('b', 'b2')
  await turn()
  t.same(began.at(-1), 'b2', 'one that failed has left its lane')
})

t.test('lanes', async (t) => {
  t.same(['/a', './b', 'Secrets in namespace x', 'secret/x/y'].map(laneOf), [
    '/a',
    './b',
    'Secrets',
    'secret',
  ])
})

t.test('deadlines', async (t) => {
  t.equal(await within(10_000, Promise.resolve(1)), 1)
  t.match(await failureOf(within(10, never)), {
    reason: 'DestinationFailed',
    detail: /did not answer within/,
  })
  await atMost(10, never)
})

t.test('each of many, bounded and in order', async (t) => {
  let at = 0
  let most = 0
  const results = await eachOf([3, 1, 2, 5, 4], 2, async (each) => {
    most = Math.max(most, ++at)
    await turn()
    at -= 1
    return each * 2
  })
  t.same(results, [6, 2, 4, 10, 8])
  t.equal(most, 2)
  const seen: number[] = []
  const fault = eachOf([1, 2, 3, 4], 1, async (each) => {
    seen.push(each)
    if (each === 2) throw new Error('two')
  })
  await t.rejects(fault, { message: 'two' })
  t.same(seen, [1, 2], 'nothing new begins after a fault')
})
