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

/** What a team may conclude, and no more: a browser that keeps to https by itself is not seen here. */
export function verdictOf(host: PlainHttpStatus): string {
  const counting = counted(host.days.length, 'day')
  if (host.days.length === 0) return 'Nothing is counted yet.'
  const all = trafficOf(host, host.days.length)
  if (all.redirects === 0) return `Nobody has come in ${counting}: port 80 is needed for the CA alone.`
  if (all.agents.browser === 0)
    return `No browser has come in ${counting}, only programs: HSTS changes nothing for people, and stops no program.`
  const week = trafficOf(host, 7)
  if (week.agents.browser === 0) return 'No browser has come in the last 7 days.'
  return `${percent(week.agents.browser, week.redirects)} of the redirects of 7 days are browsers: HSTS would keep those on https.`
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
