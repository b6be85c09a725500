/** /status/findings: everything that was found, the worst first, and how far the CA gets. Pure. */
import type { Severity } from '../finding/catalogue.ts'
import { severityOf } from '../finding/finding.ts'
import { renderDocument, type PageOptions } from './document.ts'
import { renderFindings } from './finding-list.ts'
import { html, type Html } from './html.ts'
import { renderLegs } from './legs.ts'
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
          ${renderLegs(snapshot.legs, { now: options.now, all: false })}
        </div>`,
    },
    snapshot,
    options,
  )
}

const severities = ['error', 'warning', 'note'] as const

function headlineOf({ findings }: StatusSnapshot): Headline {
  const [errors, warnings] = [countOf(findings, 'error'), countOf(findings, 'warning')]
  if (errors > 0) return { tone: 'bad', text: `${counted(errors, 'error')} found` }
  if (warnings > 0) return { tone: 'warn', text: `${counted(warnings, 'warning')} found` }
  if (findings === undefined) return { tone: 'busy', text: 'Nothing has been looked at yet' }
  return { tone: 'good', text: 'Nothing is wrong' }
}

/** What the heading does not say. An empty list is worth as much as the looks that made it. */
function leadOf({ findings, leftOut }: StatusSnapshot): string {
  if (findings === undefined)
    return 'port80 looks at the objects of the mesh, at the way of the CA to each host and at what gateways serve while it leads; no look has ended yet, or all are off.'
  const rest = leftOut?.findings ?? 0
  const room = rest > 0 ? ` ${counted(rest, 'finding')} of less weight had no room here.` : ''
  return findings.length === 0
    ? 'Every look that has ended found things as they are meant to be.'
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
