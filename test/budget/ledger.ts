import t from 'tap'
import {
  afterRefunds,
  afterSpendings,
  mostBuckets,
  refundsOf,
  roomForAccount,
  spendingsOf,
  wouldCross,
  type Ledger,
  type OrderToCount,
} from '../../src/budget/ledger.ts'
import { limitsOf, type Limits } from '../../src/budget/limits.ts'

const now = 1_800_000_000_000
const minute = 60_000
const hour = 60 * minute
const week = 7 * 24 * hour
const le = limitsOf('https://acme-v02.api.letsencrypt.org/directory', { reserve: 0 }) ?? {}
const kept = limitsOf('https://acme-v02.api.letsencrypt.org/directory') ?? {}

const { certificatesPerDomain: _off, ...withoutDomains } = le

const order = (kind: OrderToCount['kind'], ...names: string[]): OrderToCount => ({ kind, names })
const first = (...names: string[]) => order('first', ...names)

/** After so many orders, all at `now`; each with names of its own unless `names` are given. */
function after(times: number, names: (index: number) => string[], limits: Limits = le): Ledger {
  let ledger: Ledger = {}
  for (let index = 0; index < times; index++)
    ledger = afterSpendings(spendingsOf(first(...names(index))), { ledger, limits }, now)
  return ledger
}
const subdomains = (index: number) => [`n${index}.example.com`]
const elsewhere = (index: number) => [`a.n${index}.test`]
const same = () => ['b.example.com', 'a.example.com']
const failed: Ledger = { failedValidations: { 'a.example.com': now + hour } }

const rows = [
  { name: 'nothing spent', ledger: {}, order: first('a.example.com'), at: now, go: true },
  { name: '49 of a domain', ledger: after(49, subdomains), order: first('x.example.com'), at: now, go: true },
  {
    name: '50 of a domain',
    ledger: after(50, subdomains),
    order: first('x.example.com'),
    at: now,
    waits: ['certificatesPerDomain', 'example.com', week / 50],
  },
  {
    name: '50 of a domain do not touch another',
    ledger: after(50, subdomains),
    order: first('example.org'),
    at: now,
    go: true,
  },
  {
    name: 'a renewal passes a domain',
    ledger: after(50, subdomains),
    order: order('renewal', 'x.example.com'),
    at: now,
    go: true,
  },
  {
    name: 'other names than before do not',
    ledger: after(50, subdomains),
    order: order('changed', 'x.example.com'),
    at: now,
    waits: ['certificatesPerDomain', 'example.com', week / 50],
  },
  {
    name: 'refilled after a restart',
    ledger: after(50, subdomains),
    order: first('x.example.com'),
    at: now + week / 50,
    go: true,
  },
  {
    name: 'not a millisecond before',
    ledger: after(50, subdomains),
    order: first('x.example.com'),
    at: now + week / 50 - 1,
    waits: ['certificatesPerDomain', 'example.com', 1],
  },
  {
    name: 'a clock that stepped back: an empty bucket takes no longer by it than by any other',
    ledger: after(50, subdomains),
    order: first('x.example.com'),
    at: now - minute,
    waits: ['certificatesPerDomain', 'example.com', week / 50],
  },
  {
    name: 'a clock that stood years ahead makes a bucket no emptier than empty',
    ledger: { certificatesPerDomain: { 'example.com': now + 100 * week } },
    order: first('x.example.com'),
    at: now,
    waits: ['certificatesPerDomain', 'example.com', week / 50],
  },
  {
    name: 'a clock that stepped back: a bucket that is not empty waits for the moment that was written',
    limits: kept,
    ledger: after(45, subdomains),
    order: first('x.example.com'),
    at: now - minute,
    waits: ['certificatesPerDomain', 'example.com', week / 50 + minute],
  },
  { name: '299 orders', ledger: after(299, elsewhere), order: first('a.example.com'), at: now, go: true },
  {
    name: '300 orders',
    ledger: after(300, elsewhere),
    order: first('a.example.com'),
    at: now,
    waits: ['newOrders', '', 36_000],
  },
  {
    name: 'a renewal passes them',
    ledger: after(300, elsewhere),
    order: order('renewal', 'a.example.com'),
    at: now,
    go: true,
  },
  {
    name: 'the same names in another order and case, five times',
    ledger: after(5, same),
    order: order('renewal', 'A.example.com', 'b.example.com'),
    at: now,
    waits: ['certificatesPerNames', /^a\.example\.com \+1 [0-9a-f]{16}$/, Math.ceil(week / 5)],
  },
  {
    name: 'one name fewer is another set',
    ledger: after(5, same),
    order: first('a.example.com'),
    at: now,
    go: true,
  },
  {
    name: 'what is replaced passes everything',
    ledger: after(5, same),
    order: order('replaces', ...same()),
    at: now,
    go: true,
  },
  {
    name: 'five failures of a name',
    ledger: failed,
    order: first('a.example.com'),
    at: now,
    waits: ['failedValidations', 'a.example.com', 12 * minute],
  },
  {
    name: 'of a renewal, too',
    ledger: failed,
    order: order('renewal', 'a.example.com'),
    at: now,
    waits: ['failedValidations', 'a.example.com', 12 * minute],
  },
  { name: 'not of its neighbour', ledger: failed, order: first('b.example.com'), at: now, go: true },
  {
    name: 'of two in the way the one that ends last',
    ledger: { ...after(300, subdomains), ...failed },
    order: first('a.example.com'),
    at: now,
    waits: ['certificatesPerDomain', 'example.com', week / 50],
  },
  {
    name: 'the reserve is not for new names',
    limits: kept,
    ledger: after(45, subdomains),
    order: first('x.example.com'),
    at: now,
    waits: ['certificatesPerDomain', 'example.com', week / 50],
  },
  {
    name: 'but for names that change',
    limits: kept,
    ledger: after(45, subdomains),
    order: order('changed', 'x.example.com'),
    at: now,
    go: true,
  },
  {
    name: 'a bucket that is off has room',
    limits: withoutDomains,
    ledger: after(50, subdomains),
    order: first('x.example.com'),
    at: now,
    go: true,
  },
] as const

for (const row of rows) {
  t.test(row.name, async (t) => {
    const limits = 'limits' in row ? row.limits : le
    const answer = wouldCross(row.order, row.ledger, limits, row.at)
    if ('go' in row) return t.strictSame(answer, { go: true })
    const [bucket, of, waitMs] = row.waits
    t.match(answer, { go: false, bucket, of, waitUntil: row.at + waitMs })
  })
}

t.test(
  'an order that ended without a certificate gives back what the CA counts by certificate',
  async (t) => {
    const one = first('a.example.com')
    const spent = afterSpendings(spendingsOf(one), { ledger: {}, limits: le }, now)
    t.strictSame(Object.keys(spent).sort(), ['certificatesPerDomain', 'certificatesPerNames', 'newOrders'])
    const back = afterRefunds(refundsOf(one), { ledger: spent, limits: le }, now)
    t.strictSame(back, { newOrders: { '': now + 36_000 } })
    t.strictSame(afterRefunds(refundsOf(one), { ledger: {}, limits: le }, now), {}, 'never more than full')
  },
)

t.test('accounts: ten, then one in 18 minutes, and none is kept for renewals', async (t) => {
  let ledger: Ledger = {}
  for (let count = 0; count < 10; count++) {
    t.strictSame(roomForAccount(ledger, kept, now), { go: true })
    ledger = afterSpendings([{ bucket: 'newAccounts', of: '' }], { ledger, limits: kept }, now)
  }
  const waits = { go: false, waitUntil: now + 18 * minute, bucket: 'newAccounts', of: '' }
  t.strictSame(roomForAccount(ledger, kept, now), waits)
})

t.test('a full ledger refuses instead of forgetting, until something ends', async (t) => {
  const many = Object.fromEntries(
    Array.from({ length: mostBuckets }, (_, index) => [`n${index}.test`, now + hour + index]),
  )
  const ledger = { failedValidations: many }
  const waits = { go: false, waitUntil: now + hour, bucket: 'ledger', of: '' }
  t.strictSame(wouldCross(first('a.example.com'), ledger, le, now), waits)
  t.strictSame(wouldCross(order('replaces', 'a.example.com'), ledger, le, now), { go: true })
  t.strictSame(wouldCross(first('a.example.com'), ledger, le, now + hour), { go: true })
})

t.test('buckets that are full again are not kept', async (t) => {
  const spent = after(1, subdomains)
  const later = afterSpendings([], { ledger: spent, limits: le }, now + week)
  t.strictSame(later, {})
})

t.test('the input is left as it was', async (t) => {
  const spent = after(1, subdomains)
  const copy = structuredClone(spent)
  afterSpendings(spendingsOf(first('x.example.com')), { ledger: spent, limits: le }, now)
  t.strictSame(spent, copy)
})
