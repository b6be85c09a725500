/**
 * What all pages of the status have in common: head, navigation, the order of landmarks, footer. Pure. No script, no
 * pictures, nothing to fetch: a page needs the style of its own head and the icon in it, which is what `statusPolicy` allows.
 */
import { html, type Html } from './html.ts'
import { light } from './palette.ts'
import type { StatusSnapshot } from './snapshot.ts'
import { styleHash, styleSheet } from './style.ts'
import { isoTime, utc } from './time.ts'
import { countOf, type Tone } from './tone.ts'
import { linksFrom, viewTitles, views, type Links, type View } from './views.ts'

/** Content-Security-Policy of the pages: their own style, their own icon, nothing else, and in no frame. */
export const statusPolicy = [
  "default-src 'none'",
  `style-src '${styleHash}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export interface PageOptions {
  readonly now: number
  /** Off for reading in peace and for printing; a page that reloads also folds what was opened. */
  readonly refresh: boolean
}

export interface Page {
  /** Undefined: a page below the overview, of one certificate. */
  readonly view: View | undefined
  /** Path segments after /status. */
  readonly depth: number
  /** The heading of first level, and what the tab says. */
  readonly title: string
  readonly tone: Tone
  /** Of the heading: for the skip link. */
  readonly skipTo: { readonly id: string; readonly words: string }
  /** Below the heading, before the main part. */
  readonly lead?: (links: Links) => Html
  readonly main: (links: Links) => Html
}

/** Whole, because white space inside the element would be part of what the policy's hash covers. */
const styleElement: Html = { markup: `<style>${styleSheet}</style>` }
const refreshSeconds = 30

export function renderDocument(page: Page, snapshot: StatusSnapshot, options: PageOptions): string {
  const { tone, title, skipTo } = page
  const links = linksFrom(page.depth, options.refresh)
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        ${options.refresh && html`<meta http-equiv="refresh" content="${refreshSeconds}" />`}
        <title>${title} · port80</title>
        <link rel="icon" href="${icon(tone)}" />
        ${styleElement}
      </head>
      <body>
        <a class="skip" href="#${skipTo.id}">${skipTo.words}</a>
        <header>
          <div class="top">
            <p class="brand"><strong>port80</strong> <span class="quiet">${snapshot.version}</span></p>
            ${renderNavigation(page.view, snapshot, links)}
          </div>
          <h1 class="${tone}"><span class="dot" aria-hidden="true"></span>${title}</h1>
          ${page.lead?.(links)}
        </header>
        <main>${page.main(links)}</main>
        ${renderFooter(snapshot, links, options)}
      </body>
    </html> `.markup
}

function renderNavigation(current: View | undefined, snapshot: StatusSnapshot, links: Links): Html {
  const troubles = countOf(snapshot.findings, 'error')
  return html`<nav class="views" aria-label="Status">
    <ul>
      ${views.map(
        (view) =>
          html`<li>
            ${anchor(links.view(view), viewTitles[view], view === current)}
            ${view === 'findings' && troubles > 0 && html`<span class="count bad">${troubles}<span class="unseen"> errors</span></span>`}
          </li>`,
      )}
    </ul>
  </nav>`
}

function anchor(href: string, words: string, isCurrent: boolean): Html {
  return isCurrent
    ? html`<a href="${href}" aria-current="page">${words}</a>`
    : html`<a href="${href}">${words}</a>`
}

function renderFooter(snapshot: StatusSnapshot, links: Links, { now, refresh }: PageOptions): Html {
  const toggle = refresh
    ? html`Refreshes every ${refreshSeconds} s · <a href="?refresh=off">stop that</a>`
    : html`Does not refresh · <a href="?">refresh every ${refreshSeconds} s</a>`
  return html`<footer>
    <p>As of <time datetime="${isoTime(snapshot.at)}">${utc(snapshot.at, now)}</time></p>
    <p>${toggle}</p>
    <nav aria-label="For machines">
      ${['status.json', 'metrics', 'readyz', 'livez'].map((name) => html`<a href="${links.beside(name)}">${name}</a>`)}
    </nav>
  </footer>`
}

/** The tab shows the state too. */
function icon(tone: Tone): string {
  const colour = encodeURIComponent(light[tone])
  return `data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='7' fill='${colour}'/%3E%3C/svg%3E`
}
