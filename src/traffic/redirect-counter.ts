/**
 * How often each managed host was redirected, by UTC day and class of program: numbers only, in memory. No address, no
 * path and no text of a client is kept; hosts that nobody configured share one row, so that a stranger makes none.
 */
import type { PlainHttpStatus } from '../finding/reported.ts'
import { agentClassOf, type AgentClass } from './agent-class.ts'
import { mostHosts, otherHosts, type CountedRow } from './replica-counts.ts'

/** Contract: called for every redirect, so `count` adds to plain numbers; none of these throws or waits. */
export interface RedirectCounter {
  /** `host` as `Host.name`; `reads`: GET or HEAD; `now` in epoch ms. */
  count(redirect: Counted, now: number): void
  /** From now on these are managed. Counts of a host that stays, stay; those of one that goes are forgotten. */
  manage(hosts: readonly string[]): void
  /** Each managed host and then the others as one, with every day since counting began, newest first. */
  report(now: number): PlainHttpStatus[]
  /**
   * The same for the leader, of those that were redirected: counts that only grow. Of each its newest day and those from
   * `from` on (days since 1970; all unless given); at most `mostHosts` of them.
   */
  rows(from?: number): CountedRow[]
  /** Since the process began, by host. */
  totals(): ReadonlyMap<string, Readonly<Record<AgentClass, number>>>
}

export interface Counted {
  readonly host: string
  readonly reads: boolean
  readonly userAgent: string | undefined
}

export { otherHosts } from './replica-counts.ts'

const dayMs = 86_400_000
const daysKept = 30

interface Day {
  readonly day: number
  redirects: number
  reads: number
  readonly agents: Record<AgentClass, number>
}

/** Newest first; days without a redirect are not in it. */
interface Row {
  /** Another one for each row that this process ever had. */
  readonly id: number
  readonly since: number
  lastSeen: number | undefined
  days: Day[]
  readonly totals: Record<AgentClass, number>
}

export function redirectCounter(startedAt: number): RedirectCounter {
  let now = startedAt
  let rows = new Map<string, Row>()
  let made = 0
  const newRow = () => rowOf(made++, now)
  const others = newRow()
  return {
    count({ host, reads, userAgent }, at) {
      now = at
      const row = rows.get(host) ?? others
      const agent = agentClassOf(userAgent)
      const today = dayOf(row, Math.floor(at / dayMs))
      today.redirects += 1
      if (reads) today.reads += 1
      today.agents[agent] += 1
      row.totals[agent] += 1
      row.lastSeen = at
    },
    manage(hosts) {
      rows = new Map(hosts.map((host) => [host, rows.get(host) ?? newRow()]))
    },
    report(at) {
      now = at
      return [...[...rows].map(([host, row]) => statusOf(host, row, at)), statusOf(otherHosts, others, at)]
    },
    rows: (from = 0) => [
      ...[...rows].slice(0, mostHosts).flatMap(([host, row]) => countedRow(host, row, from)),
      ...countedRow(otherHosts, others, from),
    ],
    totals: () => new Map([...rows, [otherHosts, others] as const].map(([host, row]) => [host, row.totals])),
  }
}

function rowOf(id: number, at: number): Row {
  return { id, since: Math.floor(at / dayMs), lastSeen: undefined, days: [], totals: noAgents() }
}

function noAgents(): Record<AgentClass, number> {
  return { browser: 0, bot: 0, library: 0, other: 0 }
}

/** A clock that went back adds to the newest day that there is. */
function dayOf(row: Row, day: number): Day {
  const newest = row.days[0]
  if (newest !== undefined && newest.day >= day) return newest
  const today: Day = { day, redirects: 0, reads: 0, agents: noAgents() }
  row.days = [today, ...row.days.filter((each) => each.day > day - daysKept)]
  return today
}

function statusOf(host: string, row: Row, now: number): PlainHttpStatus {
  const today = Math.max(Math.floor(now / dayMs), row.since)
  const first = Math.max(row.since, today - daysKept + 1)
  const days = Array.from({ length: today - first + 1 }, (_, ago) => {
    const day = today - ago
    const { redirects, reads, agents } = row.days.find((each) => each.day === day) ?? nothing
    return { day: new Date(day * dayMs).toISOString().slice(0, 10), redirects, reads, agents: { ...agents } }
  })
  return { host, days, ...seenLast(row) }
}

function countedRow(host: string, row: Row, from: number): CountedRow[] {
  const days = row.days
    .filter(({ day }, index) => index === 0 || day >= from)
    .map(
      ({ day, reads, agents: { browser, bot, library, other } }) =>
        [day, reads, browser, bot, library, other] as const,
    )
  return days.length === 0 ? [] : [{ host, row: row.id, days, ...seenLast(row) }]
}

/** To the minute: when somebody came to the second is nobody's business. */
function seenLast({ lastSeen }: Row): { lastSeen?: number } {
  return lastSeen === undefined ? {} : { lastSeen: lastSeen - (lastSeen % 60_000) }
}

const nothing = { redirects: 0, reads: 0, agents: noAgents() }
