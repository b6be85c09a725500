import t from 'tap'
import { afterSpending, reservedOf, roomFor, usedOf, type Bucket } from '../../src/budget/bucket.ts'

const now = 1_800_000_000_000
const hour = 3_600_000
const five: Bucket = { limit: 5, windowMs: 5 * hour, reserve: 0.2 }

function spent(times: number, at = now): number | undefined {
  let fullAt: number | undefined
  for (let each = 0; each < times; each++) fullAt = afterSpending(five, fullAt, at)
  return fullAt
}

const cases = [
  { name: 'an untouched bucket has room', times: 0, renewal: false, at: now, room: { fits: true } },
  { name: 'the last one outside the reserve fits', times: 3, renewal: false, at: now, room: { fits: true } },
  {
    name: 'a new order does not spend the reserve and learns when the next token is back',
    times: 4,
    renewal: false,
    at: now,
    room: { fits: false, nextPossibleAt: now + hour },
  },
  { name: 'a renewal spends the reserve', times: 4, renewal: true, at: now, room: { fits: true } },
  {
    name: 'a renewal waits when the bucket is empty',
    times: 5,
    renewal: true,
    at: now,
    room: { fits: false, nextPossibleAt: now + hour },
  },
  { name: 'at the promised moment it fits', times: 5, renewal: true, at: now + hour, room: { fits: true } },
  {
    name: 'a millisecond before the promised moment it does not',
    times: 5,
    renewal: true,
    at: now + hour - 1,
    room: { fits: false, nextPossibleAt: now + hour },
  },
] as const

for (const { name, times, renewal, at, room } of cases) {
  t.test(name, async (t) => t.strictSame(roomFor(five, spent(times), renewal, at), room))
}

t.test('what is used comes back evenly, a part of a token counted as a whole', async (t) => {
  const fullAt = spent(2)
  t.equal(usedOf(five, fullAt, now), 2)
  t.equal(usedOf(five, fullAt, now + 1), 2)
  t.equal(usedOf(five, fullAt, now + hour), 1)
  t.equal(usedOf(five, fullAt, now + 2 * hour), 0)
})

t.test('a reserve of everything leaves one token for new orders', async (t) => {
  t.equal(reservedOf({ ...five, reserve: 1 }), 4)
})
