/** How a certificate's record changes with each attempt. Pure; every function answers a new record. Times are epoch ms. */
import type { Failure, OrderReason, Verdict } from '../reason.ts'
import type { AttemptRecord, CertificateRecord, InFlightRecord, StoredPair } from '../state/records.ts'
import type { Desired } from './certificate.ts'

const keptAttempts = 10
const keptPairs = 3

/** Before newOrder: the intent and the certificate's key are durable before the CA hears of the order. */
export function begun(record: CertificateRecord, inFlight: InFlightRecord, now: number): CertificateRecord {
  const attempt: AttemptRecord = { at: now, why: inFlight.why, issuer: inFlight.issuer, outcome: 'running' }
  return {
    ...record,
    wantedSince: record.wantedSince ?? now,
    inFlight,
    attempts: [attempt, ...closeRunning(record.attempts, now)].slice(0, keptAttempts),
  }
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
    failedFor: _failedFor,
    ...kept
  } = record
  return {
    ...kept,
    pairs: [pair, ...record.pairs].slice(0, keptPairs),
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

/**
 * After a failure. `verdict` is judge()'s answer for it. The order stays in flight only when it can still succeed.
 * With a fallback issuer, a `stop` of the primary counts as its three failures: the fallback is tried at once.
 */
export function failed(
  record: CertificateRecord,
  desired: Desired,
  outcome: { failure: Failure; verdict: Verdict; issuer: string; keepOrder: boolean },
  now: number,
): CertificateRecord {
  const { failure, verdict, issuer } = outcome
  const { inFlight, notBefore: _notBefore, stoppedFor: _stoppedFor, ...kept } = record
  const primaryStopped = verdict.do === 'stop' && hasOther(desired, issuer)
  const failures = primaryStopped ? Math.max(3, record.failures + 1) : record.failures + 1
  const next: CertificateRecord = {
    ...kept,
    failures,
    failingIssuer: issuer,
    failedFor: desired.fingerprint,
    attempts: endRunning(record.attempts, {
      endedAt: now,
      outcome: 'failed',
      failure: storedFailure(failure),
    }),
  }
  if (outcome.keepOrder && inFlight) next.inFlight = inFlight
  if (verdict.do === 'stop' && !primaryStopped) return { ...next, stoppedFor: desired.fingerprint }
  if (verdict.do === 'waitUntil' && !turnsToFallback(desired, failures)) {
    return { ...next, notBefore: Math.round(verdict.at) }
  }
  return next
}

/** Before an attempt is retried at once (`retry`): nothing but the order in flight is forgotten. */
export function orderDropped(record: CertificateRecord): CertificateRecord {
  const { inFlight: _inFlight, ...kept } = record
  return kept
}

/** Revoked at the CA: policy then orders a new one, with a new key. */
export function revoked(record: CertificateRecord, now: number): CertificateRecord {
  const [first, ...older] = record.pairs
  return first ? { ...record, pairs: [{ ...first, revokedAt: now }, ...older] } : record
}

function hasOther(desired: Desired, issuer: string): boolean {
  return desired.fallbackIssuer !== undefined && issuer === desired.issuer
}

/** The third failure in a row of the first issuer is followed by the fallback without waiting. */
function turnsToFallback(desired: Desired, failures: number): boolean {
  return desired.fallbackIssuer !== undefined && failures === 3
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
