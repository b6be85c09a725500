import t from 'tap'
import type { Budget } from '../../src/budget/budget.ts'
import { bucketsOf, budgetFindings } from '../../src/budget/told.ts'
import type { Limits } from '../../src/budget/limits.ts'
import { plan } from '../../src/certificate/plan.ts'
import { hour, minute, now, unissued, world } from '../certificate/fixtures/builders.ts'

const limits: Limits = {
  newOrders: { limit: 10, windowMs: 10 * minute, reserve: 0.2 },
  certificatesPerDomain: { limit: 2, windowMs: hour, reserve: 0 },
}
const budgets = (fullAt: Exclude<Budget, { fault: string }>['ledger']) =>
  new Map<string, Budget>([['main', { limits, ledger: fullAt }]])

const account = { issuer: 'main', bucket: 'newOrders', limit: 10, reserve: 2, windowSeconds: 600 }
const domain = { issuer: 'main', bucket: 'certificatesPerDomain', limit: 2, reserve: 0, windowSeconds: 3_600 }

const rows: { name: string; ledger: Parameters<typeof budgets>[0]; told: object[] }[] = [
  { name: 'nothing spent', ledger: {}, told: [] },
  { name: 'what is full again is left out', ledger: { newOrders: { '': now } }, told: [] },
  {
    name: 'of the account',
    ledger: { newOrders: { '': now + 3 * minute } },
    told: [{ ...account, used: 3 }],
  },
  {
    name: 'nothing left but what is kept for renewals',
    ledger: { newOrders: { '': now + 8 * minute } },
    told: [{ ...account, used: 8, nextPossibleAt: now + minute }],
  },
  {
    name: 'what is used up comes first',
    ledger: {
      newOrders: { '': now + 7 * minute },
      certificatesPerDomain: { 'a.test': now + hour, 'b.test': now + 1 },
    },
    told: [
      { ...domain, of: 'a.test', used: 2, nextPossibleAt: now + 30 * minute },
      { ...account, used: 7 },
      { ...domain, of: 'b.test', used: 1 },
    ],
  },
  {
    name: 'a bucket that is counted no more',
    ledger: { failedValidations: { 'a.test': now + hour } },
    told: [],
  },
]
for (const { name, ledger, told } of rows) {
  t.test(name, async (t) => t.strictSame(bucketsOf(budgets(ledger), now), told))
}

t.test('what cannot be read is told by what waits for it', async (t) => {
  t.strictSame(bucketsOf(new Map([['main', { fault: 'is torn' }]]), now), [])
})

t.test('findings', async (t) => {
  const seen = (of: ReturnType<typeof budgets>) => {
    const all = world([unissued()], { budgets: of })
    return budgetFindings(all, plan(all), bucketsOf(of, now))
  }
  t.same(seen(budgets({ newOrders: { '': now + 7 * minute } })), [])
  t.match(seen(budgets({ newOrders: { '': now + 8 * minute } })), [
    {
      code: 'P80-501',
      object: { kind: 'Host', name: 'book.example.com' },
      host: 'book.example.com',
      seen: 'Issuer main: newOrders: of 10 in 10m (of which 2 are kept for renewals) none is left for it; next possible at 2026-09-01T12:01Z',
    },
    {
      code: 'P80-502',
      object: { kind: 'Issuer', name: 'main', field: 'limits.newOrders' },
      seen: 'Issuer main: 8 of 10 newOrders used, 2 kept for renewals; room for a new certificate at 2026-09-01T12:01Z',
    },
  ])
  t.match(seen(new Map([['main', { fault: 'its record is torn' }]])), [
    { code: 'P80-501', seen: /^Issuer main: its record is torn; next possible at / },
  ])
})
