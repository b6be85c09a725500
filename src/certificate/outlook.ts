/**
 * What keeps an order from an issuer now: a limit that the CA has named (hold.ts), or one that the order would cross by our
 * own count (src/budget). Pure. One for each plan: what the orders of the plan take is no longer there for those behind them.
 */
import { wordsFor, type Budget } from '../budget/budget.ts'
import { copyOf, spend, spendingsOf, wouldCross, type Draft, type OrderToCount } from '../budget/ledger.ts'
import type { Limits } from '../budget/limits.ts'
import type { RestReason } from '../reason.ts'
import { countingOf } from './counting.ts'
import { coveringHold } from './hold.ts'
import type { CertificateWorld, World } from './plan.ts'
import { resumable } from './turn.ts'

export interface Wait {
  readonly reason: Extract<RestReason, 'LimitedByCa' | 'OverBudget'>
  /** Epoch ms. */
  readonly until: number
  readonly detail: string
  /** Where the order is over its budget. */
  readonly issuer?: string
}

export interface Outlook {
  waitAt(certificate: CertificateWorld, issuer: string): Wait | undefined
  /** The order is going to be placed there. */
  take(certificate: CertificateWorld, issuer: string): void
}

/** So long, ms, is waited for somebody to mend a record that cannot be read; every tick looks again. */
const unreadableMs = 60_000

export function outlookOf({ holds, budgets, now }: Pick<World, 'holds' | 'budgets' | 'now'>): Outlook {
  const drafts = new Map<string, Draft>()
  const draftOf = (issuer: string, { limits, ledger }: Extract<Budget, { limits: Limits }>): Draft => {
    const draft = drafts.get(issuer) ?? copyOf(ledger, limits, now)
    drafts.set(issuer, draft)
    return draft
  }
  return {
    waitAt(certificate, issuer) {
      // The word of the CA comes before our own count.
      const hold = coveringHold(holds.get(issuer) ?? [], certificate.desired, now)
      if (hold) return { reason: 'LimitedByCa', until: hold.until, detail: hold.detail }
      const budget = budgets.get(issuer)
      if (!budget || isPlaced(certificate, issuer)) return undefined
      const over = { reason: 'OverBudget', issuer } as const
      if ('fault' in budget) return { ...over, until: now + unreadableMs, detail: budget.fault }
      const { limits } = budget
      const answer = wouldCross(orderOf(certificate, issuer), draftOf(issuer, budget), limits, now)
      if (answer.go) return undefined
      return { ...over, until: answer.waitUntil, detail: wordsFor(answer, limits) }
    },
    take(certificate, issuer) {
      const budget = budgets.get(issuer)
      if (!budget || 'fault' in budget || isPlaced(certificate, issuer)) return
      spend(draftOf(issuer, budget), spendingsOf(orderOf(certificate, issuer)), budget.limits, now)
    },
  }
}

/** The CA knows the order: it has been counted. */
function isPlaced(certificate: CertificateWorld, issuer: string): boolean {
  const order = resumable(certificate)
  return order?.issuer === issuer && order.orderUrl !== undefined
}

function orderOf(certificate: CertificateWorld, issuer: string): OrderToCount {
  return { kind: countingOf(certificate, issuer).replacing, names: certificate.desired.domains }
}
