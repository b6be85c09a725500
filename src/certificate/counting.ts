/** How a CA counts the order of a certificate: what it replaces decides which limits it is exempt from. Pure. */
import type { Counting } from '../acme/order.ts'
import type { CertificateRecord } from '../state/records.ts'
import { canonicalIp, sameNames, type Desired } from './certificate.ts'
import type { CertificateWorld } from './plan.ts'

/**
 * An order that names the certificate that it replaces is only taken for exempt (RFC 9773 §5) where the CA has told its
 * renewal window, so that it is known to keep to that document, and where at least one name stays. What was issued by
 * another CA, or revoked, this one does not know.
 */
export function countingOf(
  { desired, record, stored }: Pick<CertificateWorld, 'desired' | 'record' | 'stored'>,
  issuer: string,
): Counting {
  const { pair, leaf } = stored ?? {}
  if (!pair || !leaf) return { replacing: 'first', plain: 'first' }
  const here = pair.issuer === issuer && pair.directory === desired.directories[issuer]
  const plain = here && sameNames(leaf.names, desired.domains) ? 'renewal' : 'changed'
  const { revokedAt } = pair
  const exempt =
    here && revokedAt === undefined && keepsToWindows(record, desired) && shareName(leaf.names, desired)
  return { replacing: exempt ? 'replaces' : plain, plain }
}

function keepsToWindows(
  { renewalInfo }: Pick<CertificateRecord, 'renewalInfo'>,
  { renewal }: Desired,
): boolean {
  return renewal.ari && renewalInfo?.window !== undefined
}

function shareName(names: readonly string[], { domains }: Pick<Desired, 'domains'>): boolean {
  const there = new Set(names)
  return domains.some((name) => there.has(canonicalIp(name.toLowerCase())))
}
