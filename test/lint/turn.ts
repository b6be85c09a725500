import t from 'tap'
import { nextTurn, type Turn } from '../../src/lint/turn.ts'

const now = {}
const other = {}
const minute = 60_000
const at = 1_000_000
const turn = (found?: number, settings: object = now): Turn => ({
  ...{ settings, at },
  ...(found !== undefined && { found }),
})

const rows: readonly (readonly [
  name: string,
  last: Turn | undefined,
  every: number,
  random: number,
  expected: number,
])[] = [
  ['never judged', undefined, 10 * minute, 0.5, 0],
  ['judged by other settings', turn(0, other), 10 * minute, 0.5, 0],
  ['nothing was wrong', turn(0), 10 * minute, 0.5, at + 10 * minute],
  ['a tenth early', turn(0), 10 * minute, 0, at + 9 * minute],
  ['a tenth late', turn(0), 10 * minute, 1, at + 11 * minute],
  ['something is wrong', turn(3), 10 * minute, 0.5, at + minute],
  ['something is wrong, and it is looked more often anyway', turn(3), 10_000, 0.5, at + 10_000],
  ['could not be read', turn(), 10 * minute, 0.5, at + minute],
]

t.test('the next round of lint', async (t) => {
  for (const [name, last, every, random, expected] of rows)
    t.equal(Math.round(nextTurn(last, now, every, random)), expected, name)
})
