/**
 * One picture out of what several looks told: bounded, in one order, the worst kept when there is no room. Pure. Two looks
 * along the same leg (preflight and canary) are one leg, as it was seen last.
 */
import { inOrder, severityOf, type Finding } from './finding.ts'
import { latestTimes } from './looks.ts'
import type { LastingFinding, LegStatus, Reported, ServedStatus } from './reported.ts'

/** Who may tell; each replaces only what it told itself. */
export const reportedSources = ['lint', 'preflight', 'canary', 'serving', 'budget', 'usage'] as const
export type ReportedSource = (typeof reportedSources)[number]

/** How many of each part are kept. */
export interface Room {
  readonly findings: number
  readonly legs: number
  readonly served: number
  readonly budget: number
  readonly plainHttp: number
}
export type Part = keyof Room

/** Of the snapshot; what is published has less (src/kube/published-record.ts). */
export const room: Room = { findings: 500, legs: 2_000, served: 2_000, budget: 1_000, plainHttp: 1_000 }

/** A part that nobody told is absent, one that was told empty is there and empty: "off" is not "nothing found". */
export function mergeReported(told: readonly Reported[], at: Room = room): Reported {
  const all: Reported = {
    ...part('findings', told, (found) => inOrder(mostSevereFirst(found).slice(0, at.findings))),
    ...part('legs', told, (legs) => troubleFirst(latestOfEachLeg(legs), ({ ok }) => ok).slice(0, at.legs)),
    ...part('served', told, (all) => troubleFirst(all, servedWell).slice(0, at.served)),
    ...part('budget', told, (all) => all.slice(0, at.budget)),
    ...part('plainHttp', told, (all) => all.slice(0, at.plainHttp)),
  }
  const leftOut = leftOutOf(told, all)
  const looked = told.find((each) => each.looked)?.looked
  const lookedAt = latestTimes(told.flatMap((each) => each.lookedAt ?? []))
  const counted = told.find((each) => each.counted)?.counted
  return {
    ...all,
    ...(counted && { counted }),
    ...(looked && { looked }),
    ...(lookedAt.length > 0 && { lookedAt }),
    ...(leftOut && { leftOut }),
  }
}

type ListOf<P extends Part> = NonNullable<Reported[P]>

function part<P extends Part>(
  name: P,
  told: readonly Reported[],
  kept: (all: ListOf<P>) => ListOf<P>,
): Partial<Pick<Reported, P>> {
  const lists = told.flatMap((each) => (each[name] === undefined ? [] : [each[name]]))
  if (lists.length === 0) return {}
  return { [name]: kept(lists.flat() as unknown as ListOf<P>) } as unknown as Pick<Reported, P>
}

function leftOutOf(told: readonly Reported[], kept: Reported): Reported['leftOut'] {
  const entries = (Object.keys(room) as Part[]).flatMap((name) => {
    const lists = told.map((each) => (name === 'legs' ? undefined : each[name]?.length) ?? 0)
    const legs = name === 'legs' ? latestOfEachLeg(told.flatMap((each) => each.legs ?? [])).length : 0
    const before = told.reduce((sum, each) => sum + (each.leftOut?.[name] ?? 0), 0)
    const more = lists.reduce((sum, count) => sum + count, legs) - (kept[name]?.length ?? 0) + before
    return more > 0 ? [[name, more] as const] : []
  })
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

const rank = { error: 0, warning: 1, note: 2 } as const

/** Of the same severity the newest: what broke today is what somebody can still connect with what was done today. */
function mostSevereFirst(findings: readonly LastingFinding[]): LastingFinding[] {
  return findings.toSorted(
    (one, other) => rank[severityOf(one)] - rank[severityOf(other)] || other.since - one.since,
  )
}

function latestOfEachLeg(legs: readonly LegStatus[]): LegStatus[] {
  const latest = new Map<string, LegStatus>()
  for (const leg of legs) {
    const key = `${leg.host} ${leg.leg} ${leg.at}`
    const known = latest.get(key)
    if (!known || known.checkedAt <= leg.checkedAt) latest.set(key, leg)
  }
  return [...latest.values()]
}

const servedWell = ({ matches }: ServedStatus) => matches

/** In the order that they came in, but for those in trouble. */
function troubleFirst<T>(all: readonly T[], well: (each: T) => boolean): T[] {
  return [...all.filter((each) => !well(each)), ...all.filter(well)]
}

/** With the sum over plain http as it was written down, until whoever asks the replicas has told a newer one. */
export function overWritten(written: Reported, told: Reported): Reported {
  return told.plainHttp ? told : mergeReported([told, written])
}

/** What changes with every look though nothing happened. */
const moments: ReadonlySet<string> = new Set(['checkedAt', 'lastSeen', 'lookedAt', 'plainHttp', 'counted'])

/** Whether two pictures differ in nothing but in when it was looked, and in how much plain http there was. */
export function sameButMoments(one: Reported, other: Reported): boolean {
  const text = (each: Reported) =>
    JSON.stringify(reportedOf(each), (key, value: unknown) => (moments.has(key) ? undefined : value))
  return text(one) === text(other)
}

/** The reported parts of a whole snapshot, and nothing else of it. */
export function reportedOf(whole: Reported): Reported {
  const { findings, legs, served, budget, plainHttp, counted, looked, lookedAt, leftOut } = whole
  return {
    ...(findings && { findings }),
    ...(legs && { legs }),
    ...(served && { served }),
    ...(budget && { budget }),
    ...(plainHttp && { plainHttp }),
    ...(counted && { counted }),
    ...(looked && { looked }),
    ...(lookedAt && { lookedAt }),
    ...(leftOut && { leftOut }),
  }
}

/** The same finding as before, whatever was seen of it this time. */
export function findingKey({ code, object, host }: Pick<Finding, 'code' | 'object' | 'host'>): string {
  const { kind, namespace, name, field } = object
  return JSON.stringify([code, kind, namespace ?? '', name, field ?? '', host ?? ''])
}
