/** The budgets of the issuers, by the configuration in force. */
import { issuerLimits, resolveIssuer } from '../config/known-issuers.ts'
import { budgetOf, type IssuerBudget, type SpendingShell } from '../worker/spending.ts'
import type { Live } from './live.ts'

export interface BudgetShell extends Pick<SpendingShell, 'budgets' | 'now' | 'log'> {
  readonly live: Pick<Live, 'config'>
}

/** What `gather` and every spend ask: the buckets that are counted for an issuer. */
export function limitsOf({ config }: Pick<Live, 'config'>): SpendingShell['limitsOf'] {
  return (issuer) => issuerLimits(config(), issuer)
}

/** Throws RangeError for an issuer that is not configured. */
export function issuerBudget(issuer: string, { live, ...shell }: BudgetShell): IssuerBudget {
  const { directory } = resolveIssuer(live.config(), issuer)
  return budgetOf({ issuer, directory }, { ...shell, limitsOf: limitsOf(live) })
}
