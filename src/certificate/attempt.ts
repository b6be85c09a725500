/** How a certificate's record changes with each attempt. Pure; every function answers a new record. Times are epoch ms. */
import type { Failure, OrderReason, Verdict } from '../reason.ts'
import type { AttemptRecord, CertificateRecord, InFlightRecord, StoredPair } from '../state/records.ts'
import { backOffAt, nextTurn, primaryStopped, sameConfiguration, withBackOff } from './back-off.ts'
import type { Desired } from './certificate.ts'
import { keptPairs } from './refused.ts'

const keptAttempts = 10
const mostPairs = 3

/** Before newOrder: the intent and the certificate's key are durable before the CA hears of the order. */
export function begun(record: CertificateRecord, inFlight: InFlightRecord, now: number): CertificateRecord {
  const attempt: AttemptRecord = { at: now, why: inFlight.why, issuer: inFlight.issuer, outcome: 'running' }
  return {
    ...record,
    wantedSince: stillWantedSince(record) ?? now,
    inFlight,
    attempts: [attempt, ...closeRunning(record.attempts, now)].slice(0, keptAttempts),
  }
}

/** A moment before the newest pair belongs to that pair: a crash after its installation left it behind. */
function stillWantedSince({ wantedSince, pairs: [newest] }: CertificateRecord): number | undefined {
  return wantedSince !== undefined && newest && wantedSince <= newest.issuedAt ? undefined : wantedSince
}

/** Going on with an order after a restart: the running attempt stays the running attempt. */
export function resumed(
  record: CertificateRecord,
  why: OrderReason,
  issuer: string,
  now: number,
): CertificateRecord {
  if (record.attempts[0]?.outcome === 'running') return record
  const attempt: AttemptRecord = { at: now, why, issuer, outcome: 'running' }
  return { ...record, attempts: [attempt, ...record.attempts].slice(0, keptAttempts) }
}

/** The new pair first; the older ones are kept for roll-back and revocation. Failures are forgotten. */
export function issued(record: CertificateRecord, pair: StoredPair, now: number): CertificateRecord {
  const {
    inFlight: _inFlight,
    renewalInfo: _renewalInfo,
    failingIssuer: _failingIssuer,
    notBefore: _notBefore,
    stoppedFor: _stoppedFor,
    primaryStoppedFor: _primaryStoppedFor,
    failedFor: _failedFor,
    backOff: _backOff,
    refused,
    ...kept
  } = record
  return {
    ...kept,
    pairs: keptPairs([pair, ...record.pairs], refused?.kept, mostPairs),
    failures: 0,
    attempts: endRunning(record.attempts, { endedAt: now, outcome: 'issued' }),
  }
}

/** Every destination has the pair: the clock from "wanted" stops. */
export function installed(record: CertificateRecord, now: number): CertificateRecord {
  const { wantedSince, ...kept } = record
  if (wantedSince === undefined) return record
  return { ...kept, wantedToInstalledSeconds: (now - wantedSince) / 1000 }
}

export interface FailedOutcome {
  readonly failure: Failure
  /** In a row at any issuer, this one included where it counts. */
  readonly failures: number
  /** The same, at this issuer. */
  readonly failuresAtIssuer: number
  /** judge()'s answer for it. */
  readonly verdict: Verdict
  readonly issuer: string
  /** Whether the order at the CA can still succeed. */
  readonly keepOrder: boolean
}

/** Failures in a row under this configuration; another one starts anew. */
export function failuresInARow(record: CertificateRecord, desired: Desired): number {
  return sameConfiguration(record, desired) ? record.failures : 0
}

/** Looks before the first order that failed one after the other under this configuration. */
export function preflightsInARow(record: CertificateRecord, desired: Desired): number {
  if (!sameConfiguration(record, desired)) return 0
  const other = record.attempts.findIndex(({ failure }) => failure?.reason !== 'PreflightFailed')
  return other < 0 ? record.attempts.length : other
}

/**
 * After a failure. With a fallback issuer, a `stop` of the primary ends the turns of the primary until the configuration
 * changes or a certificate is there, and the fallback is tried at once; so it is after the third failure.
 */
export function failed(
  record: CertificateRecord,
  desired: Desired,
  outcome: FailedOutcome,
  now: number,
): CertificateRecord {
  const { failure, failures, verdict, issuer } = outcome
  const { inFlight, notBefore: _notBefore, stoppedFor: _stoppedFor, ...kept } = record
  const entry = {
    failures: outcome.failuresAtIssuer,
    ...(verdict.do === 'waitUntil' && { notBefore: Math.round(verdict.at) }),
    ...(verdict.do === 'stop' && { stopped: true }),
  }
  const next: CertificateRecord = {
    ...kept,
    ...(outcome.keepOrder && inFlight && { inFlight }),
    failures,
    failingIssuer: issuer,
    failedFor: desired.fingerprint,
    backOff: withBackOff(record, desired, issuer, entry),
    attempts: endRunning(record.attempts, {
      endedAt: now,
      outcome: 'failed',
      failure: storedFailure(failure),
    }),
  }
  if (verdict.do === 'stop' && issuer === desired.issuer && desired.fallbackIssuer !== undefined) {
    next.primaryStoppedFor = desired.fingerprint
  }
  if (nobodyIsLeft(next, desired)) return { ...next, stoppedFor: desired.fingerprint }
  const { notBefore } = nextTurn(next, desired)
  return notBefore > 0 ? { ...next, notBefore } : next
}

/** Every issuer of the certificate said that nothing but another configuration helps. */
function nobodyIsLeft(record: CertificateRecord, desired: Desired): boolean {
  const { issuer, fallbackIssuer } = desired
  const stopped = (each: string) => backOffAt(record, desired, each).stopped === true
  if (fallbackIssuer === undefined) return stopped(issuer)
  return primaryStopped(record, desired) && stopped(fallbackIssuer)
}

/**
 * Revoked at the CA. Where that was the newest pair, or shares its key, policy then orders a new one, with a new key; an
 * order in flight with the revoked key is given up.
 */
export function revoked(record: CertificateRecord, chainPem: string, now: number): CertificateRecord {
  const gone = record.pairs.find((pair) => pair.chainPem === chainPem)
  if (!gone) return record
  const { inFlight, ...kept } = record
  const pairs = record.pairs.map((pair) => (pair === gone ? { ...pair, revokedAt: now } : pair))
  return inFlight && inFlight.keyPem !== gone.keyPem ? { ...kept, inFlight, pairs } : { ...kept, pairs }
}

/** Whether a pair with this key was revoked: its key may be why. */
export function keyIsSuspect(record: Pick<CertificateRecord, 'pairs'>, keyPem: string): boolean {
  return record.pairs.some((pair) => pair.revokedAt !== undefined && pair.keyPem === keyPem)
}

function storedFailure(failure: Failure): NonNullable<AttemptRecord['failure']> {
  const { reason, detail, identifier, retryAt, helpUrl } = failure
  return {
    reason,
    detail,
    ...(identifier !== undefined && { identifier }),
    ...(retryAt !== undefined && { retryAt: Math.max(0, Math.round(retryAt)) }),
    ...(helpUrl !== undefined && { helpUrl }),
  }
}

function endRunning(attempts: readonly AttemptRecord[], end: Partial<AttemptRecord>): AttemptRecord[] {
  const [first, ...older] = attempts
  return first?.outcome === 'running' ? [{ ...first, ...end }, ...older] : [...attempts]
}

/** A running attempt that is followed by another one was cut off by a crash before it could say anything. */
function closeRunning(attempts: readonly AttemptRecord[], now: number): AttemptRecord[] {
  return endRunning(attempts, {
    endedAt: now,
    outcome: 'failed',
    failure: { reason: 'Aborted', detail: 'the worker ended before the attempt did' },
  })
}
