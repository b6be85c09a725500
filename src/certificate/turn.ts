/** Which issuer the next order goes to. Pure. */
import type { InFlightRecord } from '../state/records.ts'
import { failuresInARow } from './attempt.ts'
import { coveringHold, type Hold } from './hold.ts'
import type { CertificateWorld, World } from './plan.ts'

/**
 * Primary until it failed three times in a row, then in turn with the fallback (so that a primary that recovers is
 * noticed); only the fallback once the primary said that nothing but another configuration helps. An order that was cut
 * off is finished where it was begun. A limit at the chosen issuer sends a certificate that cannot wait (none valid, or
 * a limit that outlasts it) to the other one.
 */
export function chooseIssuer(
  certificate: CertificateWorld,
  { holds, now }: World,
): { issuer: string; hold: Hold | undefined } {
  const { desired } = certificate
  const holdOf = (issuer: string) => coveringHold(holds.get(issuer) ?? [], desired, now)
  const { fallbackIssuer: fallback, issuer: primary } = desired
  const first = cutOffOrder(certificate)?.issuer ?? issuerInTurn(certificate)
  const hold = holdOf(first)
  if (!hold || fallback === undefined) return { issuer: first, hold }
  const other = first === fallback ? primary : fallback
  const refused = other === primary && primaryStopped(certificate)
  if (refused || hold.until < validUntil(certificate) || holdOf(other)) return { issuer: first, hold }
  return { issuer: other, hold: undefined }
}

function issuerInTurn(certificate: CertificateWorld): string {
  const { desired, record } = certificate
  const { fallbackIssuer: fallback, issuer: primary } = desired
  if (fallback === undefined) return primary
  if (primaryStopped(certificate)) return fallback
  const failures = failuresInARow(record, desired)
  return failures >= 3 && failures % 2 === 1 ? fallback : primary
}

/** Until the configuration changes, or the operator asks (`port80 issue`): the CA may have changed its mind. */
function primaryStopped({ desired, record, request }: CertificateWorld): boolean {
  const asked = request?.do === 'issue' || request?.do === 'renew'
  return record.primaryStoppedFor === desired.fingerprint && !asked
}

/** The order in flight, when it is still an order for what is wanted. */
export function resumable({
  desired,
  record,
}: Pick<CertificateWorld, 'desired' | 'record'>): InFlightRecord | undefined {
  const order = record.inFlight
  if (!order) return undefined
  const sameIssuer = order.issuer === desired.issuer || order.issuer === desired.fallbackIssuer
  const same =
    sameIssuer &&
    order.directory === desired.directories[order.issuer] &&
    order.keyType === desired.keyType &&
    order.profile === desired.profiles[order.issuer] &&
    order.domains.length === desired.domains.length &&
    order.domains.every((domain) => desired.domains.includes(domain))
  return same ? order : undefined
}

/** One whose attempt neither failed nor ended: the process did. */
function cutOffOrder(certificate: CertificateWorld): InFlightRecord | undefined {
  return certificate.record.attempts[0]?.outcome === 'running' ? resumable(certificate) : undefined
}

function validUntil({ stored }: CertificateWorld): number {
  const usable = stored?.leaf?.keyMatches === true && stored.pair.revokedAt === undefined
  return usable ? (stored.leaf?.notAfter ?? 0) : 0
}
