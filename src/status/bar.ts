/**
 * A certificate's life as a bar: issued, renewal window, chosen moment, now, expiry. Inline SVG whose lengths are
 * percentages, so it fits any width; styled by class, because the page's policy allows no style attributes. Pure.
 */
import { html, type Html } from './html.ts'
import type { CertificateStatus } from './snapshot.ts'
import { relative } from './time.ts'

/** Heights in CSS pixels. */
const top = 16
const thickness = 14
const middle = top + thickness / 2
const height = 36

/** Positions on the bar, in per cent of its length. */
export interface Life {
  readonly now: number
  readonly expiry: number
  readonly renewal?: number
  readonly window?: { readonly from: number; readonly to: number }
}

/** From notBefore to notAfter, or to now where that is later; what lies outside is drawn at the end it lies beyond. */
export function lifeOf({ current, renewal }: CertificateStatus, now: number): Life | undefined {
  if (!current) return undefined
  const { notBefore, notAfter } = current
  const length = Math.max(notAfter, now, notBefore + 1) - notBefore
  const place = (at: number) =>
    Math.round(Math.min(100, Math.max(0, ((at - notBefore) / length) * 100)) * 100) / 100
  return {
    now: place(now),
    expiry: place(notAfter),
    ...(renewal && { renewal: place(renewal.at) }),
    ...(renewal?.window && { window: { from: place(renewal.window.start), to: place(renewal.window.end) } }),
  }
}

export function renderBar(certificate: CertificateStatus, now: number): Html {
  const life = lifeOf(certificate, now)
  if (!life) {
    return html`<svg
      class="life"
      role="img"
      aria-label="No certificate of a CA yet"
      height="${height}"
      width="100%"
    >
      <rect class="none" x="0.5" y="${top}" width="99.8%" height="${thickness}" rx="7" />
      <text class="label" x="1" y="10">no certificate of a CA yet</text>
    </svg>`
  }
  return html`<svg
    class="life"
    role="img"
    aria-label="${describeLife(certificate, now)}"
    height="${height}"
    width="100%"
  >
    <rect class="track" x="0" y="${top}" width="100%" height="${thickness}" rx="7" />
    <rect
      class="lived"
      x="0"
      y="${top}"
      width="${Math.min(life.now, life.expiry)}%"
      height="${thickness}"
      rx="7"
    />
    ${life.expiry < 100 && html`<rect class="over" x="${life.expiry}%" y="${top}" width="${round(100 - life.expiry)}%" height="${thickness}" rx="7" />`}
    ${life.window && windowBand(life.window)}
    ${life.renewal !== undefined && html`<svg x="${life.renewal}%" y="${middle}" overflow="visible"><path class="chosen" d="M0-9 9 0 0 9-9 0Z" /></svg>`}
    <svg x="${life.now}%" y="0" overflow="visible"><path class="now" d="M0 ${top - 3}V${height}" /></svg>
    <text class="label" x="${life.now}%" y="10" text-anchor="${anchor(life.now)}">now</text>
  </svg>`
}

/** A window of hours in a life of months is still a mark that can be seen. */
function windowBand({ from, to }: { from: number; to: number }): Html {
  const width = Math.max(0.6, round(to - from))
  return html`<rect
    class="window"
    x="${Math.min(from, 100 - width)}%"
    y="${top - 3}"
    width="${width}%"
    height="${thickness + 6}"
    rx="3"
  />`
}

function anchor(place: number): string {
  if (place < 4) return 'start'
  return place > 96 ? 'end' : 'middle'
}

/** The same in words, for those who do not see the bar. */
export function describeLife({ current, renewal }: CertificateStatus, now: number): string {
  if (!current) return 'No certificate of a CA yet'
  const expiry = `${current.notAfter > now ? 'expires' : 'expired'} ${relative(current.notAfter, now)}`
  const renews = renewal && `renewal ${renewal.at > now ? '' : 'was due '}${relative(renewal.at, now)}`
  return [`Issued ${relative(current.notBefore, now)}`, renews, expiry].filter(Boolean).join(', ')
}

const round = (value: number) => Math.round(value * 100) / 100
