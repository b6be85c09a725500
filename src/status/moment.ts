/** A moment in the page: absolute and relative, readable by machines too. Pure. */
import { html, type Html } from './html.ts'
import { isoTime, relative, utc } from './time.ts'

/** `2027-04-09 15:15 UTC, in 31 d` in one line. */
export function when(at: number, now: number): Html {
  return html`<time datetime="${isoTime(at)}">${utc(at, now)}</time>,
    <span class="nowrap">${relative(at, now)}</span>`
}

/** The same as two descriptions of a list. */
export function moment(at: number, now: number): Html {
  return html`<dd><time datetime="${isoTime(at)}">${utc(at, now)}</time></dd>
    <dd class="quiet">${relative(at, now)}</dd>`
}
