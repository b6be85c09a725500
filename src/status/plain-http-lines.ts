/** Who still comes over plain http, for a terminal: the busiest hosts and what it means. Pure. */
import type { CountedStatus } from '../finding/reported.ts'
import { otherHosts } from '../traffic/replica-counts.ts'
import type { LineOptions } from './finding-lines.ts'
import { busiestFirst, grouped, trafficOf, verdictOf } from './plain-http.ts'
import type { StatusSnapshot } from './snapshot.ts'
import { printable, wrap } from './terminal.ts'
import { relative, utc } from './time.ts'
import { counted } from './words.ts'

/** The page and `--json` have all. */
const mostShown = 10

/** Nothing while nothing is counted. */
export function plainHttpLines(snapshot: StatusSnapshot, { now, width, paint }: LineOptions): string[] {
  const { plainHttp = [], counted: sum } = snapshot
  const hosts = busiestFirst(plainHttp).filter(
    (host) => host.host !== otherHosts || trafficOf(host, host.days.length).redirects > 0,
  )
  if (hosts.length === 0) return []
  const more = hosts.length - mostShown
  return [
    ...wrap(`Plain http, ${scopeWords(sum, now)}`, width, '').map((line) => paint(line, 'strong')),
    ...hosts.slice(0, mostShown).flatMap((host) => {
      const week = `${grouped(trafficOf(host, 7).redirects)} in 7 days`
      const seen = host.lastSeen === undefined ? '' : `, last seen ${relative(host.lastSeen, now)}`
      return [`  ${printable(host.host)}: ${week}${seen}`, ...wrap(verdictOf(host), width, '    ')]
    }),
    ...(more > 0 ? [`  and ${counted(more, 'more host')}: /status/redirects, or port80 status --json`] : []),
    ...silentLines(sum, width).map((line) => paint(line, 'warn')),
  ]
}

function scopeWords(sum: CountedStatus | undefined, now: number): string {
  return sum ? `all replicas, counted since ${utc(sum.since, now)}` : 'this process alone'
}

function silentLines(sum: CountedStatus | undefined, width: number): string[] {
  const silent = (sum?.asked?.silent ?? []).map(({ replica, seen }) => `${replica} ${seen}`)
  return [
    ...(silent.length > 0 ? wrap(`Not asked: ${silent.join('; ')}`, width, '  ') : []),
    ...(sum?.fault === undefined ? [] : wrap(`The sum is not written down: ${sum.fault}`, width, '  ')),
  ]
}
