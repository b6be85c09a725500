/**
 * A pair that a gateway did not take, and the older one that stands in its place (src/serving). Pure.
 *
 * The refused pair is not put back until: there is a newer one (`port80 renew`, or its renewal); the configuration of the
 * certificate changes; none of the pods that refused it is left; or its time has come (triedAgainAt): whatever kept the gateway
 * from it may have been mended by somebody who does not know of port80. A try costs no order; with less than an hour left of
 * the older pair nothing is undone any more, so that this cannot go on for ever.
 */
import type { CertificateRecord, RefusedRecord, StoredPair } from '../state/records.ts'
import { serialOf } from './certificate.ts'

/** What goes into this destination: the newest pair, unless it was refused there and the older one can stand in. */
export function pairFor(
  record: Pick<CertificateRecord, 'pairs' | 'refused'>,
  destination: string,
): StoredPair | undefined {
  return standIn(record, destination) ?? record.pairs[0]
}

/** The older pair that stands in the place of the newest there; undefined: none does. */
export function standIn(
  { pairs, refused }: Pick<CertificateRecord, 'pairs' | 'refused'>,
  destination: string,
): StoredPair | undefined {
  const [newest, ...older] = pairs
  if (!newest || !refused?.destinations.includes(destination)) return undefined
  if (newest.revokedAt !== undefined || serialOf(newest.chainPem) !== refused.serial) return undefined
  return older.find(
    ({ chainPem, revokedAt }) => revokedAt === undefined && serialOf(chainPem) === refused.kept,
  )
}

/** The refusal, or this destination beside the ones that refused the same pair before. */
export function withRefusal(record: CertificateRecord, refused: RefusedRecord): CertificateRecord {
  const { refused: before } = record
  const same = before?.serial === refused.serial && before.kept === refused.kept
  if (!same) return { ...record, refused }
  return {
    ...record,
    refused: {
      ...before,
      ...refused,
      at: before.at,
      until: Math.min(before.until, refused.until),
      destinations: [...new Set([...before.destinations, ...refused.destinations])].slice(0, 20),
      pods: [...new Set([...before.pods, ...refused.pods])].slice(0, 20),
    },
  }
}

export function withoutRefusal({ refused: _refused, ...record }: CertificateRecord): CertificateRecord {
  return record
}

export interface RefusalNow {
  /** Of the certificate's configuration. */
  readonly fingerprint: string
  /** Ready ones; undefined: they could not be listed. */
  readonly pods: readonly string[] | undefined
  readonly proofIsOn: boolean
  readonly now: number
}

/** Whether the refused pair is tried again. */
export function refusalIsOver(
  refused: RefusedRecord,
  { fingerprint, pods, proofIsOn, now }: RefusalNow,
): boolean {
  if (!proofIsOn || refused.config !== fingerprint || now >= refused.until) return true
  if (pods === undefined || pods.length === 0) return false
  return !refused.pods.some((pod) => pods.includes(pod))
}

const hour = 3_600_000
const leastRest = hour
const mostRest = 24 * hour

/**
 * When a pair that is refused now is tried again (epoch ms): after as long as it has been there, so that each wait is twice
 * the one before; from an hour to a day, and by half of what is left of the older one.
 */
export function triedAgainAt(
  { issuedAt, keptUntil }: { readonly issuedAt: number; readonly keptUntil: number },
  now: number,
): number {
  const rest = Math.min(Math.max(now - issuedAt, leastRest), mostRest)
  return Math.round(Math.min(now + rest, now + (keptUntil - now) / 2))
}

/** At most this many pairs are kept: the newest, the one that stands in for it, then the next newest. */
export function keptPairs(
  pairs: readonly StoredPair[],
  kept: string | undefined,
  most: number,
): StoredPair[] {
  if (pairs.length <= most || kept === undefined) return pairs.slice(0, most)
  const index = pairs.findIndex(({ chainPem }) => serialOf(chainPem) === kept)
  const pair = pairs[index]
  return pair && index >= most ? [...pairs.slice(0, most - 1), pair] : pairs.slice(0, most)
}
