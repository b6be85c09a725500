import t from 'tap'
import { atMost, throttled } from '../../src/http/throttled-log.ts'

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

t.test('so many are written in each second, and the next line has the number of the others', async (t) => {
  let now = 0
  const written: [string, number][] = []
  const write = atMost<string>(
    2,
    () => now,
    (value, missed) => written.push([value, missed]),
  )
  for (const [at, value] of [
    [0, 'a'],
    [1, 'b'],
    [2, 'c'],
    [999, 'd'],
    [1_000, 'e'],
    [1_001, 'f'],
    [5_000, 'g'],
  ] as const) {
    now = at
    write(value)
  }
  t.strictSame(written, [
    ['a', 0],
    ['b', 0],
    ['e', 2],
    ['f', 0],
    ['g', 0],
  ])
})
