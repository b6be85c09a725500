/** The budget of one issuer: its limits, and what is known of what was spent. Pure; times are epoch ms. */
import { formatDuration } from '../config/duration.ts'
import type { BudgetRecord } from '../state/records.ts'
import { reservedOf } from './bucket.ts'
import type { Answer, Ledger } from './ledger.ts'
import type { Limits } from './limits.ts'

export type Budget =
  | { readonly limits: Limits; readonly ledger: Ledger }
  /** What was spent cannot be read: that is not "nothing". */
  | { readonly fault: string }

/** Of another CA under the same name nothing was spent yet. */
export function ledgerOf(record: BudgetRecord | undefined, directory: string): Ledger {
  return record?.directory === directory ? record.fullAt : {}
}

/** What is in the way of an order, in one clause: `newOrders: of 300 in 3h none is left for it`. */
export function wordsFor(answer: Extract<Answer, { go: false }>, limits: Limits): string {
  const { bucket, of } = answer
  if (bucket === 'ledger') return 'more is being counted at this CA than one record holds'
  const name = of === '' ? bucket : `${bucket} of ${of}`
  const counted = limits[bucket]
  if (!counted) return name
  const { limit, windowMs } = counted
  const kept = reservedOf(counted)
  const reserve = kept > 0 ? ` (of which ${kept} are kept for renewals)` : ''
  return `${name}: of ${limit} in ${formatDuration(windowMs)}${reserve} none is left for it`
}
