/**
 * The sum over all replicas out of what each tells of itself. Pure. A replica tells all that it counted since it began, so a
 * question that fails or that is asked twice loses and doubles nothing: what is added is the difference to what it told
 * before, which is in the record beside the sum. One that starts anew begins at 0 with another id; one that went away
 * leaves what it had.
 */
import type { HostTraffic, ReplicaTraffic, TrafficRecord } from '../state/traffic-record.ts'
import { dayAt, daysKept, redirectsOf, since, sumOf, type Day } from './day.ts'
import { restHosts, withRest } from './rest.ts'
import { otherHosts, type CountedRow, type ReplicaCounts } from './replica-counts.ts'

export interface Told extends Pick<ReplicaCounts, 'start' | 'rows'> {
  /** Pod, or host and process id: of two lives there only the later one goes on. */
  readonly at: string
}

export interface Counts {
  /** Of each replica the newest that it told. */
  readonly told: readonly Told[]
  /** `at` of every replica that there is now; undefined: not known now, so none is gone. */
  readonly present: ReadonlySet<string> | undefined
  /** Those of the configuration; what is told of others waits until they are. */
  readonly hosts: readonly string[]
  /** Epoch ms. */
  readonly now: number
}

/** Milliseconds for which one that went away may come back and go on where it was. */
const goneMs = 3_600_000
/** Replicas that tell nothing now and are remembered all the same. */
const mostSilent = 50

/** Told the same again it answers the same record, as the same object. */
export function fold(record: TrafficRecord | undefined, counts: Counts): TrafficRecord {
  const before = record ?? { v: 1, since: counts.now, hosts: {}, replicas: {} }
  const folded = new Set(before.folded)
  const managed = ownRows(counts.hosts, folded)
  const sum = new Map(Object.entries(before.hosts))
  const replicas = new Map(Object.entries(before.replicas))
  const today = dayAt(counts.now)
  for (const host of managed) if (!sum.has(host)) sum.set(host, { since: today, days: [] })
  for (const each of counts.told) {
    const told = { ...each, rows: withRest(each.rows, folded) }
    const life = replicas.get(told.start)
    const known = life?.rows ?? {}
    for (const row of told.rows) {
      const host = managed.has(row.host) ? sum.get(row.host) : undefined
      if (host) sum.set(row.host, added(host, newDays(row, known[row.host]), { ...counts, row }))
    }
    replicas.set(told.start, heard(told, life, managed))
  }
  const after = {
    ...before,
    hosts: Object.fromEntries([...sum].flatMap((each) => keptHost(each, managed, today))),
    replicas: Object.fromEntries(keptReplicas(replicas, counts)),
  }
  return JSON.stringify(after) === JSON.stringify(record) && record ? record : after
}

/** Those with a row of their own: of the others each is in one of the last two. */
function ownRows(hosts: readonly string[], folded: ReadonlySet<string>): ReadonlySet<string> {
  const own = hosts.filter((host) => !folded.has(host))
  return new Set([...own, otherHosts, ...(folded.size > 0 ? [restHosts] : [])])
}

type KnownRow = ReplicaTraffic['rows'][string]

/** Days before the one that was told last do not grow any more, so they are in the sum. */
function newDays({ row, days }: CountedRow, known: KnownRow | undefined): Day[] {
  if (known?.row !== row) return days
  const [last] = known.last
  return days
    .filter(([day]) => day >= last)
    .map((day) => (day[0] === last ? since(known.last, day) : day))
    .filter((day) => redirectsOf(day) > 0)
}

/** A clock that is ahead of ours counts for today. */
function added(
  host: HostTraffic,
  days: readonly Day[],
  { row, now }: { readonly row: CountedRow; readonly now: number },
): HostTraffic {
  const today = dayAt(now)
  const kept = days.filter(([day]) => day > today - daysKept)
  const sum = new Map(host.days.map((day) => [day[0], day]))
  for (const [day, ...counts] of kept) {
    const at = Math.min(day, today)
    const more: Day = [at, ...counts]
    const there = sum.get(at)
    sum.set(at, there ? sumOf(there, more) : more)
  }
  const lastSeen = Math.max(host.lastSeen ?? 0, Math.min(row.lastSeen ?? 0, now))
  return {
    ...host,
    since: Math.min(host.since, ...sum.keys()),
    ...(lastSeen > 0 && { lastSeen }),
    days: [...sum.values()].sort(([one], [other]) => other - one),
  }
}

/** Up to where it is in the sum now. */
function heard(
  { at, rows }: Told,
  before: ReplicaTraffic | undefined,
  managed: ReadonlySet<string>,
): ReplicaTraffic {
  const { goneAt: _goneAt, ...known } = before ?? {}
  const all = { ...before?.rows }
  for (const { host, row, days } of rows) {
    const [newest] = days
    if (managed.has(host) && newest) all[host] = { row, last: newest }
  }
  return { ...known, at, rows: all }
}

/** A host that nobody wants any more is kept while it has days: a Gateway may be made anew. */
function keptHost(
  [name, host]: [string, HostTraffic],
  managed: ReadonlySet<string>,
  today: number,
): [string, HostTraffic][] {
  // A leader whose clock was ahead may have left days to come: more than fit would make a record that nobody reads.
  const days = host.days.filter(([day]) => day > today - daysKept).slice(0, daysKept)
  return managed.has(name) || days.length > 0 ? [[name, { ...host, days }]] : []
}

function keptReplicas(
  replicas: ReadonlyMap<string, ReplicaTraffic>,
  { told, present, now }: Counts,
): [string, ReplicaTraffic][] {
  const starts = new Set(told.map(({ start }) => start))
  const places = new Set(told.map(({ at }) => at))
  const all = [...replicas].map(
    ([start, replica]) => [start, { ...replica, rows: recentRows(replica.rows, dayAt(now)) }] as const,
  )
  const silent = all
    .filter(([start, { at }]) => !starts.has(start) && !places.has(at))
    .map(([start, replica]) => [start, withGone(replica, present, now)] as const)
    .filter(([, { goneAt }]) => goneAt === undefined || now - goneAt < goneMs)
    .sort(([, one], [, other]) => newestDay(other) - newestDay(one))
  return [...silent.slice(0, mostSilent), ...all.filter(([start]) => starts.has(start))]
    .map(([start, replica]): [string, ReplicaTraffic] => [start, replica])
    .sort(([one], [other]) => (one < other ? -1 : 1))
}

function newestDay({ rows }: ReplicaTraffic): number {
  return Math.max(0, ...Object.values(rows).map(({ last }) => last[0]))
}

function withGone(
  { goneAt, ...replica }: ReplicaTraffic,
  present: ReadonlySet<string> | undefined,
  now: number,
): ReplicaTraffic {
  if (present === undefined) return { ...replica, ...(goneAt !== undefined && { goneAt }) }
  return present.has(replica.at) ? replica : { ...replica, goneAt: goneAt ?? now }
}

/** What is to come of a row that is older than the days that are kept is new, all of it. */
function recentRows(rows: ReplicaTraffic['rows'], today: number): ReplicaTraffic['rows'] {
  return Object.fromEntries(Object.entries(rows).filter(([, { last }]) => last[0] > today - daysKept))
}
