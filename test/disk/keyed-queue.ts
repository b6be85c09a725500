import t from 'tap'
import { KeyedQueue } from '../../src/disk/keyed-queue.ts'

const turn = () => new Promise((resolve) => setTimeout(resolve, 5))

t.test('acts of one key come one after the other, in order', async (t) => {
  const queue = new KeyedQueue()
  const seen: string[] = []
  const act = (name: string) => async () => {
    seen.push(`${name} begins`)
    await turn()
    seen.push(`${name} ends`)
    return name
  }
  t.strictSame(await Promise.all([queue.run('k', act('a')), queue.run('k', act('b'))]), ['a', 'b'])
  t.strictSame(seen, ['a begins', 'a ends', 'b begins', 'b ends'])
})

t.test('acts of different keys run side by side', async (t) => {
  const queue = new KeyedQueue()
  let inside = 0
  let most = 0
  const act = async () => {
    most = Math.max(most, ++inside)
    await turn()
    inside -= 1
  }
  await Promise.all([queue.run('a', act), queue.run('b', act), queue.run('c', act)])
  t.equal(most, 3)
})

t.test('an act that fails fails its caller only', async (t) => {
  const queue = new KeyedQueue()
  const failing = queue.run('k', () => Promise.reject(new Error('disk full')))
  const next = queue.run('k', async () => 'done')
  await t.rejects(failing, { message: 'disk full' })
  t.equal(await next, 'done')
})
