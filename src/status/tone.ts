/** How a snapshot is to be taken: what is well, what is under way, what needs a person. Pure. */
import type { Severity } from '../finding/catalogue.ts'
import { findingsOf } from '../finding/concern.ts'
import { severityOf } from '../finding/finding.ts'
import { failureReasons } from '../reason.ts'
import type { CertificateStatus, StatusSnapshot } from './snapshot.ts'
import { span } from './time.ts'
import { unwatchedWords } from './unwatched.ts'
import { certificateCount, counted } from './words.ts'

export type Tone = 'good' | 'busy' | 'warn' | 'bad'

const failed: ReadonlySet<string> = new Set([
  ...failureReasons,
  'StoppedUntilConfigChanges',
  'DestinationsRefused',
])

/** warn: it serves, but something about it fails. bad: visitors see an error, and it does not mend itself soon. */
export function toneOf(certificate: CertificateStatus): Tone {
  const { state, failures, reason, destinations } = certificate
  if (state === 'expired') return 'bad'
  // Nothing but a failure is backed off from, and a look before the order is one that is not counted.
  const failing = failures > 0 || failed.has(reason) || reason === 'BackingOff'
  if (state === 'ready') {
    return failing || destinations.some((destination) => destination.state !== 'installed') ? 'warn' : 'good'
  }
  if (failing) return 'bad'
  return reason === 'LimitedByCa' || reason === 'OverBudget' ? 'warn' : 'busy'
}

/** The same with what was found about it: one that serves, but could not be renewed or is not shown, needs a person. */
export function toneAmong(certificate: CertificateStatus, findings: Findings): Tone {
  const tone = toneOf(certificate)
  if (tone !== 'good' && tone !== 'busy') return tone
  return findingsOf(certificate, findings).some((each) => severityOf(each) === 'error') ? 'warn' : tone
}

type Findings = StatusSnapshot['findings']

export function countOf(findings: Findings, severity: Severity): number {
  return findings?.filter((each) => severityOf(each) === severity).length ?? 0
}

export interface Headline {
  readonly tone: Tone
  readonly text: string
}

/** The one sentence for somebody who looks for a second. */
export function headline(snapshot: StatusSnapshot): Headline {
  const { store, configuration, certificates, findings } = snapshot
  const worker = headlineOfWorker(snapshot)
  if (worker) return worker
  if (!store.readable) return { tone: 'bad', text: 'The store cannot be read' }
  const tones = certificates.map((each) => toneAmong(each, findings))
  const count = (tone: Tone) => tones.filter((each) => each === tone).length
  const troubled = count('bad') + count('warn')
  const errors = countOf(findings, 'error')
  const found = errors === 0 ? '' : `, ${counted(errors, 'error')} found`
  if (troubled > 0) {
    const tone = count('bad') > 0 ? 'bad' : 'warn'
    return { tone, text: `${needAttention(troubled, certificates.length)}${found}` }
  }
  if (configuration.faults.length > 0) {
    return { tone: 'warn', text: 'The changed configuration is refused; the old one is in force' }
  }
  if (errors > 0) return { tone: 'warn', text: `${counted(errors, 'error')} found` }
  return headlineOfCalm(snapshot, count('busy'))
}

/** Nothing is broken, as far as anybody looks: how far that is, is said too. */
function headlineOfCalm({ certificates, findings, looks }: StatusSnapshot, busy: number): Headline {
  const warnings = countOf(findings, 'warning')
  const found = warnings === 0 ? [] : [`${counted(warnings, 'warning')} found`]
  const say = (...parts: readonly (string | undefined)[]) => parts.filter(Boolean).join('; ')
  if (certificates.length === 0)
    return { tone: found.length > 0 ? 'warn' : 'good', text: say('No certificates are configured', ...found) }
  if (busy > 0) return { tone: 'busy', text: say(`${certificateCount(busy)} on the way`, ...found) }
  const unwatched = unwatchedWords(looks)
  const calm = unwatched === undefined ? 'good' : 'busy'
  return {
    tone: found.length > 0 ? 'warn' : calm,
    text: say(allReady(certificates.length), ...found, unwatched),
  }
}

function headlineOfWorker({ worker, told, at }: StatusSnapshot): Headline | undefined {
  if (worker.stuck) return { tone: 'bad', text: 'The worker is stuck' }
  if (worker.role === 'crashed') return { tone: 'bad', text: 'The worker has crashed and is started again' }
  if (!told?.stale) return undefined
  if (told.at === undefined) return { tone: 'warn', text: 'No worker has told its status yet' }
  return { tone: 'bad', text: `No word from a leading worker for ${span(Math.max(0, at - told.at))}` }
}

function needAttention(troubled: number, all: number): string {
  if (all === 1) return 'The certificate needs attention'
  return `${troubled} of ${all} certificates need${troubled === 1 ? 's' : ''} attention`
}

function allReady(all: number): string {
  if (all === 1) return 'The certificate is ready'
  return all === 2 ? 'Both certificates are ready' : `All ${all} certificates are ready`
}

const urgency: Readonly<Record<Tone, number>> = { bad: 0, warn: 1, busy: 2, good: 3 }

/** What needs a person first, then what is under way, then by the next moment. */
export function byUrgency(
  certificates: readonly CertificateStatus[],
  findings?: Findings,
): CertificateStatus[] {
  const tones = new Map(certificates.map((each) => [each, urgency[toneAmong(each, findings)]]))
  const rank = (each: CertificateStatus) => tones.get(each) ?? 0
  return certificates.toSorted(
    (one, other) =>
      rank(one) - rank(other) ||
      (one.nextAt ?? Infinity) - (other.nextAt ?? Infinity) ||
      (one.name < other.name ? -1 : 1),
  )
}
