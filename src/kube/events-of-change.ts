/**
 * What happened to certificates between two looks at them, as Events to tell. Pure: previous status → next status → news.
 * A leader begins with the status that the last one published, so that a restart tells nothing twice.
 */
import type { FindingCode } from '../finding/catalogue.ts'
import { because } from '../status/next.ts'
import type { Reason } from '../reason.ts'
import type { AttemptStatus, CertificateStatus } from '../status/snapshot.ts'
import { utc } from '../status/time.ts'

/** What an Event can say beside the reasons of src/reason.ts; `kubectl events` shows it as REASON. */
export const eventReasons = [
  'Issued', // the first certificate of a CA
  'Renewed',
  'PlaceholderInstalled', // the self-signed stand-in
  'Installed', // what was there before, in a place that lacked it
  'Refused', // the place holds something that is not ours to replace
] as const
/** Findings have their code for a reason (src/kube/events-of-findings.ts). */
export type EventReason = (typeof eventReasons)[number] | Reason | FindingCode

/** One thing to tell. */
export interface News {
  readonly certificate: string
  /** Told on this destination's Secret only; undefined: on every Secret of the certificate. */
  readonly destination?: string
  readonly type: 'Normal' | 'Warning'
  readonly reason: EventReason
  /** One line; ours, but for the bounded printable words of the CA. */
  readonly message: string
}

type Certificates = readonly CertificateStatus[]

/** `now` in epoch ms. `previous` is undefined when nobody ever looked. */
export function newsBetween(previous: Certificates | undefined, next: Certificates, now: number): News[] {
  const before = new Map(previous?.map((each) => [each.name, each]))
  return next.flatMap((certificate) => newsOf({ was: before.get(certificate.name), is: certificate, now }))
}

interface Change {
  readonly was: CertificateStatus | undefined
  readonly is: CertificateStatus
  readonly now: number
}

type Untold = Omit<News, 'certificate'>

function newsOf(change: Change): News[] {
  const untold = [issued(change), failed(change), expired(change), limited(change)]
  return [...untold, ...placed(change)].flatMap((each) =>
    each === undefined ? [] : [{ certificate: change.is.name, ...each }],
  )
}

/** An act of which nobody knows whether it was told is news only while it is fresh: the rest is history. */
const freshMs = 300_000

/** The newest attempt when it has ended since the last look. */
function endedSince({ was, is, now }: Change): AttemptStatus | undefined {
  const [newest] = is.attempts.filter(({ outcome }) => outcome !== 'running')
  if (newest === undefined) return undefined
  const fresh = (newest.endedAt ?? newest.at) > now - freshMs
  // None: it is new, or its record could not be read then.
  if (was === undefined || was.attempts.length === 0) return fresh ? newest : undefined
  const known = was.attempts.some(({ at, outcome }) => at === newest.at && outcome === newest.outcome)
  // What the last look no longer had room for is older than what it had.
  const older = was.attempts.some(({ at, outcome }) => outcome !== 'running' && at > newest.at)
  return known || older ? undefined : newest
}

function issued(change: Change): Untold | undefined {
  const { is } = change
  const attempt = endedSince(change)
  if (attempt?.outcome !== 'issued' || !is.current) return undefined
  const first = attempt.why === 'Missing' || attempt.why === 'Placeholder'
  return {
    type: 'Normal',
    reason: first ? 'Issued' : 'Renewed',
    message:
      `${attempt.issuer} ${first ? 'issued' : 'renewed'} the certificate for ${namesOf(is)}, because ` +
      `${because[attempt.why]}: valid until ${utc(is.current.notAfter, change.now)}, serial ${is.current.serial}`,
  }
}

/** Stopping is no failure of the certificate: the next leader goes on. */
const noFailures: readonly string[] = ['Aborted', 'LeadershipLost']

function failed(change: Change): Untold | undefined {
  const attempt = endedSince(change)
  const failure = attempt?.outcome === 'failed' ? attempt.failure : undefined
  if (!attempt || !failure || noFailures.includes(failure.reason)) return undefined
  const { is, now } = change
  const act = is.current ? 'Renewing' : 'Issuing'
  const at = is.nextAt === undefined ? '' : ` (${utc(is.nextAt, now)})`
  const where = failure.identifier === undefined ? '' : ` for ${failure.identifier}`
  const help = failure.helpUrl === undefined ? '' : ` See ${failure.helpUrl}`
  const words = failure.detail.slice(0, 500)
  return {
    type: 'Warning',
    reason: failure.reason,
    message: `${act} at ${attempt.issuer} failed${where}: ${words} – ${is.next}${at}${help}`,
  }
}

function expired({ was, is, now }: Change): Untold | undefined {
  if (is.state !== 'expired' || was?.state === 'expired' || !is.current) return undefined
  const message = `The certificate for ${namesOf(is)} expired at ${utc(is.current.notAfter, now)}. ${is.next}`
  return { type: 'Warning', reason: 'Expired', message }
}

function limited({ was, is, now }: Change): Untold | undefined {
  const { reason } = is
  if ((reason !== 'LimitedByCa' && reason !== 'OverBudget') || was?.reason === reason) return undefined
  const until = is.nextAt === undefined ? '' : ` (${utc(is.nextAt, now)})`
  return { type: 'Warning', reason, message: `${is.next}${until}` }
}

function placed({ was, is }: Change): Untold[] {
  return is.destinations.flatMap((place) => {
    const before = was?.destinations.find(({ id }) => id === place.id)
    if (before?.state === place.state && before.fault === place.fault) return []
    const untold = newsOfPlace(place, { was, is, before: before?.state })
    return untold === undefined ? [] : [{ destination: place.id, ...untold }]
  })
}

type Place = CertificateStatus['destinations'][number]

interface Around extends Pick<Change, 'was' | 'is'> {
  readonly before: Place['state'] | undefined
}

function newsOfPlace({ state, fault = '' }: Place, around: Around): Untold | undefined {
  switch (state) {
    case 'placeholder':
      if (around.before === state) return undefined
      return {
        type: 'Normal',
        reason: 'PlaceholderInstalled',
        message: `A self-signed placeholder for ${namesOf(around.is)} is served until a CA has issued. ${around.is.next}`,
      }
    case 'installed':
      return wasLacking(around)
        ? {
            type: 'Normal',
            reason: 'Installed',
            message: `The certificate for ${namesOf(around.is)} is in place`,
          }
        : undefined
    case 'foreign':
      return { type: 'Warning', reason: 'Refused', message: `port80 does not write here: ${fault}` }
    case 'unreadable':
      return { type: 'Warning', reason: 'DestinationFailed', message: `It cannot be written: ${fault}` }
    case 'absent':
    case 'differs':
      return undefined
  }
}

/** The same certificate was elsewhere already; the first time and a renewal are told as such. */
function wasLacking({ was, is, before }: Around): boolean {
  if (was?.current === undefined || was.current.serial !== is.current?.serial) return false
  return before !== 'placeholder' && before !== 'differs' && before !== 'installed'
}

function namesOf({ domains }: CertificateStatus): string {
  const [first = 'no name', ...more] = domains
  return more.length === 0 ? first : `${first} and ${more.length} more`
}
