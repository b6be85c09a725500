import t from 'tap'
import type { Budget } from '../../src/budget/budget.ts'
import { plan } from '../../src/certificate/plan.ts'
import { findingKey } from '../../src/finding/merge.ts'
import { budgetTelling } from '../../src/serve/budget-telling.ts'
import { reportedBoard } from '../../src/serve/reported.ts'
import { certificate, hour, minute, now, world } from '../certificate/fixtures/builders.ts'

const limits = { certificatesPerDomain: { limit: 2, windowMs: hour, reserve: 0 } }

/** What is told at `at` when these registered domains are used up. */
function teller() {
  const board = reportedBoard(() => now)
  const tell = budgetTelling(board)
  return (at: number, ...domains: string[]) => {
    const ledger = { certificatesPerDomain: Object.fromEntries(domains.map((name) => [name, at + hour])) }
    const budgets = new Map<string, Budget>([['main', { limits, ledger }]])
    const of = { ...world([certificate()], { budgets }), now: at }
    const gathered = { world: of, faults: new Map(), strayRequests: new Map(), requests: new Map() }
    tell({ gathered, plan: plan(of) })
    return board.current().findings ?? []
  }
}

t.test('two buckets of one name are two findings, each since it began', async (t) => {
  const tell = teller()
  tell(now, 'a.test')
  const both = tell(now + minute, 'a.test', 'b.test')
  t.match(
    both.map(({ code, object, since }) => [code, object.field, since]),
    [
      ['P80-502', 'limits.certificatesPerDomain[a.test]', now],
      ['P80-502', 'limits.certificatesPerDomain[b.test]', now + minute],
    ],
  )
  t.equal(new Set(both.map(findingKey)).size, 2)
  t.match(tell(now + 2 * minute, 'b.test'), [{ since: now + minute }])
  t.match(tell(now + 3 * minute, 'a.test'), [{ since: now + 3 * minute }], 'it had ended')
})
