/**
 * desired × world × now → steps, as data. The worker carries them out, `port80 plan` prints them. Pure.
 *
 *   no pair, nothing installed      → placeholder (also when its names changed), order
 *   a request to revoke             → revoke, and nothing else
 *   order in flight                 → order (resume)
 *   a check of policy.ts speaks     → order, unless: every destination refuses · stopped · backing off · limited by the CA ·
 *                                     over its budget
 *   stored pair is not installed    → install
 *   renewal information is old      → askRenewalInfo
 *   else                            → rest until the earliest next moment
 */
import type { Budget } from '../budget/budget.ts'
import type { OrderReason, RestReason } from '../reason.ts'
import type { CertificateRecord, RequestRecord, StoredPair } from '../state/records.ts'
import { sameNames, type Desired, type Leaf } from './certificate.ts'
import { sameConfiguration } from './back-off.ts'
import { coveringHold, type Hold } from './hold.ts'
import { installSteps, refusalOfAll, type InstalledView } from './install.ts'
import { outlookOf, type Outlook } from './outlook.ts'
import { orderReason } from './policy.ts'
import { wishOf, type Wish } from './request.ts'
import { nextRenewal } from './schedule.ts'
import { chooseIssuer, resumable, whyResumed } from './turn.ts'

/** Past the longest wait that a failure can bring (a week, stretched a little). */
const longestRestMs = 8 * 86_400_000

export interface CertificateWorld {
  readonly desired: Desired
  readonly record: CertificateRecord
  readonly stored?: { readonly pair: StoredPair; readonly leaf: Leaf | undefined }
  readonly installed: readonly InstalledView[]
  /** What the stored stand-in says. */
  readonly placeholder?: Leaf | undefined
  /** The older pair that stands in for the stored one where a gateway refused that (refused.ts). */
  readonly standIn?: Leaf | undefined
  /** Of the pairs that are kept beside the one to install; replacing one of those in a destination is no loss. */
  readonly olderFingerprints?: readonly string[]
  readonly request?: RequestRecord
  /** An act for this certificate is under way in this process. */
  readonly running: boolean
}

export interface World {
  readonly now: number
  readonly certificates: readonly CertificateWorld[]
  readonly holds: ReadonlyMap<string, readonly Hold[]>
  /** By issuer; nothing is counted for one that is missing. */
  readonly budgets: ReadonlyMap<string, Budget>
}

export type Step =
  | {
      readonly do: 'order'
      readonly certificate: string
      readonly issuer: string
      readonly reason: OrderReason
      readonly resume: boolean
    }
  | {
      readonly do: 'revoke'
      readonly certificate: string
      readonly revocationReason: number
      /** Of a kept pair; absent: the newest. */
      readonly serial?: string
    }
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
      /** Of an order that is over its budget there. */
      readonly issuer?: string
    }

export interface Plan {
  readonly steps: readonly Step[]
  /** The earliest moment at which the plan can be another one by the clock alone. */
  readonly nextWakeAt: number | undefined
}

export function plan(world: World): Plan {
  const steps: Step[] = []
  let nextWakeAt: number | undefined
  const { certificates } = world
  const outlook = outlookOf(world)
  const planned: Step[][] = []
  for (const index of byExpiry(world)) {
    const certificate = certificates[index]
    if (certificate) planned[index] = stepsFor(certificate, world, outlook)
  }
  for (const index of certificates.keys()) {
    for (const step of planned[index] ?? []) {
      steps.push(step)
      const until = step.do === 'rest' ? step.until : undefined
      if (until !== undefined && (nextWakeAt === undefined || until < nextWakeAt)) nextWakeAt = until
    }
  }
  return { steps, nextWakeAt }
}

/**
 * Positions: what runs already, then what has no certificate, then what expires first, so that where a limit leaves room for
 * some only, it is those. In the order of the configuration where nothing is counted.
 */
function byExpiry({ certificates, budgets }: World): Iterable<number> {
  if (budgets.size === 0) return certificates.keys()
  const ranks = Float64Array.from(certificates, ({ running, stored }) =>
    running ? -1 : (stored?.leaf?.notAfter ?? 0),
  )
  const rank = (index: number) => ranks[index] ?? 0
  return Uint32Array.from(certificates.keys()).sort((one, other) => rank(one) - rank(other))
}

function stepsFor(certificate: CertificateWorld, world: World, outlook: Outlook): Step[] {
  const { desired, record, request } = certificate
  const name = desired.name
  if (certificate.running) {
    takeRunning(certificate, world, outlook)
    return [{ do: 'rest', certificate: name, reason: 'OrderInFlight' }]
  }
  const wish = request && wishOf(request, record)
  const steps: Step[] = [...placeholderSteps(certificate), ...installSteps(certificate)]
  if (wish?.do === 'revoke') {
    return [...steps, { certificate: name, ...wish }]
  }
  const next = orderOrRest(certificate, wish, { world, outlook })
  const because = whyDropped(wish, next)
  if (because !== undefined) steps.push({ do: 'dropRequest', certificate: name, because })
  const { pair } = certificate.stored ?? {}
  const mayAsk = next.do === 'rest' && next.reason !== 'DestinationsRefused'
  if (pair && mayAsk && (askRenewalInfoAt(certificate, world) ?? Infinity) <= world.now) {
    steps.push({ do: 'askRenewalInfo', certificate: name, issuer: pair.issuer })
  }
  return [...steps, next]
}

/** Anew when other names are wanted meanwhile: a gateway that serves it would have the old ones. */
function placeholderSteps({ desired, record, stored, placeholder }: CertificateWorld): Step[] {
  const fits = record.placeholder && (!placeholder || sameNames(placeholder.names, desired.domains))
  return stored || fits ? [] : [{ do: 'placeholder', certificate: desired.name }]
}

function whyDropped(wish: Wish | undefined, next: Step): string | undefined {
  if (wish?.do === 'drop') return wish.because
  if (wish && next.do === 'rest' && next.reason === 'DestinationsRefused')
    return `every destination refuses the certificate: ${next.detail ?? ''}`
  const nothingDue = next.do === 'rest' && next.due === undefined
  return wish && nothingDue ? 'nothing is due: the certificate is up to date' : undefined
}

/** Its order may not be counted yet: nobody else gets what it is about to take. */
function takeRunning(certificate: CertificateWorld, { now }: World, outlook: Outlook): void {
  const { desired, record, stored } = certificate
  const order = resumable(certificate)
  const due = order ?? orderReason({ desired, record, ...(stored && { stored }), renewRequested: false, now })
  if (due) outlook.take(certificate, order?.issuer ?? desired.issuer)
}

interface Terms {
  readonly world: World
  readonly outlook: Outlook
}

function orderOrRest(certificate: CertificateWorld, wish: Wish | undefined, { world, outlook }: Terms): Step {
  const { desired, record, stored } = certificate
  const { now } = world
  const asked = wish?.do === 'order'
  const resumed = resumable(certificate)
  const renewRequested = asked && wish.renew
  const own = orderReason({ desired, record, ...(stored && { stored }), renewRequested, now })
  const reason = resumed ? whyResumed(resumed, own) : own
  const refused = whereRefused(certificate, reason)
  if (refused) return refused
  if (!reason) return upToDate(certificate, world)
  const rest = { do: 'rest', certificate: desired.name, due: reason } as const
  // `port80 issue|renew` is the operator saying "now": it passes our own back-off, never the CA's limits.
  const ownRest = asked ? undefined : afterFailure(certificate, now)
  if (ownRest) return { ...rest, ...ownRest }
  const { issuer, wait } = chooseIssuer(certificate, outlook, now)
  if (wait) return { ...rest, ...wait }
  outlook.take(certificate, issuer)
  const resume = resumed !== undefined && resumed.issuer === issuer
  return { do: 'order', certificate: desired.name, issuer, reason, resume }
}

/** No moment: they are looked at again at every tick. An order in flight waits, too; at the CA it lasts for days. */
function whereRefused(
  { desired, installed }: CertificateWorld,
  due: OrderReason | undefined,
): Step | undefined {
  const detail = refusalOfAll(installed)
  if (detail === undefined) return undefined
  const rest = { do: 'rest', certificate: desired.name, reason: 'DestinationsRefused', detail } as const
  return due ? { ...rest, due } : rest
}

/** Our own rest after failures. A changed configuration is a new start: the old one's failures say nothing about it. */
function afterFailure(
  { record, desired }: CertificateWorld,
  now: number,
): { reason: RestReason; until?: number } | undefined {
  const { notBefore } = record
  if (record.stoppedFor === desired.fingerprint) return { reason: 'StoppedUntilConfigChanges' }
  if (!sameConfiguration(record, desired) || notBefore === undefined || notBefore <= now) return undefined
  // No wait of ours is longer: the clock stood wrong when the failure was recorded.
  return notBefore > now + longestRestMs ? undefined : { reason: 'BackingOff', until: notBefore }
}

function upToDate(certificate: CertificateWorld, world: World): Step {
  const { desired, record, stored } = certificate
  const moments: number[] = []
  if (stored?.leaf) moments.push(nextRenewal(stored.leaf, desired.renewal, record).at)
  const askAt = askRenewalInfoAt(certificate, world)
  // When it is asked now, the end of that act is the next moment.
  if (askAt !== undefined && askAt > world.now) moments.push(askAt)
  const rest = { do: 'rest', certificate: desired.name, reason: 'UpToDate' } as const
  return moments.length > 0 ? { ...rest, until: Math.min(...moments) } : rest
}

/** When the CA of the stored pair is asked for its renewal window next; not while it wants to be left alone altogether. */
function askRenewalInfoAt(
  { desired, record, stored }: CertificateWorld,
  { now, holds }: World,
): number | undefined {
  if (!desired.renewal.ari || !stored?.leaf || stored.pair.revokedAt !== undefined) return undefined
  const { issuer, directory } = stored.pair
  if (desired.directories[issuer] !== directory) return undefined
  const held = coveringHold(
    (holds.get(issuer) ?? []).filter(({ kind }) => kind === 'issuer'),
    desired,
    now,
  )
  return Math.max(record.renewalInfo?.askAgainAt ?? 0, held?.until ?? 0)
}
