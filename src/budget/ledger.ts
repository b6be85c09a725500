/**
 * What was spent of the buckets of one issuer, and whether an order would cross one. Pure; times are epoch ms. The order of
 * a renewal is exempt as the CA exempts it; the share that is kept for renewals is ours.
 */
import { afterSpending, roomFor, type Bucket } from './bucket.ts'
import { bucketNames, type BucketName, type Limits } from './limits.ts'
import { countedNames } from './names.ts'

/**
 * - `replaces`: names the certificate that it replaces (RFC 9773 §5): exempt from every limit.
 * - `renewal`: the same names as a certificate before: exempt from those on orders and on registered domains.
 * - `changed`: takes the place of a certificate with other names: counted, but may use what is kept for renewals.
 * - `first`: nothing was there before.
 */
export type OrderKind = 'replaces' | 'renewal' | 'changed' | 'first'

export interface OrderToCount {
  readonly kind: OrderKind
  readonly names: readonly string[]
}

/** `fullAt` of each bucket by what it is of (`''`: the account); one that is full is missing. */
export type Ledger = Readonly<Partial<Record<BucketName, Readonly<Record<string, number>>>>>

/** Buckets at once in one ledger; it must fit into one Secret. */
export const mostBuckets = 5_000

export interface Spending {
  readonly bucket: BucketName
  readonly of: string
}

export type Answer =
  | { readonly go: true }
  | {
      readonly go: false
      readonly waitUntil: number
      readonly bucket: BucketName | 'ledger'
      readonly of: string
    }

/** Buckets that must have room for the order; a failed validation is only counted once it has failed. */
export function boundsOf({ kind, names }: OrderToCount): Spending[] {
  if (kind === 'replaces') return []
  const failures = names.map((name) => ({ bucket: 'failedValidations', of: name.toLowerCase() }) as const)
  return [...spendingsOf({ kind, names }), ...failures]
}

/** What the order takes. */
export function spendingsOf({ kind, names }: OrderToCount): Spending[] {
  if (kind === 'replaces') return []
  const { registeredDomains, set } = countedNames(names)
  const ofSet: Spending = { bucket: 'certificatesPerNames', of: set }
  if (kind === 'renewal') return [ofSet]
  const ofDomains = registeredDomains.map((of) => ({ bucket: 'certificatesPerDomain', of }) as const)
  return [{ bucket: 'newOrders', of: '' }, ...ofDomains, ofSet]
}

/** What comes back when the order ended without a certificate: the CA counts orders when placed, certificates when issued. */
export function refundsOf(order: OrderToCount): Spending[] {
  return spendingsOf(order).filter(({ bucket }) => bucket !== 'newOrders')
}

/** Whether the order fits, or the moment from which it would; of several buckets in its way the one that ends last. */
export function wouldCross(order: OrderToCount, ledger: Ledger, limits: Limits, now: number): Answer {
  const bounds = boundsOf(order).filter(({ bucket }) => limits[bucket])
  let answer: Answer = { go: true }
  for (const { bucket, of } of bounds) {
    const room = roomIn({ bucket, of }, { ledger, limits }, order.kind !== 'first', now)
    if (room.fits || (!answer.go && answer.waitUntil >= room.nextPossibleAt)) continue
    answer = { go: false, waitUntil: room.nextPossibleAt, bucket, of }
  }
  return answer.go && bounds.length > 0 ? whenLedgerIsFull(ledger, now) : answer
}

/** A ledger that is full is not shortened by what is still counted: an order waits until something ends by itself. */
function whenLedgerIsFull(ledger: Ledger, now: number): Answer {
  const count = Object.values(ledger).reduce((sum, each) => sum + Object.keys(each).length, 0)
  if (count < mostBuckets) return { go: true }
  const ends = Object.values(ledger).flatMap((each) => Object.values(each))
  const first = ends.reduce((least, at) => Math.min(least, at), Infinity)
  return first <= now ? { go: true } : { go: false, waitUntil: first, bucket: 'ledger', of: '' }
}

/** Whether one more account may be registered. */
export function roomForAccount(ledger: Ledger, limits: Limits, now: number): Answer {
  const spending = { bucket: 'newAccounts', of: '' } as const
  const room = roomIn(spending, { ledger, limits }, true, now)
  return room.fits ? { go: true } : { go: false, waitUntil: room.nextPossibleAt, ...spending }
}

function roomIn(
  { bucket, of }: Spending,
  { ledger, limits }: { ledger: Ledger; limits: Limits },
  renewal: boolean,
  now: number,
) {
  const limit = limits[bucket]
  return limit
    ? roomFor(limit, fullAtOf(limit, ledger[bucket]?.[of], now), renewal, now)
    : ({ fits: true } as const)
}

/** No bucket is emptier than empty: the clock stood ahead when that was written. */
export function fullAtOf(
  { windowMs, limit }: Bucket,
  fullAt: number | undefined,
  now: number,
): number | undefined {
  return fullAt === undefined ? undefined : Math.min(fullAt, now + limit * Math.ceil(windowMs / limit))
}

/** The ledger after these; buckets that are full again, or that the CA does not have, are dropped. */
export function afterSpendings(
  spendings: readonly Spending[],
  { ledger, limits }: { ledger: Ledger; limits: Limits },
  now: number,
): Ledger {
  const next = copyOf(ledger, limits, now)
  spend(next, spendings, limits, now)
  return next
}

/** Spends in place: for a plan that decides about thousands of orders on one copy. */
export function spend(ledger: Draft, spendings: readonly Spending[], limits: Limits, now: number): void {
  for (const { bucket, of } of spendings) {
    const limit = limits[bucket]
    if (!limit) continue
    const known = (ledger[bucket] ??= {})
    known[of] = afterSpending(limit, fullAtOf(limit, known[of], now), now)
  }
}

/** The ledger after these were given back. */
export function afterRefunds(
  refunds: readonly Spending[],
  { ledger, limits }: { ledger: Ledger; limits: Limits },
  now: number,
): Ledger {
  const next = copyOf(ledger, limits, now)
  for (const { bucket, of } of refunds) {
    const limit = limits[bucket]
    const known = next[bucket]
    const fullAt = known?.[of]
    if (!limit || !known || fullAt === undefined) continue
    known[of] = fullAt - Math.ceil(limit.windowMs / limit.limit)
  }
  return copyOf(next, limits, now)
}

export type Draft = Partial<Record<BucketName, Record<string, number>>>

/** One that may be spent of in place; full buckets are left out. Those that a newer version counts are not ours to forget. */
export function copyOf(ledger: Ledger, limits: Limits, now: number): Draft {
  const copy: Draft = {}
  for (const [name, known] of Object.entries(ledger) as [BucketName, Record<string, number>][]) {
    if (!limits[name] && bucketNames.includes(name)) continue
    const spent = Object.entries(known).filter(([, fullAt]) => fullAt > now)
    if (spent.length > 0) copy[name] = Object.fromEntries(spent)
  }
  return copy
}
