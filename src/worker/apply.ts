/** Carries out the steps of a plan. Each act is conditional and durable before the next; one's failure ends no other. */
import { isDeepStrictEqual } from 'node:util'
import type { Logger } from 'pino'
import type { RenewalWindow } from '../acme/renewal-info.ts'
import type { Session } from '../acme/sessions.ts'
import type { OrderingClient } from '../acme/order.ts'
import { readLeaf, type Desired } from '../certificate/certificate.ts'
import { makePlaceholder } from '../certificate/placeholder.ts'
import type { Step } from '../certificate/plan.ts'
import { wishOf } from '../certificate/request.ts'
import { emptyCertificateRecord, type RequestRecord } from '../state/records.ts'
import type { StateStore } from '../state/store.ts'
import { attempt, type AttemptShell, type OrderStep } from './attempt.ts'
import { askRenewalInfo } from './renewal-info.ts'
import { findRequest, removeRequest } from './requests.ts'
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

/** Steps that take a CA's time run beside each other; the caller bounds how many. */
export function isLong(step: Step): step is LongStep {
  return step.do === 'order' || step.do === 'revoke' || step.do === 'askRenewalInfo'
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
  const asked = await findRequest(desired.name, shell.state)
  const result = await attempt(step, desired, shell, signal)
  if (result.outcome === 'interrupted') return
  const done = () => dropFulfilled(desired.name, asked?.request, shell)
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

/**
 * What was asked for before the order began is fulfilled by its end, whatever the clock says that wrote it; and what was asked
 * for while it ran. A wish that came after the end is one for another order.
 */
async function dropFulfilled(
  name: string,
  asked: RequestRecord | undefined,
  { certificates, state }: ApplyShell,
): Promise<void> {
  const entry = await certificates.read(name)
  const record = entry.state === 'there' ? entry.record : emptyCertificateRecord
  await removeRequest(name, state, (request) => {
    if (request?.do !== 'issue' && request?.do !== 'renew') return false
    return isDeepStrictEqual(request, asked) || wishOf(request, record).do === 'drop'
  })
}

/** The self-signed stand-in, durable; installing it is the plan's next step. */
export async function savePlaceholder(desired: Desired, shell: ApplyShell): Promise<void> {
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
