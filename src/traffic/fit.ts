/** A record that fits where it is kept: with very many busy hosts fewer days are. Pure. */
import type { TrafficRecord } from '../state/traffic-record.ts'
import { dayAt, daysKept } from './day.ts'

/** Characters, all of them ASCII. A Secret holds 1 MiB. */
export const longestRecord = 900 * 1024

/**
 * The same object when it fits; else without the replicas that are gone, which seldom come back; and if that is too little
 * without its oldest days, as few as it takes, but never without today. `now` in epoch ms.
 */
export function fitting(record: TrafficRecord, now: number, limit = longestRecord): TrafficRecord {
  if (JSON.stringify(record).length <= limit) return record
  let kept = daysKept
  let fits = withoutGone(record)
  while (JSON.stringify(fits).length > limit && kept > 1) {
    kept -= 1
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
