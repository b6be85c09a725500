/**
 * Who leads, by client-go's rules over a coordination.k8s.io Lease, so that port80 behaves as every other controller of a
 * cluster does. Pure: the shell around it is src/kube/lease.ts.
 *
 * The clocks of two machines are never compared: a candidate counts from the moment at which it saw the record change
 * last. https://github.com/kubernetes/client-go/blob/v0.34.4/tools/leaderelection/leaderelection.go
 */
import type { Lease } from './object.ts'

/** Milliseconds. Each must be well below the one before it, or a slow API server costs a leader its Lease. */
export interface LeaseDurations {
  /** Others wait this long after the last renewal that they saw. */
  readonly lease: number
  /** A leader that could not renew for this long stops leading. */
  readonly renewDeadline: number
  /** Between two renewals. */
  readonly retryPeriod: number
}

export const defaultDurations: LeaseDurations = { lease: 15_000, renewDeadline: 10_000, retryPeriod: 2_000 }

/** The first thing wrong with the durations, in words for a configuration. */
export function faultOfDurations(durations: LeaseDurations): string | undefined {
  const { lease, renewDeadline, retryPeriod } = durations
  if (lease < 1_000 || lease % 1_000 !== 0) return 'the duration of the Lease is no whole number of seconds'
  if (renewDeadline >= lease) return 'the renew deadline is not below the duration of the Lease'
  // 1.2: client-go spreads its tries by that factor.
  if (retryPeriod * 1.2 >= renewDeadline) return 'the retry period is not well below the renew deadline'
  return undefined
}

/** The record as it was seen, and since when (milliseconds of a clock that only goes on) it has been so. */
export interface Observation {
  readonly lease: Lease | undefined
  readonly since: number
}

/** What was seen, after it was looked at once more. The time of an unchanged record goes on. */
export function observed(
  before: Observation | undefined,
  lease: Lease | undefined,
  now: number,
): Observation {
  const same =
    before !== undefined && before.lease?.metadata.resourceVersion === lease?.metadata.resourceVersion
  return same ? { lease, since: before.since } : { lease, since: now }
}

export type LeaseDecision =
  | { readonly do: 'create' }
  /** Nobody holds it, or whoever did has not renewed it for as long as the record allows. */
  | { readonly do: 'take' }
  /** It is ours: a write of ours whose answer was lost. */
  | { readonly do: 'renew' }
  /** Somebody else holds it, at most until then. */
  | { readonly do: 'wait'; readonly until: number }

/** `now` on the clock of `observation.since`. */
export function decide({ lease, since }: Observation, me: string, now: number): LeaseDecision {
  if (lease === undefined) return { do: 'create' }
  const holder = holderOf(lease)
  if (holder === undefined) return { do: 'take' }
  if (holder === me) return { do: 'renew' }
  const until = since + (lease.spec?.leaseDurationSeconds ?? 0) * 1_000
  return now >= until ? { do: 'take' } : { do: 'wait', until }
}

/** Undefined: nobody. */
export function holderOf(lease: Lease | undefined): string | undefined {
  const holder = lease?.spec?.holderIdentity
  return holder === undefined || holder === '' ? undefined : holder
}

/** The next text of the Lease. `wall` in epoch milliseconds: it is for people, no rule reads it. */
export function nextSpec(
  before: Lease | undefined,
  me: string,
  durations: LeaseDurations,
  wall: number,
): NonNullable<Lease['spec']> {
  const time = microTime(wall)
  const mine = holderOf(before) === me
  const transitions = before?.spec?.leaseTransitions ?? 0
  return {
    holderIdentity: me,
    leaseDurationSeconds: durations.lease / 1_000,
    acquireTime: mine ? (before?.spec?.acquireTime ?? time) : time,
    renewTime: time,
    leaseTransitions: mine || before === undefined ? transitions : transitions + 1,
  }
}

/** Given up: no holder, so that the next candidate need not wait. */
export function releasedSpec(before: Lease, wall: number): NonNullable<Lease['spec']> {
  const time = microTime(wall)
  return {
    leaseDurationSeconds: 1,
    acquireTime: time,
    renewTime: time,
    leaseTransitions: before.spec?.leaseTransitions ?? 0,
  }
}

/** RFC 3339 with exactly six digits, which is what the API server parses. */
export function microTime(wall: number): string {
  return new Date(wall).toISOString().replace('Z', '000Z')
}
