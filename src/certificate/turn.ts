/** Which issuer the next order goes to. Pure. */
import { orderReasons, type OrderReason } from '../reason.ts'
import { knownWord } from '../state/newer.ts'
import type { InFlightRecord } from '../state/records.ts'
import { backOffAt, nextTurn, primaryStopped } from './back-off.ts'
import type { Outlook, Wait } from './outlook.ts'
import type { CertificateWorld } from './plan.ts'

/**
 * Whose turn it is (back-off.ts), but an order that was cut off is finished where it was begun. A limit at the chosen issuer
 * sends a certificate that cannot wait (none valid, or a limit that outlasts it) to the other one, when that may be asked.
 */
export function chooseIssuer(
  certificate: CertificateWorld,
  outlook: Pick<Outlook, 'waitAt'>,
  now: number,
): { issuer: string; wait: Wait | undefined } {
  const { desired, record } = certificate
  const waitAt = (issuer: string) => outlook.waitAt(certificate, issuer)
  const { fallbackIssuer: fallback, issuer: primary } = desired
  const first = cutOffOrder(certificate)?.issuer ?? nextTurn(record, desired, isAsked(certificate)).issuer
  const wait = waitAt(first)
  if (!wait || fallback === undefined) return { issuer: first, wait }
  const other = first === fallback ? primary : fallback
  if (wait.until < validUntil(certificate) || waitAt(other) || !mayBeAsked(other, certificate, now)) {
    return { issuer: first, wait }
  }
  return { issuer: other, wait: undefined }
}

/** Not one that said "stop", and not one that is backing off; the operator's word passes both, but not a stop of the fallback. */
function mayBeAsked(issuer: string, certificate: CertificateWorld, now: number): boolean {
  const { desired, record } = certificate
  const asked = isAsked(certificate)
  const { stopped, notBefore = 0 } = backOffAt(record, desired, issuer)
  if (issuer === desired.issuer) return asked || (!primaryStopped(record, desired) && notBefore <= now)
  return stopped !== true && (asked || notBefore <= now)
}

/** The operator says "now" (`port80 issue`, `port80 renew`): the CA may have changed its mind. */
function isAsked({ request }: CertificateWorld): boolean {
  return request?.do === 'issue' || request?.do === 'renew'
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

/**
 * Why an order in flight is gone on with. Where a newer version began it for a reason that is none here, `own`: what is due
 * anyway, and else that somebody wanted it.
 */
export function whyResumed({ why }: InFlightRecord, own: OrderReason | undefined): OrderReason {
  return knownWord(why, orderReasons) ?? own ?? 'RenewalRequested'
}

/** One whose attempt neither failed nor ended: the process did. */
function cutOffOrder(certificate: CertificateWorld): InFlightRecord | undefined {
  return certificate.record.attempts[0]?.outcome === 'running' ? resumable(certificate) : undefined
}

function validUntil({ stored }: CertificateWorld): number {
  const usable = stored?.leaf?.keyMatches === true && stored.pair.revokedAt === undefined
  return usable ? (stored.leaf?.notAfter ?? 0) : 0
}
