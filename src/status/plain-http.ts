/** Who still comes over plain http: sums, and what they mean in a sentence. Pure. */
import type { PlainHttpStatus } from '../finding/reported.ts'
import { counted } from './words.ts'

export type Traffic = Omit<PlainHttpStatus['days'][number], 'day'>

/** The sums of the newest `days`. */
export function trafficOf({ days }: Pick<PlainHttpStatus, 'days'>, count: number): Traffic {
  const newest = days.slice(0, count)
  const sum = (of: (day: PlainHttpStatus['days'][number]) => number) =>
    newest.reduce((total, day) => total + of(day), 0)
  return {
    redirects: sum(({ redirects }) => redirects),
    reads: sum(({ reads }) => reads),
    agents: {
      browser: sum(({ agents }) => agents.browser),
      bot: sum(({ agents }) => agents.bot),
      library: sum(({ agents }) => agents.library),
      other: sum(({ agents }) => agents.other),
    },
  }
}

/** Days of silence after which a team may act on it; fewer may be a week-end, or a job of the end of the month. */
const daysToBeSure = 30

/** What a team may conclude, and no more: a browser that keeps to https by itself is not seen here. */
export function verdictOf(host: PlainHttpStatus): string {
  const count = host.days.length
  if (count === 0) return 'Nothing is counted yet.'
  const all = trafficOf(host, count)
  if (all.redirects === 0) return nobody(count)
  const quiet = host.days.findIndex(({ redirects }) => redirects > 0)
  if (quiet >= 7)
    return `Nobody has come for ${counted(quiet, 'day')}; before that there were ${shares(all)}. ${wait(quiet)}`
  if (all.agents.browser === 0)
    return `No browser has come ${during(count)}, only programs (${shares(all)}): ${forPrograms(count)}`
  const week = trafficOf(host, 7)
  if (week.agents.browser === 0)
    return `No browser has come in the last 7 days; programs have (${shares(week)}).`
  return `${percent(week.agents.browser, week.redirects)} of the redirects of ${counted(Math.min(count, 7), 'day')} are browsers: HSTS would keep those on https.`
}

function nobody(count: number): string {
  const seen = `Nobody has come ${during(count)}`
  return count >= daysToBeSure
    ? `${seen}: it is safe to close port 80 to everybody but the CA, and to send HSTS.`
    : `${seen}: so far port 80 is needed for the CA alone. ${wait(count)}`
}

function forPrograms(count: number): string {
  return count >= daysToBeSure
    ? 'HSTS changes nothing for people, and stops no program.'
    : `so far HSTS would change nothing for people. ${wait(count)}`
}

/** A count that began some minutes ago has seen no day yet. */
function during(count: number): string {
  return count === 1 ? 'today' : `in ${counted(count, 'day')}`
}

function wait(quiet: number): string {
  return `Wait ${counted(daysToBeSure - quiet, 'day')} more to be sure.`
}

const classWords = {
  browser: 'browsers',
  bot: 'bots',
  library: 'libraries',
  other: 'other programs',
} as const

/** Who is left, the most first: `libraries 80 %, bots 20 %`. */
function shares({ redirects, agents }: Traffic): string {
  return Object.entries(agents)
    .filter(([, count]) => count > 0)
    .sort(([, one], [, other]) => other - one)
    .map(([name, count]) => `${classWords[name as keyof typeof agents]} ${percent(count, redirects)}`)
    .join(', ')
}

/** The most of the last week first. */
export function busiestFirst(plainHttp: readonly PlainHttpStatus[] = []): PlainHttpStatus[] {
  const week = (host: PlainHttpStatus) => trafficOf(host, 7).redirects
  return plainHttp.toSorted((one, other) => week(other) - week(one) || (one.host < other.host ? -1 : 1))
}

/** `41 %`; something is never 0 %, and not all never 100 %. */
export function percent(part: number, whole: number): string {
  if (whole <= 0 || part <= 0) return '0 %'
  if (part >= whole) return '100 %'
  const exact = (part / whole) * 100
  if (exact < 1) return '< 1 %'
  return `${Math.min(99, Math.round(exact))} %`
}

/** `12,340`: digits in threes. */
export function grouped(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',')
}
