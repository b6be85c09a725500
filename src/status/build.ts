/** Records and plan → StatusSnapshot. Pure. Nothing here reads a key. */
import type { Leaf } from '../certificate/certificate.ts'
import type { Hold } from '../certificate/hold.ts'
import type { CertificateWorld, Plan, Step, World } from '../certificate/plan.ts'
import { nextRenewal } from '../certificate/schedule.ts'
import { outlookOf } from '../certificate/outlook.ts'
import { chooseIssuer } from '../certificate/turn.ts'
import { withTimes } from '../finding/looks.ts'
import type { Reported } from '../finding/reported.ts'
import { failureReasons, orderReasons, type Reason } from '../reason.ts'
import { knownWord } from '../state/newer.ts'
import { attemptOutcomes, type AttemptRecord } from '../state/records.ts'
import { describeNext } from './next.ts'
import type {
  AttemptStatus,
  CertificateState,
  CertificateStatus,
  HoldStatus,
  StatusSnapshot,
} from './snapshot.ts'

export interface StatusInput {
  readonly world: World
  readonly plan: Plan
  /** Name → why its record could not be read. */
  readonly faults: ReadonlyMap<string, string>
  readonly version: string
  readonly configuration: StatusSnapshot['configuration']
  readonly worker: StatusSnapshot['worker']
  readonly store: StatusSnapshot['store']
  readonly sources?: StatusSnapshot['sources']
  readonly looks?: StatusSnapshot['looks']
  readonly reported?: Reported
}

export function buildStatus(input: StatusInput): StatusSnapshot {
  const { world } = input
  const steps = new Map<string, Step[]>()
  for (const step of input.plan.steps) {
    const known = steps.get(step.certificate)
    if (known) known.push(step)
    else steps.set(step.certificate, [step])
  }
  return {
    at: world.now,
    version: input.version,
    configuration: input.configuration,
    worker: input.worker,
    store: input.store,
    holds: [...world.holds].flatMap(([issuer, holds]) => holdsOf(issuer, holds, world.now)),
    certificates: [
      ...world.certificates.map((each) => certificateStatus(each, steps.get(each.desired.name) ?? [], world)),
      ...[...input.faults].map(([name, fault]) => unreadable(name, fault)),
    ],
    ...(input.sources && { sources: input.sources }),
    ...(input.looks && { looks: withTimes(input.looks, input.reported?.lookedAt) }),
    ...input.reported,
  }
}

function certificateStatus(
  certificate: CertificateWorld,
  steps: readonly Step[],
  world: World,
): CertificateStatus {
  const { desired, record } = certificate
  const state = stateOf(certificate, world.now)
  const next = describeNext(certificate, steps, world.now)
  return {
    name: desired.name,
    domains: desired.domains,
    issuer: issuerOf(certificate, steps, world),
    state,
    reason: next.reason,
    next: next.text,
    ...(next.at !== undefined && { nextAt: next.at }),
    ...currentOf(certificate),
    ...renewalOf(certificate),
    ...(desired.redirectStatus !== undefined && { redirectStatus: desired.redirectStatus }),
    failures: record.failures,
    attempts: record.attempts.flatMap(attemptOf),
    ...(record.wantedToInstalledSeconds !== undefined &&
      record.wantedSince === undefined && { wantedToInstalledSeconds: record.wantedToInstalledSeconds }),
    destinations: destinationsOf(certificate),
  }
}

/** As planned; without an order, by what the CAs have said. */
function issuerOf(certificate: CertificateWorld, steps: readonly Step[], world: World): string {
  const order = steps.find((step) => step.do === 'order')
  return (
    order?.issuer ?? chooseIssuer(certificate, outlookOf({ ...world, budgets: new Map() }), world.now).issuer
  )
}

/**
 * Ready: the stored pair is valid, and every destination serves it or another valid one (the one before, until it is
 * replaced: a renewal is no outage). Revoked counts as missing: it must not be used.
 */
function stateOf({ stored, installed, record }: CertificateWorld, now: number): CertificateState {
  const leaf = stored?.leaf
  if (leaf?.keyMatches && stored?.pair.revokedAt === undefined) {
    if (leaf.notAfter <= now) return 'expired'
    if (installed.every((view) => isValid(view.leaf, now))) return 'ready'
  }
  const placeholderThere = installed.some((view) => view.leaf?.placeholder)
  return placeholderThere && record.placeholder ? 'placeholder' : 'missing'
}

function isValid(leaf: Leaf | undefined, now: number): boolean {
  return leaf !== undefined && leaf.keyMatches && !leaf.placeholder && leaf.notAfter > now
}

function currentOf({ stored }: CertificateWorld): Pick<CertificateStatus, 'current'> | undefined {
  const leaf = stored?.leaf
  if (!leaf || !stored) return undefined
  const { profile, issuer } = stored.pair
  const { serial, issuedBy, notBefore, notAfter, keyType } = leaf
  return {
    current: {
      serial,
      issuedBy,
      issuer,
      notBefore,
      notAfter,
      keyType,
      ...(profile !== undefined && { profile }),
    },
  }
}

function renewalOf({
  stored,
  desired,
  record,
}: CertificateWorld): Pick<CertificateStatus, 'renewal'> | undefined {
  const leaf = stored?.leaf
  if (!leaf) return undefined
  const info = record.renewalInfo
  const { at, source } = nextRenewal(leaf, desired.renewal, record)
  const window = desired.renewal.ari ? info?.window : undefined
  return { renewal: { at, source, ...(window && { window: windowOf(window) }) } }
}

function windowOf(window: { start: number; end: number; explanationUrl?: string | undefined }) {
  const { start, end, explanationUrl } = window
  return { start, end, ...(explanationUrl !== undefined && { explanationUrl }) }
}

/** One that a newer version told in words that are none here is left out, as in a status that it published. */
function attemptOf(attempt: AttemptRecord): AttemptStatus[] {
  const { at, issuer, endedAt, failure } = attempt
  const why = knownWord(attempt.why, orderReasons)
  const outcome = knownWord(attempt.outcome, attemptOutcomes)
  const reason = knownWord(failure?.reason, failureReasons)
  if (!why || !outcome || (failure && !reason)) return []
  return [
    {
      at,
      why,
      issuer,
      outcome,
      ...(endedAt !== undefined && { endedAt }),
      ...(failure &&
        reason && {
          failure: {
            reason,
            detail: failure.detail,
            ...(failure.identifier !== undefined && { identifier: failure.identifier }),
            ...(failure.helpUrl !== undefined && { helpUrl: failure.helpUrl }),
          },
        }),
    },
  ]
}

function destinationsOf({ installed, stored }: CertificateWorld): CertificateStatus['destinations'] {
  return installed.map((view) => ({
    id: view.destination,
    state: destinationState(view, stored?.leaf),
    ...(view.fault !== undefined && { fault: view.fault }),
  }))
}

function destinationState(
  view: CertificateWorld['installed'][number],
  wanted: Leaf | undefined,
): CertificateStatus['destinations'][number]['state'] {
  if (view.state !== 'present') return view.state
  if (wanted && view.leaf?.fingerprint === wanted.fingerprint)
    return view.leaf.keyMatches ? 'installed' : 'differs'
  return view.leaf?.placeholder ? 'placeholder' : 'differs'
}

/** Nearly every hold is for this reason. */
const usualHold = 'AcmeRateLimited'

function holdsOf(issuer: string, holds: readonly Hold[], now: number): HoldStatus[] {
  return holds
    .filter((hold) => hold.until > now)
    .map(({ kind, value, until, reason, detail }) => ({
      issuer,
      covers: value === undefined ? kind : `${kind} ${value}`.slice(0, 300),
      until,
      reason: knownWord(reason, failureReasons) ?? usualHold,
      detail,
    }))
}

function unreadable(name: string, fault: string): CertificateStatus {
  const reason: Reason = 'StoreFailed'
  return {
    name,
    domains: [],
    issuer: '',
    state: 'missing',
    reason,
    next: `Its record in the store ${fault}. Nothing is done and what is installed stays; move the record away to start anew.`,
    failures: 0,
    attempts: [],
    destinations: [],
  }
}
