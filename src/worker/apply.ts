/** Carries out the steps of a plan. Each act is conditional and durable before the next; one's failure ends no other. */
import type { Logger } from 'pino'
import type { RenewalWindow } from '../acme/renewal-info.ts'
import type { Session } from '../acme/sessions.ts'
import type { OrderingClient } from '../acme/order.ts'
import { readLeaf, type Desired } from '../certificate/certificate.ts'
import { makePlaceholder } from '../certificate/placeholder.ts'
import type { Step } from '../certificate/plan.ts'
import { emptyCertificateRecord } from '../state/records.ts'
import type { StateStore } from '../state/store.ts'
import { attempt, type AttemptShell, type OrderStep } from './attempt.ts'
import { askRenewalInfo } from './renewal-info.ts'
import { dropRequest, removeRequest } from './requests.ts'
import { revoke } from './revoke.ts'

export { removeRequest } from './requests.ts'

/** What applying needs of the CA beyond an order. */
export interface CertificateClient extends OrderingClient {
  directory(signal: AbortSignal): Promise<{ readonly renewalInfo?: string }>
  renewalInfo(
    certId: string,
    signal: AbortSignal,
  ): Promise<{ window: RenewalWindow; explanationUrl?: string; retryAfterMs?: number }>
  revoke(
    request: { chainPem: string; reason?: number; certificateKeyPem?: string },
    signal: AbortSignal,
  ): Promise<void>
}

export interface ApplyShell extends AttemptShell {
  open(issuer: string, signal: AbortSignal): Promise<Session<CertificateClient>>
  readonly state: StateStore
  /** Throws LeadershipLost. */
  assertLeading(): Promise<void>
  /** Brings the destinations of a certificate up to date, beside everything else; deliveries.ts. */
  deliver(name: string): Promise<unknown>
  /** Goes on with an act that has no slot of its own any more; its faults end the term. */
  later(name: string, act: () => Promise<void>): void
  readonly log: Logger
}

export type LongStep = Extract<Step, { do: 'order' | 'revoke' | 'askRenewalInfo' }>
export type ShortStep = Extract<Step, { do: 'placeholder' | 'dropRequest' }>

/** Steps that take a CA's time run beside each other; the caller bounds how many. */
export function isLong(step: Step): step is LongStep {
  return step.do === 'order' || step.do === 'revoke' || step.do === 'askRenewalInfo'
}

/** Writes to the store, no more: done in line. */
export function isShort(step: Step): step is ShortStep {
  return step.do === 'placeholder' || step.do === 'dropRequest'
}

export async function applyShort(step: ShortStep, desired: Desired, shell: ApplyShell): Promise<void> {
  switch (step.do) {
    case 'placeholder':
      return savePlaceholder(desired, shell)
    case 'dropRequest':
      return dropRequest(step, shell)
  }
}

export async function applyLong(
  step: LongStep,
  desired: Desired,
  shell: ApplyShell,
  signal: AbortSignal,
): Promise<void> {
  switch (step.do) {
    case 'order':
      return applyOrder(step, desired, shell, signal)
    case 'revoke':
      return revoke(step, desired, shell, signal)
    case 'askRenewalInfo':
      return askRenewalInfo(step.issuer, desired, shell, signal)
  }
}

async function applyOrder(
  step: OrderStep,
  desired: Desired,
  shell: ApplyShell,
  signal: AbortSignal,
): Promise<void> {
  const { log } = shell
  const about = { certificate: desired.name, issuer: step.issuer, reason: step.reason }
  log.info({ ...about, resume: step.resume }, 'order started')
  const result = await attempt(step, desired, shell, signal)
  if (result.outcome === 'interrupted') return
  const done = () => removeRequest(desired.name, shell.state, ['issue', 'renew'])
  if (result.outcome === 'failed') {
    const { reason, detail, identifier } = result.failure
    log.warn({ ...about, reason, detail, identifier }, 'order failed')
    await done()
  } else {
    const leaf = readLeaf(result.pair)
    log.info({ ...about, serial: leaf?.serial, notAfter: isoTime(leaf?.notAfter) }, 'certificate issued')
    // Not in the slot of the order: a destination that hangs must not keep the CA's time from others.
    shell.later(desired.name, async () => {
      await shell.deliver(desired.name)
      await done()
    })
  }
}

async function savePlaceholder(desired: Desired, shell: ApplyShell): Promise<void> {
  const now = shell.now()
  const placeholder = await makePlaceholder(desired.domains, now)
  await shell.certificates.change(desired.name, (record) => ({
    ...(record ?? emptyCertificateRecord),
    placeholder,
    wantedSince: record?.wantedSince ?? now,
  }))
}

function isoTime(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString()
}
