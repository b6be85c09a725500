import t from 'tap'
import { createNoncePool } from '../../src/acme/nonce-pool.ts'

const minute = 60_000

t.test('gives the newest first, and each once', async (t) => {
  const pool = createNoncePool()
  t.equal(pool.take(0), undefined)
  pool.put('a', 0)
  pool.put('b', 1)
  t.equal(pool.take(2), 'b')
  t.equal(pool.take(2), 'a')
  t.equal(pool.take(2), undefined)
})

t.test('forgets what is five minutes old', async (t) => {
  const pool = createNoncePool()
  pool.put('a', 0)
  pool.put('b', 1)
  t.equal(pool.take(5 * minute), 'b')
  t.equal(pool.take(5 * minute), undefined)
})

t.test('keeps sixty-four, the newest', async (t) => {
  const pool = createNoncePool()
  for (let index = 0; index < 100; index++) pool.put(`n${index}`, 0)
  const taken = Array.from({ length: 65 }, () => pool.take(0))
  t.equal(taken[0], 'n99')
  t.equal(taken[63], 'n36')
  t.equal(taken[64], undefined)
})

t.test('takes nothing that is no nonce', async (t) => {
  const pool = createNoncePool()
  for (const nonce of [undefined, '', 'with space', 'a=', 'ä', 'x'.repeat(513)]) pool.put(nonce, 0)
  t.equal(pool.take(0), undefined)
})
