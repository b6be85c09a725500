/**
 * The status page: one HTML document without script, pictures or anything else to fetch. Pure. It needs only the style
 * of its own head and the icon in it, which is what `statusPolicy` allows.
 */
import { renderCard } from './certificate-card.ts'
import { html, type Html } from './html.ts'
import { renderConfigurationFaults, renderFacts, renderHolds, renderNotices } from './overview.ts'
import { light } from './palette.ts'
import type { CertificateStatus, StatusSnapshot } from './snapshot.ts'
import { renderSources } from './sources.ts'
import { styleHash, styleSheet } from './style.ts'
import { isoTime, utc } from './time.ts'
import { byUrgency, headline, toneOf, type Tone } from './tone.ts'
import { certificateCount } from './words.ts'

/** Content-Security-Policy of the page: its own style, its own icon, nothing else, and in no frame. */
export const statusPolicy = [
  "default-src 'none'",
  `style-src '${styleHash}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Whole, because white space inside the element would be part of what the policy's hash covers. */
const styleElement: Html = { markup: `<style>${styleSheet}</style>` }

export interface PageOptions {
  readonly now: number
  /** Off for reading in peace and for printing; a page that reloads also folds what was opened. */
  readonly refresh: boolean
}

const refreshSeconds = 30
/** With more, those in good order are folded: their bars are seen at a glance, the rest when opened. */
const manyCertificates = 12

export function renderStatusPage(snapshot: StatusSnapshot, { now, refresh }: PageOptions): string {
  const { tone, text } = headline(snapshot)
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        ${refresh && html`<meta http-equiv="refresh" content="${refreshSeconds}" />`}
        <title>${text} · port80</title>
        <link rel="icon" href="${icon(tone)}" />
        ${styleElement}
      </head>
      <body>
        <a class="skip" href="#certificates">To the certificates</a>
        <header>
          <p class="brand"><strong>port80</strong> <span class="quiet">${snapshot.version}</span></p>
          <h1 class="${tone}"><span class="dot" aria-hidden="true"></span>${text}</h1>
          ${renderFacts(snapshot, now)} ${renderNotices(snapshot, now)}
        </header>
        <main>
          ${renderConfigurationFaults(snapshot)} ${renderHolds(snapshot, now)} ${renderSources(snapshot)}
          ${renderCertificates(snapshot.certificates, now)}
        </main>
        ${renderFooter(snapshot, { now, refresh })}
      </body>
    </html> `.markup
}

function renderCertificates(certificates: readonly CertificateStatus[], now: number): Html {
  const sorted = byUrgency(certificates)
  const well = sorted.filter((certificate) => toneOf(certificate) === 'good')
  const others = sorted.filter((certificate) => toneOf(certificate) !== 'good')
  const card = (certificate: CertificateStatus, folded: boolean) => renderCard(certificate, { now, folded })
  return html`<section id="certificates" aria-labelledby="certificates-title">
    <h2 id="certificates-title">
      ${others.length === 0 ? 'Certificates' : 'Needs attention, or on the way'}
    </h2>
    ${certificates.length === 0 && html`<p>None yet: name some under <code>certificates</code> in the configuration.</p>`}
    ${others.map((certificate) => card(certificate, false))}
    ${well.length > 0 && others.length > 0 && html`<h2>${certificateCount(well.length)} in good order</h2>`}
    ${well.map((certificate) => card(certificate, well.length > manyCertificates))}
  </section>`
}

function renderFooter(snapshot: StatusSnapshot, { now, refresh }: PageOptions): Html {
  const toggle = refresh
    ? html`Refreshes every ${refreshSeconds} s · <a href="?refresh=off">stop that</a>`
    : html`Does not refresh · <a href="?">refresh every ${refreshSeconds} s</a>`
  return html`<footer>
    <p>As of <time datetime="${isoTime(snapshot.at)}">${utc(snapshot.at, now)}</time></p>
    <p>${toggle}</p>
    <nav aria-label="Other views">
      <a href="status.json">status.json</a><a href="metrics">metrics</a><a href="readyz">readyz</a
      ><a href="livez">livez</a>
    </nav>
  </footer>`
}

/** The tab shows the state too. */
function icon(tone: Tone): string {
  const colour = encodeURIComponent(light[tone])
  return `data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='7' fill='${colour}'/%3E%3C/svg%3E`
}
