/** What is written down of an attempt that failed: when the next one may be made, and what else must wait with it. */
import { counts, judge, orderSurvives } from '../acme/failure.ts'
import { failed, failuresInARow, preflightsInARow, resumed } from '../certificate/attempt.ts'
import { backOffAt } from '../certificate/back-off.ts'
import type { Desired } from '../certificate/certificate.ts'
import { withHold } from '../certificate/hold.ts'
import type { Step } from '../certificate/plan.ts'
import { Port80Failure, type Failure } from '../reason.ts'
import type { Journal } from '../state/journal.ts'
import { emptyCertificateRecord, type CertificateRecord, type HoldsRecord } from '../state/records.ts'

type OrderStep = Pick<Extract<Step, { do: 'order' }>, 'issuer' | 'reason'>

export interface FailureShell {
  readonly certificates: Journal<CertificateRecord>
  readonly holds: Journal<HoldsRecord>
  /** A CA that no longer knows our account: the next session finds or registers it anew. */
  forgetAccount(issuer: string): Promise<void>
  now(): number
  random(): number
}

/** An attempt that failed becomes a schedule, and a limit of the CA one for everything that it touches. */
export async function recordFailure(
  step: OrderStep,
  desired: Desired,
  failure: Failure,
  shell: FailureShell,
): Promise<void> {
  try {
    if (failure.reason === 'AcmeAccountDoesNotExist') await shell.forgetAccount(step.issuer)
    await recordHold(step.issuer, desired, failure, shell)
  } finally {
    // Whatever else cannot be recorded: without this the next attempt would come at once, and cost the CA another order.
    await recordBackOff(step, desired, failure, shell)
  }
}

async function recordBackOff(
  { issuer, reason }: OrderStep,
  desired: Desired,
  failure: Failure,
  shell: FailureShell,
): Promise<void> {
  const now = shell.now()
  const random = shell.random()
  await shell.certificates.change(desired.name, (before) => {
    const known = before ?? emptyCertificateRecord
    const looked = failure.reason === 'PreflightFailed'
    // An attempt that ended before it became an order is one all the same, for whoever reads the history.
    const record = looked ? resumed(known, reason, issuer, now) : known
    const one = counts(failure.reason) ? 1 : 0
    const failures = failuresInARow(record, desired) + one
    const failuresAtIssuer = backOffAt(record, desired, issuer).failures + one
    const inARow = looked ? preflightsInARow(known, desired) + 1 : failuresAtIssuer
    const verdict = judge({ failure, failures: inARow, now, random })
    const keepOrder = orderSurvives(failure.reason)
    return failed(record, desired, { failure, failures, failuresAtIssuer, verdict, issuer, keepOrder }, now)
  })
}

/** A limit of the CA becomes a durable schedule for everything that it touches, whichever act met it. */
export async function recordHold(
  issuer: string,
  desired: Desired,
  failure: Failure,
  shell: Pick<FailureShell, 'holds' | 'now'>,
): Promise<void> {
  if (!failure.scope || failure.retryAt === undefined) return
  const now = shell.now()
  await shell.holds.change(issuer, (before) => ({
    v: 1,
    holds: withHold(before?.holds ?? [], failure, desired.domains, now),
  }))
}

/** Anything thrown → a member of the closed set. What we did not foresee is InternalError, never something milder. */
export function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (signal.aborted) return { reason: 'Aborted', detail: 'the worker is stopping' }
  if (error instanceof Port80Failure) return error.failure
  const name =
    error instanceof Error ? `${error.name}: ${error.message}` : 'something that is no Error was thrown'
  return { reason: 'InternalError', detail: name.slice(0, 200) }
}
