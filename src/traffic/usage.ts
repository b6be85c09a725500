/** What the sum says for the status: each managed host with every day since it is counted, quiet ones too. Pure. */
import type { PlainHttpStatus } from '../finding/reported.ts'
import type { HostTraffic, TrafficRecord } from '../state/traffic-record.ts'
import { dayAt, dayMs, daysKept, redirectsOf, type Day } from './day.ts'
import { otherHosts } from './replica-counts.ts'
import { restHosts } from './rest.ts'

/** In the order of `hosts`, then the least busy as one where there was no room for each, then the others as one; a host that the sum does not know yet is not in it. */
export function plainHttpOf(record: TrafficRecord, hosts: readonly string[], now: number): PlainHttpStatus[] {
  return [...new Set(hosts), restHosts, otherHosts].flatMap((name) => {
    const host = record.hosts[name]
    return host ? [hostOf(name, host, now)] : []
  })
}

/** Newest first, from today back to the first that is counted, thirty at the most. */
function hostOf(host: string, { since, lastSeen, days }: HostTraffic, now: number): PlainHttpStatus {
  const today = Math.max(dayAt(now), since)
  const count = Math.min(daysKept, today - since + 1)
  const known = new Map(days.map((day) => [day[0], day]))
  return {
    host,
    days: Array.from({ length: count }, (_, ago) =>
      dayOf(known.get(today - ago) ?? [today - ago, 0, 0, 0, 0, 0]),
    ),
    ...(lastSeen !== undefined && { lastSeen }),
  }
}

export function dayOf(counts: Day): PlainHttpStatus['days'][number] {
  const [day, reads, browser, bot, library, other] = counts
  return {
    day: dateOf(day),
    redirects: redirectsOf(counts),
    reads,
    agents: { browser, bot, library, other },
  }
}

/** `2026-11-25`, UTC. */
export function dateOf(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, 10)
}
