import t from 'tap'
import { inTime } from '../../src/reach/in-time.ts'

// A signal alone keeps no process alive.
const alive = setInterval(() => undefined, 1_000)
t.teardown(() => clearInterval(alive))

const later = <T>(ms: number, value: T) => new Promise<T>((resolve) => setTimeout(() => resolve(value), ms))
const failing = (ms: number) =>
  new Promise<string>((_, reject) => setTimeout(() => reject(new Error('failed')), ms))

t.test('what ends in time is the answer, and so is its failure', async (t) => {
  const late = AbortSignal.timeout(60_000)
  t.equal(await inTime(later(1, 'act'), late, () => 'late'), 'act')
  await t.rejects(
    inTime(failing(1), late, () => 'late'),
    /failed/,
  )
})

t.test('what does not is answered otherwise, at once', async (t) => {
  const never = new Promise<string>(() => undefined)
  const late = AbortSignal.timeout(20)
  t.equal(await inTime(never, late, () => 'late'), 'late')
  t.equal(await inTime(never, late, () => 'late'), 'late', 'when time was up before')
})

t.test('a failure because of it is no failure', async (t) => {
  const late = AbortSignal.timeout(20)
  const aborted = new Promise<string>((_, reject) =>
    late.addEventListener('abort', () => reject(new Error('aborted'))),
  )
  t.equal(await inTime(aborted, late, () => 'late'), 'late')
  t.equal(await inTime(failing(1), AbortSignal.abort(), () => 'late'), 'late')
})
