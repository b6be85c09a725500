/**
 * The least busy hosts counted as one. Beside the sum the record has, for each replica and host, up to where it was told:
 * fifteen replicas of a thousand hosts are more than a Secret holds. Such a host has no row of its own any more, neither in the
 * sum nor of a replica; nothing that was counted is lost. Pure.
 */
import type { HostTraffic, ReplicaTraffic, TrafficRecord } from '../state/traffic-record.ts'
import { redirectsOf, sumOf, type Day } from './day.ts'
import { otherHosts, type CountedRow } from './replica-counts.ts'

/** No name of a host: it has spaces. */
export const restHosts = 'least busy hosts'

/** What a replica tells, with the rows of these hosts as one. */
export function withRest(rows: readonly CountedRow[], folded: ReadonlySet<string>): CountedRow[] {
  const rest = rows.filter(({ host }) => folded.has(host))
  if (rest.length === 0) return [...rows]
  const lastSeen = Math.max(0, ...rest.map((each) => each.lastSeen ?? 0))
  const row: CountedRow = {
    ...{ host: restHosts, row: 0, days: summed(rest.map(({ days }) => days)) },
    ...(lastSeen > 0 && { lastSeen }),
  }
  return [...rows.filter(({ host }) => !folded.has(host)), row]
}

/** All but so many of the busiest hosts folded into the rest, and what is folded already. */
export function withFewerHosts(record: TrafficRecord, most: number): TrafficRecord {
  const busy = ({ days }: HostTraffic) => days.reduce((sum, day) => sum + redirectsOf(day), 0)
  const own = Object.entries(record.hosts)
    .filter(([name]) => name !== otherHosts && name !== restHosts)
    .sort(([, one], [, other]) => busy(other) - busy(one))
  const names = new Set(own.slice(most).map(([name]) => name))
  if (names.size === 0) return record
  const { folded = [], hosts, replicas } = record
  const all = Object.entries(hosts)
  const rest = all.filter(([name]) => names.has(name) || name === restHosts).map(([, host]) => host)
  const kept = all.filter(([name]) => !names.has(name) && name !== restHosts)
  return {
    ...record,
    hosts: Object.fromEntries([...kept, [restHosts, hostOf(rest)]]),
    folded: [...folded, ...names].sort(),
    replicas: Object.fromEntries(
      Object.entries(replicas).map(([start, each]) => [start, { ...each, rows: rowsOf(each.rows, names) }]),
    ),
  }
}

function hostOf(hosts: readonly HostTraffic[]): HostTraffic {
  const lastSeen = Math.max(0, ...hosts.map((each) => each.lastSeen ?? 0))
  return {
    since: Math.min(...hosts.map(({ since }) => since)),
    ...(lastSeen > 0 && { lastSeen }),
    days: summed(hosts.map(({ days }) => days)),
  }
}

/** Of the newest day that any of them was told: earlier ones do not grow any more. */
function rowsOf(rows: ReplicaTraffic['rows'], names: ReadonlySet<string>): ReplicaTraffic['rows'] {
  const all = Object.entries(rows)
  const isRest = (name: string) => names.has(name) || name === restHosts
  const [last] = summed(all.filter(([name]) => isRest(name)).map(([, row]) => [row.last]))
  const kept = Object.fromEntries(all.filter(([name]) => !isRest(name)))
  return last ? { ...kept, [restHosts]: { row: 0, last } } : kept
}

/** By day, newest first. */
function summed(all: readonly (readonly Day[])[]): Day[] {
  const sum = new Map<number, Day>()
  for (const day of all.flat()) {
    const there = sum.get(day[0])
    sum.set(day[0], there ? sumOf(there, day) : day)
  }
  return [...sum.values()].sort(([one], [other]) => other - one)
}
