import t from 'tap'
import { inTime } from '../../src/reach/in-time.ts'

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
  const startedAt = performance.now()
  const late = AbortSignal.timeout(20)
  t.equal(await inTime(later(2_000, 'act'), late, () => 'late'), 'late')
  t.equal(await inTime(later(2_000, 'act'), late, () => 'late'), 'late', 'when time was up before')
  t.ok(performance.now() - startedAt < 1_500)
})

t.test('a failure because of it is no failure', async (t) => {
  const late = AbortSignal.timeout(20)
  const aborted = new Promise<string>((_, reject) =>
    late.addEventListener('abort', () => reject(new Error('aborted'))),
  )
  t.equal(await inTime(aborted, late, () => 'late'), 'late')
  t.equal(await inTime(failing(1), AbortSignal.abort(), () => 'late'), 'late')
})
