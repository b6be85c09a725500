/** Gather: what the CAs asked to be left alone, and what was spent of their limits; read, nothing decided. */
import { ledgerOf, type Budget } from '../budget/budget.ts'
import type { Limits } from '../budget/limits.ts'
import type { Desired } from '../certificate/certificate.ts'
import type { Hold } from '../certificate/hold.ts'
import type { World } from '../certificate/plan.ts'
import type { Journal } from '../state/journal.ts'
import type { BudgetRecord, HoldsRecord } from '../state/records.ts'

export interface LimitSources {
  readonly holds: Journal<HoldsRecord>
  readonly budgets: Journal<BudgetRecord>
  /** What is counted for an issuer; undefined: nothing. */
  readonly limitsOf: (issuer: string) => Limits | undefined
  readonly now: () => number
}

/** Of every issuer that a certificate may be ordered from. */
export async function gatherLimits(
  desired: readonly Desired[],
  sources: LimitSources,
): Promise<Pick<World, 'holds' | 'budgets'>> {
  return { holds: await gatherHolds(desired, sources), budgets: await gatherBudgets(desired, sources) }
}

async function gatherHolds(
  desired: readonly Desired[],
  sources: LimitSources,
): Promise<ReadonlyMap<string, readonly Hold[]>> {
  const issuers = new Set(desired.flatMap((each) => Object.keys(each.directories)))
  const holds = new Map<string, readonly Hold[]>()
  for (const issuer of issuers) {
    const entry = await sources.holds.read(issuer)
    if (entry.state === 'there') holds.set(issuer, entry.record.holds)
    if (entry.state === 'unreadable') holds.set(issuer, [unknownLimits(issuer, entry.fault, sources.now())])
  }
  return holds
}

async function gatherBudgets(
  desired: readonly Desired[],
  sources: LimitSources,
): Promise<ReadonlyMap<string, Budget>> {
  const directories = new Map(desired.flatMap((each) => Object.entries(each.directories)))
  const budgets = new Map<string, Budget>()
  for (const [issuer, directory] of directories) {
    const limits = sources.limitsOf(issuer)
    if (!limits) continue
    const entry = await sources.budgets.read(issuer)
    if (entry.state === 'unreadable') budgets.set(issuer, { fault: unknownSpending(issuer, entry.fault) })
    else {
      const record = entry.state === 'there' ? entry.record : undefined
      budgets.set(issuer, { limits, ledger: ledgerOf(record, directory) })
    }
  }
  return budgets
}

function unknownSpending(issuer: string, fault: string): string {
  return `its record of what was spent (budget/${issuer}) ${fault}; restore it or move it away`
}

/** Limits that cannot be read are not "no limits": the issuer is left alone until somebody has mended or removed the record. */
function unknownLimits(issuer: string, fault: string, now: number): Hold {
  const detail = `its record of limits (holds/${issuer}) ${fault}; restore it or move it away`
  return { kind: 'issuer', until: now + unknownLimitsMs, since: now, reason: 'StoreFailed', detail }
}

/** Looked at again by every tick; only a moment that is ahead. */
const unknownLimitsMs = 60_000
