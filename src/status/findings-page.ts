/** /status/findings: everything that was found, the worst first, and how far the CA gets. Pure. */
import type { Severity } from '../finding/catalogue.ts'
import { severityOf } from '../finding/finding.ts'
import { renderDocument, type PageOptions } from './document.ts'
import { renderFindings } from './finding-list.ts'
import { html, type Html } from './html.ts'
import { renderLegs } from './legs.ts'
import { renderLooks, wordsOfSilence } from './looks.ts'
import type { StatusSnapshot } from './snapshot.ts'
import { countOf, type Headline } from './tone.ts'
import { counted } from './words.ts'

export function renderFindingsPage(snapshot: StatusSnapshot, options: PageOptions): string {
  const { tone, text } = headlineOf(snapshot)
  return renderDocument(
    {
      ...{ view: 'findings', depth: 1, title: text, tone },
      skipTo: { id: 'found', words: 'To the findings' },
      lead: () => html`<p class="lead">${leadOf(snapshot)}</p>`,
      main: () =>
        html`<div id="found">
          ${severities.map((severity) => renderSeverity(severity, snapshot, options.now))}
          ${renderLooks(snapshot, options.now)} ${renderLegs(snapshot.legs, { now: options.now, all: false })}
        </div>`,
    },
    snapshot,
    options,
  )
}

const severities = ['error', 'warning', 'note'] as const

function headlineOf(snapshot: StatusSnapshot): Headline {
  const { findings } = snapshot
  const [errors, warnings] = [countOf(findings, 'error'), countOf(findings, 'warning')]
  if (errors > 0) return { tone: 'bad', text: `${counted(errors, 'error')} found` }
  if (warnings > 0) return { tone: 'warn', text: `${counted(warnings, 'warning')} found` }
  return wordsOfSilence(snapshot)
}

/** What the heading does not say. An empty list is worth as much as the looks that made it. */
function leadOf(snapshot: StatusSnapshot): string {
  const { findings = [], leftOut } = snapshot
  const rest = leftOut?.findings ?? 0
  const room = rest > 0 ? ` ${counted(rest, 'finding')} of less weight had no room here.` : ''
  return findings.length === 0
    ? wordsOfSilence(snapshot).more
    : `Each with what was seen, why it matters and how it is mended. A finding goes when the next looks no longer see it.${room}`
}

function renderSeverity(
  severity: Severity,
  { findings = [] }: StatusSnapshot,
  now: number,
): Html | undefined {
  const those = findings.filter((finding) => severityOf(finding) === severity)
  if (those.length === 0) return undefined
  return html`<section aria-labelledby="${severity}s">
    <h2 id="${severity}s">${counted(those.length, severity)}</h2>
    ${renderFindings(those, now)}
  </section>`
}
