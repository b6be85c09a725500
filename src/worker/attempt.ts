/** One attempt at one certificate: intent durable ─► order ─► pair durable ─► installed; a failure becomes a schedule. */
import { begun, issued, keyIsSuspect, resumed } from '../certificate/attempt.ts'
import { countingOf } from '../certificate/counting.ts'
import { isFirstOrder } from '../certificate/first-order.ts'
import { readLeaf, type Desired } from '../certificate/certificate.ts'
import type { Step } from '../certificate/plan.ts'
import { newPrivateKey } from '../acme/key.ts'
import { obtain, type Counting, type OrderingClient, type OrderShell } from '../acme/order.ts'
import { certificateId } from '../acme/renewal-info.ts'
import type { Session } from '../acme/sessions.ts'
import type { Failure } from '../reason.ts'
import { emptyCertificateRecord, type CertificateRecord, type InFlightRecord } from '../state/records.ts'
import { failureOf, recordFailure, type FailureShell } from './failed-attempt.ts'
import type { WorkerObserver } from './observer.ts'

export { failureOf, recordHold } from './failed-attempt.ts'

export type OrderStep = Extract<Step, { do: 'order' }>

export interface AttemptShell extends FailureShell {
  open(issuer: string, signal: AbortSignal): Promise<Session<OrderingClient>>
  /** Of the order's issuer: common name of the preferred chain. */
  preferredChain(issuer: string): string | undefined
  orderShell(
    order: { readonly certificate: string; readonly issuer: string },
    client: OrderingClient,
  ): OrderShell
  /**
   * Before the first order: whether the CA can reach the names. Throws Port80Failure PreflightFailed where the order must
   * not be placed; makes no request to the CA. Absent: nobody looks.
   */
  preflight?(desired: Desired, issuer: string, signal: AbortSignal): Promise<void>
  readonly observer: WorkerObserver
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
  await lookFirst(step, desired, shell, signal)
  const inFlight = await beginOrResume(step, desired, shell)
  const session = await shell.open(step.issuer, signal)
  const preferredChain = shell.preferredChain(step.issuer)
  const counts = await countedAs(step.issuer, desired, shell)
  const { chainPem, orderUrl } = await obtain(
    {
      domains: inFlight.domains,
      keyPem: inFlight.keyPem,
      mayExist: step.resume,
      counts,
      ...(inFlight.orderUrl !== undefined && { orderUrl: inFlight.orderUrl }),
      ...(inFlight.profile !== undefined && { profile: inFlight.profile }),
      ...(inFlight.replaces !== undefined && { replaces: inFlight.replaces }),
      ...(preferredChain !== undefined && { preferredChain }),
    },
    shell.orderShell({ certificate: desired.name, issuer: step.issuer }, session.client),
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

/** Before anything is durable: what refuses leaves no order and no key behind. */
async function lookFirst(
  { issuer, resume }: OrderStep,
  desired: Desired,
  shell: AttemptShell,
  signal: AbortSignal,
): Promise<void> {
  if (resume || !shell.preflight) return
  const { stored } = await recordOf(desired.name, shell)
  if (isFirstOrder(issuer, desired, stored, shell.now())) await shell.preflight(desired, issuer, signal)
}

async function countedAs(issuer: string, desired: Desired, shell: AttemptShell): Promise<Counting> {
  return countingOf({ desired, ...(await recordOf(desired.name, shell)) }, issuer)
}

async function recordOf(name: string, { certificates }: AttemptShell) {
  const entry = await certificates.read(name)
  const record = entry.state === 'there' ? entry.record : emptyCertificateRecord
  const [pair] = record.pairs
  return { record, ...(pair && { stored: { pair, leaf: readLeaf(pair) } }) }
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
