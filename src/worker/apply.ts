/** Carries out the steps of a plan. Each act is conditional and durable before the next; one's failure ends no other. */
import type { Logger } from 'pino'
import type { RenewalWindow } from '../acme/renewal-info.ts'
import type { Session } from '../acme/sessions.ts'
import type { OrderingClient } from '../acme/order.ts'
import { installed } from '../certificate/attempt.ts'
import { readLeaf, type Desired } from '../certificate/certificate.ts'
import { installSteps } from '../certificate/install.ts'
import { makePlaceholder } from '../certificate/placeholder.ts'
import type { Step } from '../certificate/plan.ts'
import type { Destination, Pair } from '../destination/destination.ts'
import { emptyCertificateRecord, type CertificateRecord } from '../state/records.ts'
import type { StateStore } from '../state/store.ts'
import { attempt, failureOf, type AttemptShell, type OrderStep } from './attempt.ts'
import { gatherMemory, installedAt, storedView } from './gather.ts'
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
  destinationsOf(name: string): readonly Destination[]
  /** Throws LeadershipLost. */
  assertLeading(): Promise<void>
  /** What a destination holds has changed: the next gather reads it again. */
  changedInstalled(name: string): void
  readonly log: Logger
}

export type LongStep = Extract<Step, { do: 'order' | 'revoke' | 'askRenewalInfo' }>

/** Steps that take a CA's time run beside each other; the caller bounds how many. The others are done in line. */
export function isLong(step: Step): step is LongStep {
  return step.do === 'order' || step.do === 'revoke' || step.do === 'askRenewalInfo'
}

export async function applyShort(step: Step, desired: Desired, shell: ApplyShell): Promise<void> {
  if (step.do === 'placeholder') await savePlaceholder(desired, shell)
  if (step.do === 'install') await install(step, shell)
  if (step.do === 'dropRequest') await dropRequest(step, shell)
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
  if (result.outcome === 'failed') {
    const { reason, detail, identifier } = result.failure
    log.warn({ ...about, reason, detail, identifier }, 'order failed')
  } else {
    const leaf = readLeaf(result.pair)
    log.info({ ...about, serial: leaf?.serial, notAfter: isoTime(leaf?.notAfter) }, 'certificate issued')
    await installIssued(desired.name, shell)
  }
  await removeRequest(desired.name, shell.state, ['issue', 'renew'])
}

/** At once and by the same rule as at every tick: a pair of somebody else that lives longer is not replaced. */
async function installIssued(name: string, shell: ApplyShell): Promise<void> {
  const entry = await shell.certificates.read(name)
  if (entry.state !== 'there') return
  const { record } = entry
  const memory = gatherMemory()
  const installed = await installedAt(shell.destinationsOf(name), name, memory)
  const steps = installSteps({ desired: { name }, record, installed, ...storedView(record, memory) })
  for (const step of steps) await install(step, shell)
}

async function savePlaceholder(desired: Desired, shell: ApplyShell): Promise<void> {
  const now = shell.now()
  const placeholder = await makePlaceholder(desired.domains, now)
  await shell.certificates.change(desired.name, (record) => ({
    ...(record ?? emptyCertificateRecord),
    placeholder: record?.placeholder ?? placeholder,
    wantedSince: record?.wantedSince ?? now,
  }))
}

/** Installs to each destination that the plan names; one that fails is tried again at the next tick. */
async function install(step: Extract<Step, { do: 'install' }>, shell: ApplyShell): Promise<void> {
  const entry = await shell.certificates.read(step.certificate)
  if (entry.state !== 'there') return
  const pair = pairFor(step.what, entry.record)
  if (!pair) return
  await shell.assertLeading()
  let all = true
  for (const destination of shell.destinationsOf(step.certificate)) {
    if (!step.destinations.includes(destination.id)) continue
    const about = { certificate: step.certificate, destination: destination.id, what: step.what }
    try {
      await destination.install(step.certificate, pair)
      shell.log.info(about, 'installed')
    } catch (error) {
      all = false
      const { reason, detail } = failureOf(error, new AbortController().signal)
      shell.log.error({ ...about, reason, detail }, 'install failed')
    }
  }
  shell.changedInstalled(step.certificate)
  if (!all || step.what !== 'pair') return
  const now = shell.now()
  const wanted = entry.record.wantedSince
  await shell.certificates.change(step.certificate, (record) => installed(record ?? entry.record, now))
  if (wanted !== undefined) {
    shell.observer.installed({ name: step.certificate, seconds: (now - wanted) / 1000 })
  }
}

function pairFor(what: 'pair' | 'placeholder', record: CertificateRecord): Pair | undefined {
  return what === 'placeholder' ? record.placeholder : record.pairs[0]
}

function isoTime(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString()
}
