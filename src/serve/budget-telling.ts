/** What was spent, and what waits for it, laid down for status, metrics and Events after every plan. */
import { bucketsOf, budgetFindings } from '../budget/told.ts'
import { lastingOf } from '../finding/lasting.ts'
import type { ReportedSources } from './reported.ts'
import type { Look } from './view.ts'

/** One for each term; where nothing is counted it tells nothing. */
export function budgetTelling(
  reported: Pick<ReportedSources, 'set'>,
): (look: Pick<Look, 'gathered' | 'plan'>) => void {
  const lasting = lastingOf('budget')
  return ({ gathered: { world }, plan }) => {
    if (world.budgets.size === 0) return reported.set('budget', {})
    const { now } = world
    const budget = bucketsOf(world.budgets, now)
    reported.set('budget', { budget, findings: lasting(budgetFindings(world, plan, budget), now) })
  }
}
