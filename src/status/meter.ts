/** How much of a bucket is used, and what is kept for renewals, as a bar with the same in words. Pure. */
import { html, type Html } from './html.ts'

const height = 12

export interface Meter {
  readonly used: number
  readonly limit: number
  /** Of the limit, at its end. */
  readonly reserve: number
}

export function renderMeter({ used, limit, reserve }: Meter): Html {
  const whole = Math.max(limit, 1)
  const place = (amount: number) => Math.round(Math.min(100, Math.max(0, (amount / whole) * 100)) * 100) / 100
  const kept = place(Math.min(reserve, limit))
  const full = used >= limit - reserve
  return html`<svg
    class="meter"
    role="img"
    aria-label="${describeMeter({ used, limit, reserve })}"
    height="${height}"
    width="100%"
  >
    <rect class="track" width="100%" height="${height}" rx="6" />
    ${kept > 0 && html`<rect class="kept" x="${100 - kept}%" width="${kept}%" height="${height}" rx="6" />`}
    <rect class="${full ? 'used full' : 'used'}" width="${place(used)}%" height="${height}" rx="6" />
  </svg>`
}

export function describeMeter({ used, limit, reserve }: Meter): string {
  return `${used} of ${limit} used${reserve > 0 ? `, ${reserve} kept for renewals` : ''}`
}
