/** When to renew. Pure; every time is epoch ms. */
import type { CertificateRecord } from '../state/records.ts'
import type { Leaf } from './certificate.ts'

const hour = 3_600_000
const day = 24 * hour

export interface RenewalMoment {
  readonly at: number
  readonly source: 'ari' | 'fraction' | 'renewBefore'
}

export interface RenewalPolicy {
  readonly ari: boolean
  /** Milliseconds before notAfter. */
  readonly renewBefore?: number
}

/**
 * The moment to renew what is stored. A pair that was itself a renewal by the clock is kept for an hour (a twentieth of
 * a short life) whatever window and clock say: a CA whose windows are always over, or a clock that is weeks ahead, would
 * make us order without end, and renewals that name the pair they replace are exempt from the CA's own limits.
 */
export function nextRenewal(
  leaf: Leaf,
  policy: RenewalPolicy,
  record: Pick<CertificateRecord, 'renewalInfo' | 'attempts'>,
): RenewalMoment {
  const moment = renewalMoment(leaf, policy, record.renewalInfo?.chosenAt)
  const last = record.attempts.find((each) => each.outcome === 'issued')
  if (last?.why !== 'RenewalTime' && last?.why !== 'RenewalWindow') return moment
  const kept = Math.min(hour, (leaf.notAfter - leaf.notBefore) / 20)
  return { ...moment, at: Math.max(moment.at, Math.round((last.endedAt ?? last.at) + kept)) }
}

/**
 * The moment to renew `leaf`.
 * - `renewBefore` is the operator's word; a value of half the lifetime or more would renew for ever and counts as half.
 * - Else ARI (RFC 9773 §4.2): `chosenAt`, the moment picked inside the CA's window. A moment in the last twentieth of
 *   the lifetime is pulled forward: a window past the expiry must not let the certificate expire.
 * - Else a third of the lifetime left, half for lifetimes under ten days (Let's Encrypt's integration guide), earlier
 *   by up to a tenth of that, spread by serial: a fleet issued in one minute does not renew in one minute.
 * With both `renewBefore` and ARI the earlier wins: a CA that is about to revoke moves its window to now, and the
 * operator's wish for *more* margin is not a wish to sleep through that.
 */
export function renewalMoment(
  leaf: Leaf,
  policy: RenewalPolicy,
  chosenAt: number | undefined,
): RenewalMoment {
  const lifetime = leaf.notAfter - leaf.notBefore
  const ari =
    policy.ari && chosenAt !== undefined
      ? Math.min(chosenAt, Math.floor(leaf.notAfter - lifetime / 20))
      : undefined
  if (policy.renewBefore !== undefined) {
    const at = Math.round(leaf.notAfter - Math.min(policy.renewBefore, lifetime / 2))
    return ari !== undefined && ari < at ? { at: ari, source: 'ari' } : { at, source: 'renewBefore' }
  }
  if (ari !== undefined) return { at: ari, source: 'ari' }
  const left = lifetime < 10 * day ? lifetime / 2 : lifetime / 3
  return { at: Math.round(leaf.notAfter - left * (1 + spread(leaf.fingerprint) / 10)), source: 'fraction' }
}

/**
 * A number in [0, 1) that depends on the text only: the same certificate always gets the same moment. FNV-1a: it need
 * not be secret, only even, and a cryptographic hash was most of the time of a plan over thousands.
 */
export function spread(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  // FNV's high bits are weak for short texts; one more mixing spreads the last characters over all bits.
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32
}
