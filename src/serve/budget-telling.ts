/** What was spent, and what waits for it, laid down for status, metrics and Events after every plan. */
import { bucketsOf, budgetFindings } from '../budget/told.ts'
import { objectText, type Finding } from '../finding/finding.ts'
import type { ReportedSources } from './reported.ts'
import type { Look } from './view.ts'

/** One for each term; where nothing is counted it tells nothing. */
export function budgetTelling(reported: Pick<ReportedSources, 'set'>): (look: Look) => void {
  let since = new Map<string, number>()
  return ({ gathered: { world }, plan }) => {
    if (world.budgets.size === 0) return reported.set('budget', {})
    const { now } = world
    const budget = bucketsOf(world.budgets, now)
    const findings = budgetFindings(world, plan, budget).map(
      (each) => ({ ...each, since: since.get(keyOf(each)) ?? now, lastSeen: now, from: 'budget' }) as const,
    )
    since = new Map(findings.map((each) => [keyOf(each), each.since]))
    reported.set('budget', { budget, findings })
  }
}

/** What is seen changes with the clock; what is of one name but of two buckets is two. */
function keyOf({ code, object, seen }: Finding): string {
  return `${code} ${objectText(object)} ${code === 'P80-502' ? (/ of \S+ (?=used)/.exec(seen)?.[0] ?? '') : ''}`
}
