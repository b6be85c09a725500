/** Carries out the steps of a plan. Each act is conditional and durable before the next; one's failure ends no other. */
import type { Logger } from 'pino'
import { judge } from '../acme/failure.ts'
import { certificateId, nextRenewalInfo, type RenewalWindow } from '../acme/renewal-info.ts'
import type { Session } from '../acme/sessions.ts'
import type { OrderingClient } from '../acme/order.ts'
import { installed, revoked } from '../certificate/attempt.ts'
import { readLeaf, type Desired } from '../certificate/certificate.ts'
import { makePlaceholder } from '../certificate/placeholder.ts'
import type { Step } from '../certificate/plan.ts'
import type { Destination, Pair } from '../destination/destination.ts'
import { emptyCertificateRecord, type CertificateRecord } from '../state/records.ts'
import type { StateStore } from '../state/store.ts'
import { attempt, failureOf, type AttemptShell, type OrderStep } from './attempt.ts'

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
    const destinations = shell.destinationsOf(desired.name).map((each) => each.id)
    await install({ do: 'install', certificate: desired.name, what: 'pair', destinations }, shell)
  }
  await removeRequest(desired.name, shell.state)
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

async function revoke(
  step: Extract<Step, { do: 'revoke' }>,
  desired: Desired,
  shell: ApplyShell,
  signal: AbortSignal,
): Promise<void> {
  const entry = await shell.certificates.read(desired.name)
  const pair = entry.state === 'there' ? entry.record.pairs[0] : undefined
  const about = { certificate: desired.name, revocationReason: step.revocationReason }
  try {
    if (pair) {
      const { client } = await shell.open(pair.issuer, signal)
      await shell.assertLeading()
      await client
        .revoke({ chainPem: pair.chainPem, reason: step.revocationReason }, signal)
        .catch(alreadyRevoked)
      const now = shell.now()
      await shell.certificates.change(desired.name, (record) =>
        revoked(record ?? emptyCertificateRecord, now),
      )
      shell.log.info(about, 'certificate revoked')
    }
  } catch (error) {
    const { reason, detail } = failureOf(error, signal)
    shell.log.error({ ...about, reason, detail }, 'revocation failed')
    if (signal.aborted) return
  }
  await removeRequest(desired.name, shell.state)
}

/** Revoking twice is what a crash between the CA's answer and our record looks like: the wish is fulfilled. */
function alreadyRevoked(error: unknown): void {
  if (failureOf(error, new AbortController().signal).reason !== 'AcmeAlreadyRevoked') throw error
}

/** Asks the CA when to renew; an error is recorded and keeps the old window. */
async function askRenewalInfo(
  issuer: string,
  desired: Desired,
  shell: ApplyShell,
  signal: AbortSignal,
): Promise<void> {
  const entry = await shell.certificates.read(desired.name)
  const pair = entry.state === 'there' ? entry.record.pairs[0] : undefined
  const leaf = pair && readLeaf(pair)
  if (!leaf) return
  // Every way out records when to ask again: a step that leaves no trace would be planned anew at once, for ever.
  const certId = certificateId(pair.chainPem) ?? ''
  const lifetimeMs = leaf.notAfter - leaf.notBefore
  const answer = await ask(certId, issuer, shell, signal)
  if (!answer) return
  const now = shell.now()
  const random = shell.random()
  await shell.certificates.change(desired.name, (record) => {
    // A renewal that ended in the meantime made the answer stale.
    if (!record || record.pairs[0]?.chainPem !== pair.chainPem) return record ?? emptyCertificateRecord
    const renewalInfo = nextRenewalInfo({
      previous: record.renewalInfo,
      certId,
      answer,
      lifetimeMs,
      now,
      random,
    })
    return { ...record, renewalInfo }
  })
}

async function ask(certId: string, issuer: string, shell: ApplyShell, signal: AbortSignal) {
  if (certId === '') return { error: 'the certificate names no authority key (RFC 9773 §4.1)' }
  try {
    const { client } = await shell.open(issuer, signal)
    const { renewalInfo } = await client.directory(signal)
    if (renewalInfo === undefined) return { error: 'the CA offers no renewal information' }
    return { ok: await client.renewalInfo(certId, signal) }
  } catch (error) {
    const failure = failureOf(error, signal)
    if (failure.reason === 'Aborted') return undefined
    const { reason, detail } = failure
    shell.log.warn({ issuer, reason, detail }, 'renewal information is not to be had; the old window stays')
    const verdict = judge({ failure, failures: 1, now: shell.now(), random: shell.random() })
    return { error: `${reason}: ${detail}`, ...(verdict.do === 'waitUntil' && { retryAt: verdict.at }) }
  }
}

/** A request of the command line that is not carried out, and why. */
export async function dropRequest(
  request: { readonly certificate: string; readonly because: string },
  shell: Pick<ApplyShell, 'state' | 'log'>,
): Promise<void> {
  shell.log.info({ certificate: request.certificate, because: request.because }, 'request dropped')
  await removeRequest(request.certificate, shell.state)
}

async function removeRequest(name: string, state: StateStore): Promise<void> {
  const key = `request/${name}` as const
  const found = await state.read(key)
  if (found) await state.remove(key, found.version)
}

function isoTime(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString()
}
