/** One attempt at one certificate: intent durable ─► order ─► pair durable ─► installed; a failure becomes a schedule. */
import { begun, failed, failuresInARow, issued, keyIsSuspect, resumed } from '../certificate/attempt.ts'
import { backOffAt } from '../certificate/back-off.ts'
import { readLeaf, type Desired } from '../certificate/certificate.ts'
import { withHold } from '../certificate/hold.ts'
import type { Step } from '../certificate/plan.ts'
import { counts, judge, orderSurvives } from '../acme/failure.ts'
import { newPrivateKey } from '../acme/key.ts'
import { obtain, type OrderingClient, type OrderShell } from '../acme/order.ts'
import { certificateId } from '../acme/renewal-info.ts'
import type { Session } from '../acme/sessions.ts'
import { Port80Failure, type Failure } from '../reason.ts'
import type { Journal } from '../state/journal.ts'
import {
  emptyCertificateRecord,
  type CertificateRecord,
  type HoldsRecord,
  type InFlightRecord,
} from '../state/records.ts'
import type { WorkerObserver } from './observer.ts'

export type OrderStep = Extract<Step, { do: 'order' }>

export interface AttemptShell {
  readonly certificates: Journal<CertificateRecord>
  readonly holds: Journal<HoldsRecord>
  open(issuer: string, signal: AbortSignal): Promise<Session<OrderingClient>>
  /** Of the order's issuer: common name of the preferred chain. */
  preferredChain(issuer: string): string | undefined
  orderShell(certificate: string, client: OrderingClient): OrderShell
  /** A CA that no longer knows our account: the next session finds or registers it anew. */
  forgetAccount(issuer: string): Promise<void>
  readonly observer: WorkerObserver
  now(): number
  random(): number
}

export type AttemptResult =
  | { readonly outcome: 'issued'; readonly pair: CertificateRecord['pairs'][number] }
  | { readonly outcome: 'failed'; readonly failure: Failure }
  /** Stopping: nothing is recorded, the order stays in flight for whoever leads next. */
  | { readonly outcome: 'interrupted' }

/**
 * Never throws for what the CA, the network or the self-check do; throws StoreFailed when nothing can be recorded, and
 * LeadershipLost.
 */
export async function attempt(
  step: OrderStep,
  desired: Desired,
  shell: AttemptShell,
  signal: AbortSignal,
): Promise<AttemptResult> {
  try {
    const pair = await order(step, desired, shell, signal)
    shell.observer.orderEnded({
      name: desired.name,
      issuer: step.issuer,
      result: 'issued',
      reason: step.reason,
    })
    return { outcome: 'issued', pair }
  } catch (error) {
    const failure = failureOf(error, signal)
    if (failure.reason === 'Aborted') return { outcome: 'interrupted' }
    // Nothing is recorded: whoever leads now goes on with the order. The term is over.
    if (failure.reason === 'LeadershipLost') throw error
    await recordFailure(step, desired, failure, shell)
    shell.observer.orderEnded({
      name: desired.name,
      issuer: step.issuer,
      result: 'failed',
      reason: failure.reason,
    })
    return { outcome: 'failed', failure }
  }
}

async function order(
  step: OrderStep,
  desired: Desired,
  shell: AttemptShell,
  signal: AbortSignal,
): Promise<CertificateRecord['pairs'][number]> {
  const inFlight = await beginOrResume(step, desired, shell)
  const session = await shell.open(step.issuer, signal)
  const preferredChain = shell.preferredChain(step.issuer)
  const { chainPem, orderUrl } = await obtain(
    {
      domains: inFlight.domains,
      keyPem: inFlight.keyPem,
      mayExist: step.resume,
      ...(inFlight.orderUrl !== undefined && { orderUrl: inFlight.orderUrl }),
      ...(inFlight.profile !== undefined && { profile: inFlight.profile }),
      ...(inFlight.replaces !== undefined && { replaces: inFlight.replaces }),
      ...(preferredChain !== undefined && { preferredChain }),
    },
    shell.orderShell(desired.name, session.client),
    signal,
  )
  const now = shell.now()
  const pair = {
    chainPem,
    keyPem: inFlight.keyPem,
    issuer: inFlight.issuer,
    directory: inFlight.directory,
    ...(inFlight.profile !== undefined && { profile: inFlight.profile }),
    orderUrl,
    issuedAt: now,
  }
  await shell.certificates.change(desired.name, (record) =>
    issued(record ?? emptyCertificateRecord, pair, now),
  )
  return pair
}

/** What is ordered, durable before the CA hears of it. A resumed order keeps the key that its CSR may already carry. */
async function beginOrResume(
  step: OrderStep,
  desired: Desired,
  shell: AttemptShell,
): Promise<InFlightRecord> {
  const now = shell.now()
  const { issuer, reason } = step
  if (step.resume) {
    const record = await shell.certificates.change(desired.name, (before) =>
      resumed(before ?? emptyCertificateRecord, reason, issuer, now),
    )
    if (record.inFlight) return record.inFlight
  }
  const newKey = await newPrivateKey(desired.keyType)
  const record = await shell.certificates.change(desired.name, (before) => {
    const known = before ?? emptyCertificateRecord
    const profile = desired.profiles[issuer]
    const replaces = replacedBy(known, desired, issuer)
    return begun(
      known,
      {
        issuer,
        directory: desired.directories[issuer] ?? '',
        domains: [...desired.domains],
        why: reason,
        keyPem: reusableKey(known, desired) ?? newKey,
        keyType: desired.keyType,
        createdAt: now,
        ...(profile !== undefined && { profile }),
        ...(replaces !== undefined && { replaces }),
      },
      now,
    )
  })
  if (!record.inFlight) throw new Error('unreachable: begun() puts the order in flight')
  return record.inFlight
}

/**
 * reuseKey keeps the key of the last pair, unless a pair with it was revoked (the key may be why), it does not belong to its
 * certificate, or is of another type: then the new certificate would be ordered again and again.
 */
function reusableKey(record: CertificateRecord, desired: Desired): string | undefined {
  const [pair] = record.pairs
  if (!desired.reuseKey || !pair || keyIsSuspect(record, pair.keyPem)) return undefined
  const leaf = readLeaf(pair)
  return leaf?.keyMatches && leaf.keyType === desired.keyType ? pair.keyPem : undefined
}

/** RFC 9773 §5: the certificate that this order replaces, when the same CA issued it and it was not revoked. */
function replacedBy(record: CertificateRecord, desired: Desired, issuer: string): string | undefined {
  const [pair] = record.pairs
  if (!desired.renewal.ari || !pair || pair.revokedAt !== undefined) return undefined
  if (pair.issuer !== issuer || pair.directory !== desired.directories[issuer]) return undefined
  return certificateId(pair.chainPem)
}

async function recordFailure(
  step: OrderStep,
  desired: Desired,
  failure: Failure,
  shell: AttemptShell,
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
  { issuer }: OrderStep,
  desired: Desired,
  failure: Failure,
  shell: AttemptShell,
): Promise<void> {
  const now = shell.now()
  const random = shell.random()
  await shell.certificates.change(desired.name, (before) => {
    const record = before ?? emptyCertificateRecord
    const one = counts(failure.reason) ? 1 : 0
    const failures = failuresInARow(record, desired) + one
    const failuresAtIssuer = backOffAt(record, desired, issuer).failures + one
    const verdict = judge({ failure, failures: failuresAtIssuer, now, random })
    const keepOrder = orderSurvives(failure.reason)
    return failed(record, desired, { failure, failures, failuresAtIssuer, verdict, issuer, keepOrder }, now)
  })
}

/** A limit of the CA becomes a durable schedule for everything that it touches, whichever act met it. */
export async function recordHold(
  issuer: string,
  desired: Desired,
  failure: Failure,
  shell: Pick<AttemptShell, 'holds' | 'now'>,
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
