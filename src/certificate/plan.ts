/**
 * desired × world × now → steps, as data. The worker carries them out, `port80 plan` prints them. Pure.
 *
 *   no pair, nothing installed      → placeholder, order
 *   order in flight                 → order (resume)
 *   a check of policy.ts speaks     → order, unless: stopped · backing off · limited by the CA
 *   stored pair is not installed    → install
 *   renewal information is old      → askRenewalInfo
 *   else                            → rest until the earliest next moment
 */
import type { OrderReason, RestReason } from '../reason.ts'
import type { CertificateRecord, RequestRecord, StoredPair } from '../state/records.ts'
import type { Desired, Leaf } from './certificate.ts'
import { coveringHold, type Hold } from './hold.ts'
import { installSteps, type InstalledView } from './install.ts'
import { orderReason } from './policy.ts'
import { renewalMoment } from './schedule.ts'

export interface CertificateWorld {
  readonly desired: Desired
  readonly record: CertificateRecord
  readonly stored?: { readonly pair: StoredPair; readonly leaf: Leaf | undefined }
  readonly installed: readonly InstalledView[]
  readonly request?: RequestRecord
  /** An act for this certificate is under way in this process. */
  readonly running: boolean
}

export interface World {
  readonly now: number
  readonly certificates: readonly CertificateWorld[]
  readonly holds: ReadonlyMap<string, readonly Hold[]>
}

export type Step =
  | {
      readonly do: 'order'
      readonly certificate: string
      readonly issuer: string
      readonly reason: OrderReason
      readonly resume: boolean
    }
  | { readonly do: 'revoke'; readonly certificate: string; readonly revocationReason: number }
  | { readonly do: 'placeholder'; readonly certificate: string }
  | {
      readonly do: 'install'
      readonly certificate: string
      readonly what: 'pair' | 'placeholder'
      readonly destinations: readonly string[]
    }
  | { readonly do: 'askRenewalInfo'; readonly certificate: string; readonly issuer: string }
  | { readonly do: 'dropRequest'; readonly certificate: string; readonly because: string }
  | {
      readonly do: 'rest'
      readonly certificate: string
      readonly reason: RestReason
      /** What would be done were it not for the rest; absent when nothing is due. */
      readonly due?: OrderReason
      /** Absent: until the configuration changes, or until the running act ends. */
      readonly until?: number
      readonly detail?: string
    }

export interface Plan {
  readonly steps: readonly Step[]
  /** The earliest moment at which the plan can be another one by the clock alone. */
  readonly nextWakeAt: number | undefined
}

export function plan(world: World): Plan {
  const steps: Step[] = []
  let nextWakeAt: number | undefined
  for (const certificate of world.certificates) {
    for (const step of stepsFor(certificate, world)) {
      steps.push(step)
      const until = step.do === 'rest' ? step.until : undefined
      if (until !== undefined && (nextWakeAt === undefined || until < nextWakeAt)) nextWakeAt = until
    }
  }
  return { steps, nextWakeAt }
}

function stepsFor(certificate: CertificateWorld, world: World): Step[] {
  const { desired, request } = certificate
  const name = desired.name
  if (certificate.running) return [{ do: 'rest', certificate: name, reason: 'OrderInFlight' }]
  const steps: Step[] = [...placeholderSteps(certificate), ...installSteps(certificate)]
  if (request?.do === 'revoke') return [...steps, revokeStep(certificate, request)]
  const next = orderOrRest(certificate, world)
  if (request && next.do === 'rest' && next.due === undefined) {
    steps.push({
      do: 'dropRequest',
      certificate: name,
      because: 'nothing is due: the certificate is up to date',
    })
  }
  if (next.do === 'rest' && asksRenewalInfo(certificate, world)) {
    steps.push({
      do: 'askRenewalInfo',
      certificate: name,
      issuer: certificate.stored?.pair.issuer ?? desired.issuer,
    })
  }
  return [...steps, next]
}

function placeholderSteps({ desired, record, stored }: CertificateWorld): Step[] {
  return stored || record.placeholder ? [] : [{ do: 'placeholder', certificate: desired.name }]
}

function revokeStep({ desired, stored }: CertificateWorld, request: RequestRecord): Step {
  if (!stored || stored.pair.revokedAt !== undefined) {
    return { do: 'dropRequest', certificate: desired.name, because: 'there is no certificate to revoke' }
  }
  return { do: 'revoke', certificate: desired.name, revocationReason: request.revocationReason ?? 0 }
}

function orderOrRest(certificate: CertificateWorld, world: World): Step {
  const { desired, record, stored, request } = certificate
  const { now } = world
  const resumed = resumable(certificate)
  const reason =
    resumed?.why ??
    orderReason({ desired, record, ...(stored && { stored }), renewRequested: request?.do === 'renew', now })
  if (!reason) return upToDate(certificate, now)
  const rest = { do: 'rest', certificate: desired.name, due: reason } as const
  // `port80 issue|renew` is the operator saying "now": it passes our own back-off, never the CA's limits.
  const ownRest = request ? undefined : afterFailure(certificate, now)
  if (ownRest) return { ...rest, ...ownRest }
  const { issuer, hold } = chooseIssuer(certificate, world)
  if (hold) return { ...rest, reason: 'LimitedByCa', until: hold.until, detail: hold.detail }
  const resume = resumed !== undefined && resumed.issuer === issuer
  return { do: 'order', certificate: desired.name, issuer, reason, resume }
}

/** Our own rest after failures. A changed configuration is a new start: the old one's failures say nothing about it. */
function afterFailure(
  { record, desired }: CertificateWorld,
  now: number,
): { reason: RestReason; until?: number } | undefined {
  if (record.stoppedFor === desired.fingerprint) return { reason: 'StoppedUntilConfigChanges' }
  const sameConfiguration = record.failedFor === undefined || record.failedFor === desired.fingerprint
  if (!sameConfiguration || record.notBefore === undefined || record.notBefore <= now) return undefined
  return { reason: 'BackingOff', until: record.notBefore }
}

/** The order in flight, when it is still an order for what is wanted. */
function resumable({ desired, record }: CertificateWorld): CertificateRecord['inFlight'] {
  const order = record.inFlight
  if (!order) return undefined
  const sameIssuer = order.issuer === desired.issuer || order.issuer === desired.fallbackIssuer
  const same =
    sameIssuer &&
    order.directory === desired.directories[order.issuer] &&
    order.keyType === desired.keyType &&
    order.profile === desired.profiles[order.issuer] &&
    order.domains.length === desired.domains.length &&
    order.domains.every((domain) => desired.domains.includes(domain))
  return same ? order : undefined
}

/**
 * Primary until it failed three times in a row, then in turn with the fallback (so that a primary that recovers is
 * noticed). An order in flight is finished where it was begun. A limit at the chosen issuer sends a certificate that
 * cannot wait (none valid, or a limit that outlasts it) to the other one.
 */
export function chooseIssuer(
  { desired, record, stored }: CertificateWorld,
  { holds, now }: World,
): { issuer: string; hold: Hold | undefined } {
  const holdOf = (issuer: string) => coveringHold(holds.get(issuer) ?? [], desired, now)
  const fallback = desired.fallbackIssuer
  const turn = fallback !== undefined && record.failures >= 3 && record.failures % 2 === 1
  const first = turn ? fallback : desired.issuer
  const hold = holdOf(first)
  if (!hold || fallback === undefined) return { issuer: first, hold }
  const other = turn ? desired.issuer : fallback
  const validUntil = stored?.leaf?.notAfter ?? 0
  if (hold.until < validUntil || holdOf(other)) return { issuer: first, hold }
  return { issuer: other, hold: undefined }
}

function upToDate({ desired, record, stored }: CertificateWorld, now: number): Step {
  const leaf = stored?.leaf
  const moments: number[] = []
  if (leaf) moments.push(renewalMoment(leaf, desired.renewal, record.renewalInfo?.chosenAt).at)
  if (desired.renewal.ari && record.renewalInfo) moments.push(Math.max(record.renewalInfo.askAgainAt, now))
  const rest = { do: 'rest', certificate: desired.name, reason: 'UpToDate' } as const
  return moments.length > 0 ? { ...rest, until: Math.min(...moments) } : rest
}

function asksRenewalInfo({ desired, record, stored }: CertificateWorld, { now, holds }: World): boolean {
  if (!desired.renewal.ari || !stored?.leaf || stored.pair.revokedAt !== undefined) return false
  if (coveringHold(holds.get(stored.pair.issuer) ?? [], desired, now)?.kind === 'issuer') return false
  return (record.renewalInfo?.askAgainAt ?? 0) <= now
}
