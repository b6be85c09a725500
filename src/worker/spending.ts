/**
 * The budget of one issuer as its orders spend it. Whether something fits is decided again inside the conditional change of
 * the record, so that of two orders side by side only one gets the last of a limit, and a spend is durable when it resolves.
 */
import type { Logger } from 'pino'
import type { OrderBudget } from '../acme/order.ts'
import { ledgerOf, wordsFor } from '../budget/budget.ts'
import {
  afterRefunds,
  afterSpendings,
  refundsOf,
  roomForAccount,
  spendingsOf,
  wouldCross,
  type Answer,
  type Ledger,
  type Spending,
} from '../budget/ledger.ts'
import type { Limits } from '../budget/limits.ts'
import { Port80Failure } from '../reason.ts'
import type { Journal } from '../state/journal.ts'
import type { BudgetRecord } from '../state/records.ts'

export interface SpendingShell {
  readonly budgets: Journal<BudgetRecord>
  /** What is counted for the issuer, as the configuration in force says; undefined: nothing. */
  readonly limitsOf: (issuer: string) => Limits | undefined
  readonly now: () => number
  /** For what happened and could not be written down. */
  readonly log: Pick<Logger, 'info' | 'warn'>
}

export interface Purse {
  readonly issuer: string
  /** URL of its ACME directory. */
  readonly directory: string
}

export interface IssuerBudget extends OrderBudget {
  /** As `spend`, for the registration of one account. */
  account(): Promise<void>
}

export function budgetOf(purse: Purse, shell: SpendingShell): IssuerBudget {
  return {
    async spend(order) {
      const spendings = spendingsOf(order)
      await spendFitting(
        spendings,
        (ledger, limits, now) => wouldCross(order, ledger, limits, now),
        purse,
        shell,
      )
    },
    async account() {
      await spendFitting([{ bucket: 'newAccounts', of: '' }], roomForAccount, purse, shell)
    },
    async giveBack(order) {
      const refunds = refundsOf(order)
      if (refunds.length > 0) await note((known, now) => afterRefunds(refunds, known, now), purse, shell)
    },
    async validationFailed(identifier) {
      const failed = [{ bucket: 'failedValidations', of: identifier.toLowerCase() }] as const
      await note((known, now) => afterSpendings(failed, known, now), purse, shell)
    },
  }
}

async function spendFitting(
  spendings: readonly Spending[],
  fits: (ledger: Ledger, limits: Limits, now: number) => Answer,
  { issuer, directory }: Purse,
  { budgets, limitsOf, now }: SpendingShell,
): Promise<void> {
  const limits = limitsOf(issuer)
  if (!limits || spendings.length === 0) return
  let answer: Answer = { go: true }
  await budgets.change(issuer, (before) => {
    const at = now()
    const ledger = ledgerOf(before, directory)
    answer = fits(ledger, limits, at)
    if (!answer.go) return before ?? withSpent(before, directory, {})
    return withSpent(before, directory, afterSpendings(spendings, { ledger, limits }, at))
  })
  throwUnless(answer, limits)
}

/** The rest of a record is of a newer version, and of the CA that the record is of. */
function withSpent(before: BudgetRecord | undefined, directory: string, fullAt: Ledger): BudgetRecord {
  return { ...(before?.directory === directory && before), v: 1, directory, fullAt }
}

function throwUnless(answer: Answer, limits: Limits): void {
  if (answer.go) return
  const detail = wordsFor(answer, limits).slice(0, 500)
  throw new Port80Failure({ reason: 'BudgetSpent', detail, retryAt: answer.waitUntil })
}

/**
 * What happened already is written down as well as it can be: a store that refuses is told, and the limits of the CA stay
 * where they are. A bug of ours is thrown.
 */
async function note(
  change: (known: { ledger: Ledger; limits: Limits }, now: number) => Ledger,
  { issuer, directory }: Purse,
  { budgets, limitsOf, now, log }: SpendingShell,
): Promise<void> {
  const limits = limitsOf(issuer)
  if (!limits) return
  const next = (before: BudgetRecord | undefined): BudgetRecord => {
    return withSpent(before, directory, change({ ledger: ledgerOf(before, directory), limits }, now()))
  }
  try {
    await budgets.change(issuer, next)
  } catch (error) {
    tellUnwritten(error, issuer, log)
  }
}

/** Whoever leads now goes on with the count, so that the end of a term is nothing to look into. */
function tellUnwritten(error: unknown, issuer: string, log: SpendingShell['log']): void {
  if (!(error instanceof Port80Failure) || error.failure.reason === 'InternalError') throw error
  const { reason, detail } = error.failure
  const level = reason === 'LeadershipLost' ? 'info' : 'warn'
  log[level]({ issuer, reason, detail }, 'what an order changed in the budget is not written down')
}
