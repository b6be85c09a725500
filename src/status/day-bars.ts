/** Redirects of the last thirty days as bars, the newest at the right, with the same in words. Pure. */
import type { PlainHttpStatus } from '../finding/reported.ts'
import { html, type Html } from './html.ts'
import { grouped } from './plain-http.ts'

const shown = 30
const height = 36

export function renderDayBars({ host, days }: PlainHttpStatus): Html {
  const newest = days.slice(0, shown)
  const most = Math.max(1, ...newest.map(({ redirects }) => redirects))
  const width = 100 / shown
  return html`<svg
    class="days"
    role="img"
    aria-label="${describeDays({ host, days })}"
    height="${height}"
    width="100%"
  >
    <rect class="floor" y="${height - 1}" width="100%" height="1" />
    ${newest.map(({ redirects, agents }, ago) => {
      const x = round(100 - (ago + 1) * width)
      const tall = redirects === 0 ? 0 : Math.max(2, Math.round((redirects / most) * (height - 2)))
      const people = redirects === 0 ? 0 : Math.round((agents.browser / redirects) * tall)
      return html`<rect
          class="all"
          x="${x}%"
          y="${height - tall}"
          width="${round(width * 0.78)}%"
          height="${tall}"
        />${people > 0 && html`<rect class="people" x="${x}%" y="${height - people}" width="${round(width * 0.78)}%" height="${people}" />`}`
    })}
  </svg>`
}

export function describeDays({ days }: Pick<PlainHttpStatus, 'host' | 'days'>): string {
  const newest = days.slice(0, shown)
  const [today] = newest
  if (!today) return 'No day is counted yet'
  const most = newest.reduce((one, other) => (other.redirects > one.redirects ? other : one))
  return `Redirects a day: ${grouped(today.redirects)} on ${today.day}, at most ${grouped(most.redirects)} on ${most.day}`
}

const round = (value: number) => Math.round(value * 100) / 100
