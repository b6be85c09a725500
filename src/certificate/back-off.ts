/**
 * How often each issuer has failed a certificate in a row, and when each may be asked again. Each has a ladder of its own:
 * the first failure of a fallback waits a minute, however often the first issuer failed before. Pure; times are epoch ms.
 */
import type { BackOffRecord, CertificateRecord } from '../state/records.ts'
import type { Desired } from './certificate.ts'

type Known = Pick<
  CertificateRecord,
  'backOff' | 'failedFor' | 'failingIssuer' | 'failures' | 'notBefore' | 'primaryStoppedFor'
>

/** So often must the first issuer fail in a row before the fallback is asked. */
const primaryTries = 3

/** Whether the failures that are recorded belong to this configuration. */
export function sameConfiguration(record: Pick<Known, 'failedFor'>, desired: Desired): boolean {
  return record.failedFor === undefined || record.failedFor === desired.fingerprint
}

/** Of one issuer; another configuration starts anew. */
export function backOffAt(record: Known, desired: Desired, issuer: string): BackOffRecord {
  if (!sameConfiguration(record, desired)) return { failures: 0 }
  if (record.backOff) return record.backOff[issuer] ?? { failures: 0 }
  return fromOneCount(record, desired, issuer)
}

/** A record from before each issuer was counted: one count, of whoever failed last; past the third the first issuer had its turns. */
function fromOneCount(record: Known, desired: Desired, issuer: string): BackOffRecord {
  const { failures, notBefore } = record
  if (issuer === (record.failingIssuer ?? desired.issuer)) {
    return notBefore === undefined ? { failures } : { failures, notBefore }
  }
  return { failures: issuer === desired.issuer ? Math.min(failures, primaryTries) : 0 }
}

export interface Turn {
  readonly issuer: string
  /** 0: now. */
  readonly notBefore: number
}

/**
 * The issuer whose turn comes first, and when: the first one until it failed three times in a row; then whichever may be
 * asked sooner, so that a first issuer that recovers is noticed; never one that said that nothing but another configuration
 * helps. With `asked` (the operator says "now") the first issuer may have changed its mind.
 */
export function nextTurn(record: Known, desired: Desired, asked = false): Turn {
  const { issuer: primary, fallbackIssuer: fallback } = desired
  const at = (issuer: string): Turn => ({
    issuer,
    notBefore: backOffAt(record, desired, issuer).notBefore ?? 0,
  })
  if (fallback === undefined) return at(primary)
  if (primaryStopped(record, desired) && !asked) return at(fallback)
  const early = backOffAt(record, desired, primary).failures < primaryTries
  if (early || backOffAt(record, desired, fallback).stopped) return at(primary)
  const [first, second] = [at(primary), at(fallback)]
  if (first.notBefore !== second.notBefore) return first.notBefore < second.notBefore ? first : second
  return record.failingIssuer === fallback ? first : second
}

export function primaryStopped(record: Known, desired: Desired): boolean {
  return record.primaryStoppedFor === desired.fingerprint
}

/** The entries after a failure of `issuer`; those of issuers that are no longer wanted are dropped. */
export function withBackOff(
  record: Known,
  desired: Desired,
  issuer: string,
  entry: BackOffRecord,
): Record<string, BackOffRecord> {
  const all = [desired.issuer, ...(desired.fallbackIssuer === undefined ? [] : [desired.fallbackIssuer])]
  const known = all.map((each) => [each, backOffAt(record, desired, each)] as const)
  return { ...Object.fromEntries(known.filter(([, { failures }]) => failures > 0)), [issuer]: entry }
}
