/** A record that fits where it is kept: with very many busy hosts fewer days are, and then fewer hosts. Pure. */
import type { TrafficRecord } from '../state/traffic-record.ts'
import { dayAt, daysKept } from './day.ts'
import { withFewerHosts } from './rest.ts'

/** Bytes, which are characters: all of them are ASCII. A Secret holds 1 MiB. */
export const longestRecord = 900 * 1024

/**
 * The same object when it fits; else without the replicas that are gone, which seldom come back. If that is too little: where
 * what was told by each replica takes more than half, with the least busy hosts as one (rest.ts); then without its oldest
 * days, as few as it takes, but never without today; and at last with as few hosts as it takes. `now` in epoch ms.
 */
export function fitting(record: TrafficRecord, now: number, limit = longestRecord): TrafficRecord {
  if (sizeOf(record) <= limit) return record
  const there = withoutGone(record)
  const fewer = folded(there, ({ replicas }) => sizeOf(replicas) <= limit / 2)
  return folded(withoutOldDays(fewer, now, limit), (each) => sizeOf(each) <= limit)
}

function sizeOf(value: object): number {
  return JSON.stringify(value).length
}

/** A fifth of the hosts at a time, until it fits or there is none left. */
function folded(record: TrafficRecord, fits: (record: TrafficRecord) => boolean): TrafficRecord {
  let next = record
  for (let most = Object.keys(record.hosts).length; most > 0 && !fits(next);) {
    most = Math.floor(most * 0.8)
    next = withFewerHosts(next, most)
  }
  return next
}

function withoutOldDays(record: TrafficRecord, now: number, limit: number): TrafficRecord {
  let fits = record
  for (let kept = daysKept - 1; kept >= 1 && sizeOf(fits) > limit; kept--) {
    const first = dayAt(now) - kept + 1
    const hosts = Object.entries(fits.hosts).map(([name, host]) => {
      const days = host.days.filter(([day]) => day >= first)
      return [name, { ...host, since: Math.max(host.since, first), days }] as const
    })
    fits = { ...fits, hosts: Object.fromEntries(hosts) }
  }
  return fits
}

/** One that came back all the same would be counted anew; days that were left out would be lost for good. */
function withoutGone(record: TrafficRecord): TrafficRecord {
  const there = Object.entries(record.replicas).filter(([, { goneAt }]) => goneAt === undefined)
  return { ...record, replicas: Object.fromEntries(there) }
}
