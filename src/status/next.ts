/** What happens next to a certificate, as a sentence, a reason of the closed set and a moment. Pure. */
import type { CertificateWorld, Step } from '../certificate/plan.ts'
import { failureReasons, type OrderReason, type Reason } from '../reason.ts'
import { knownWord } from '../state/newer.ts'

export interface Next {
  readonly reason: Reason
  readonly text: string
  /** Epoch ms; absent when nothing is scheduled. */
  readonly at?: number
}

/** In words of one sentence; times are left to whoever shows them (`at`), so that the text does not age. */
export function describeNext(certificate: CertificateWorld, steps: readonly Step[], now: number): Next {
  const step = steps.find((each) => each.do === 'order' || each.do === 'rest' || each.do === 'revoke')
  if (!step) return { reason: 'NotLeader', text: 'Nothing is planned.' }
  switch (step.do) {
    case 'order':
      return {
        reason: step.reason,
        text: `${step.resume ? 'The order in flight goes on' : 'An order is placed'} at ${step.issuer} now, because ${because[step.reason]}.`,
        at: now,
      }
    case 'revoke':
      return { reason: 'Revoked', text: 'It is revoked at the CA now, and a new one is ordered.', at: now }
    case 'rest':
      return resting(step, certificate, now)
    default:
      return { reason: 'NotLeader', text: 'Nothing is planned.' }
  }
}

/** An installation takes moments; what is lacking for longer has failed, and is tried again at every tick. */
const installingMs = 60_000

function resting(step: Extract<Step, { do: 'rest' }>, certificate: CertificateWorld, now: number): Next {
  const { record, desired } = certificate
  const at = momentOf(step)
  switch (step.reason) {
    case 'UpToDate':
      return { ...upToDate(certificate, now), ...at }
    case 'BackingOff':
      return { reason: why(record) ?? 'BackingOff', text: backingOff(record.failures), ...at }
    case 'LimitedByCa':
      return {
        reason: 'LimitedByCa',
        text: 'The CA asked to be left alone; it is tried again afterwards.',
        ...at,
      }
    case 'OverBudget':
      return { reason: 'OverBudget', text: overBudget(step), ...at }
    case 'StoppedUntilConfigChanges':
      return {
        reason: why(record) ?? 'StoppedUntilConfigChanges',
        text: `Nothing is tried until the configuration changes, or until: port80 issue ${desired.name}`,
      }
    case 'DestinationsRefused':
      return { reason: 'DestinationsRefused', text: refused(certificate.installed.length) }
    case 'OrderInFlight':
    case 'NotLeader':
      return { reason: step.reason, text: elsewhere[step.reason] }
  }
}

function why({ attempts }: CertificateWorld['record']): Reason | undefined {
  return knownWord(attempts.find((each) => each.outcome === 'failed')?.failure?.reason, failureReasons)
}

const elsewhere = { OrderInFlight: 'An order is under way.', NotLeader: 'Another worker leads.' } as const

function momentOf({ until }: { readonly until?: number }): { at: number } | undefined {
  return until === undefined ? undefined : { at: until }
}

function upToDate({ stored, record, desired, installed }: CertificateWorld, now: number): Next {
  const leaf = stored?.leaf
  if (!leaf) return { reason: 'UpToDate', text: 'It is up to date.' }
  const byWindow = desired.renewal.ari && record.renewalInfo?.chosenAt !== undefined
  const renewed = byWindow ? 'at the moment chosen in the CA’s window' : 'when its renewal time comes'
  const lacking = installed.some((view) => view.leaf?.fingerprint !== leaf.fingerprint)
  if (!lacking || stored.pair.issuedAt > now - installingMs) {
    return { reason: 'UpToDate', text: `It is up to date and renewed ${renewed}.` }
  }
  const text = `It is stored, but not in every destination; that is tried again. It is renewed ${renewed}.`
  return { reason: 'DestinationFailed', text }
}

function refused(destinations: number): string {
  const [place, it] =
    destinations === 1 ? ['Its place', 'it'] : [`Each of its ${destinations} places`, 'one of them']
  return `${place} holds something that is not port80’s to replace; nothing is ordered before ${it} may be written, which is looked at all the time.`
}

function backingOff(failures: number): string {
  return `It is tried again after ${failures === 1 ? 'a failure' : `${failures} failures in a row`}.`
}

function overBudget({ detail = 'a limit of the CA' }: { readonly detail?: string }): string {
  return `An order would cross a limit of the CA (${detail}); it is placed as soon as it fits.`
}

/** The reason as the end of a sentence. */
export const because: Readonly<Record<OrderReason, string>> = {
  Missing: 'there is no certificate yet',
  // With takeOver, somebody else's pair may well be in the Secret meanwhile.
  Placeholder: 'port80 has nothing for it but a self-signed placeholder',
  InvalidPair: 'the stored pair does not parse',
  KeyMismatch: 'the stored key does not belong to the certificate',
  NamesChanged: 'the configured names are others than those in the certificate',
  IssuerChanged: 'the configuration names another issuer',
  KeyTypeChanged: 'the configuration names another key type',
  ProfileChanged: 'the configuration names another profile',
  Expired: 'the certificate has expired',
  Revoked: 'the certificate was revoked',
  RenewalRequested: 'a renewal was asked for',
  RenewalWindow: 'the moment chosen in the CA’s renewal window has come',
  RenewalTime: 'its renewal time has come',
}
