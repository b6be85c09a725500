import { join } from 'node:path'
import t from 'tap'
import { tryKernelLock } from '../../src/disk/kernel-lock.ts'
import { WriteTurn } from '../../src/state/write-turn.ts'

t.test('those who share a turn act side by side, and the lock is free when the last is done', async (t) => {
  const path = join(t.testdir(), 'write.lock')
  const turn = new WriteTurn(path)
  let inside = 0
  let most = 0
  const act = async () => {
    most = Math.max(most, ++inside)
    await new Promise((resolve) => setTimeout(resolve, 5))
    inside -= 1
  }
  await Promise.all(Array.from({ length: 20 }, () => turn.run(act)))
  t.equal(most, 20)
  const lock = await tryKernelLock(path)
  t.ok(lock)
  lock?.release()
})

t.test('an act that fails gives the turn back', async (t) => {
  const path = join(t.testdir(), 'write.lock')
  const turn = new WriteTurn(path)
  await t.rejects(
    turn.run(() => Promise.reject(new Error('disk full'))),
    { message: 'disk full' },
  )
  const lock = await tryKernelLock(path)
  t.ok(lock)
  lock?.release()
})

t.test('a turn that does not come is a failure that names the lock; the next try has it again', async (t) => {
  const path = join(t.testdir(), 'write.lock')
  const lock = await tryKernelLock(path)
  t.teardown(() => lock?.release())
  const turn = new WriteTurn(path, 30)
  const waiting = [turn.run(async () => 'one'), turn.run(async () => 'two')]
  for (const each of waiting)
    await t.rejects(each, { message: /^StoreFailed: locking .*write\.lock: another process/ })
  lock?.release()
  t.equal(await turn.run(async () => 'three'), 'three')
})
