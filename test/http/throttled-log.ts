import t from 'tap'
import { throttled } from '../../src/http/throttled-log.ts'

t.test('of many alike one is written per interval, with the number of the others', async (t) => {
  let now = 0
  const written: [string, number][] = []
  const write = throttled<string>(
    1_000,
    () => now,
    (value, missed) => written.push([value, missed]),
  )
  for (const [at, value] of [
    [0, 'a'],
    [1, 'b'],
    [999, 'c'],
    [1_000, 'd'],
    [1_500, 'e'],
    [9_000, 'f'],
  ] as const) {
    now = at
    write(value)
  }
  t.strictSame(written, [
    ['a', 0],
    ['d', 2],
    ['f', 1],
  ])
})
