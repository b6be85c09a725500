/** Whether an order is one that nobody has seen succeed: for that one it is looked first whether the CA can come. Pure. */
import type { CertificateRecord } from '../state/records.ts'
import type { CertificateWorld } from './plan.ts'
import { canonicalIp, type Desired } from './certificate.ts'

/**
 * No valid pair of this issuer with these names yet. A renewal is none: it never waits for a look (the canary has been
 * there before), and neither does an order that the CA knows already.
 */
export function isFirstOrder(
  issuer: string,
  desired: Desired,
  stored: CertificateWorld['stored'],
  now: number,
): boolean {
  const { pair, leaf } = stored ?? {}
  if (!pair || !leaf || pair.revokedAt !== undefined || !leaf.keyMatches) return true
  if (pair.issuer !== issuer || pair.directory !== desired.directories[issuer]) return true
  const validated = new Set(leaf.names.map((name) => canonicalIp(name.toLowerCase())))
  const added = desired.domains.some((name) => !validated.has(canonicalIp(name.toLowerCase())))
  return added || leaf.notAfter <= now || leaf.notBefore > now
}

/** Someone has looked since, and the way is well: what waits for nothing but the next look need not wait for it. */
export function wayIsWell(record: CertificateRecord): CertificateRecord {
  const { notBefore, ...kept } = record
  const waits = notBefore !== undefined && record.attempts[0]?.failure?.reason === 'PreflightFailed'
  if (!waits) return record
  const entries = Object.entries(record.backOff ?? {})
  const backOff = Object.fromEntries(
    entries.filter(([, entry]) => entry.failures > 0 || entry.notBefore !== notBefore),
  )
  return { ...kept, ...(record.backOff && { backOff }) }
}
