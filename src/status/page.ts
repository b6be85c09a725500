/** /status: what needs attention first, then every certificate. Pure. */
import { severityOf } from '../finding/finding.ts'
import { renderCard } from './certificate-card.ts'
import { renderDocument, type PageOptions } from './document.ts'
import { renderFindingLines } from './finding-list.ts'
import { html, type Html } from './html.ts'
import { renderConfigurationFaults, renderFacts, renderHolds, renderNotices } from './overview.ts'
import type { StatusSnapshot } from './snapshot.ts'
import { renderSources } from './sources.ts'
import { byUrgency, headline, toneAmong } from './tone.ts'
import type { Links } from './views.ts'
import { certificateCount, counted } from './words.ts'

/** With more, those in good order are folded: their bars are seen at a glance, the rest when opened. */
const manyCertificates = 12

export function renderStatusPage(snapshot: StatusSnapshot, options: PageOptions): string {
  const { now } = options
  const { tone, text } = headline(snapshot)
  return renderDocument(
    {
      ...{ view: 'overview', depth: 0, title: text, tone },
      skipTo: { id: 'certificates', words: 'To the certificates' },
      lead: () => html`${renderFacts(snapshot, now)} ${renderNotices(snapshot, now)}`,
      main: (links) =>
        html`${renderConfigurationFaults(snapshot)} ${renderFound(snapshot, links)}
        ${renderHolds(snapshot, now)} ${renderSources(snapshot)} ${renderCertificates(snapshot, links, now)}`,
    },
    snapshot,
    options,
  )
}

/** Notes are left to their own page: nobody has to do anything about them today. */
function renderFound({ findings = [] }: StatusSnapshot, links: Links): Html | undefined {
  const urgent = findings.filter((finding) => severityOf(finding) !== 'note')
  if (urgent.length === 0) return undefined
  const others = findings.length - urgent.length
  return html`<section aria-labelledby="found">
    <h2 id="found">Found on the way of the CA and of visitors</h2>
    <div class="card plain">
      ${renderFindingLines(urgent, links)}
      <p class="small">
        <a href="${links.view('findings')}">How to mend ${urgent.length === 1 ? 'it' : 'them'}</a
        >${others > 0 && html`, and ${counted(others, 'note')}`}
      </p>
    </div>
  </section>`
}

function renderCertificates(snapshot: StatusSnapshot, links: Links, now: number): Html {
  const { certificates, findings } = snapshot
  const sorted = byUrgency(certificates, findings)
  const isWell = (each: StatusSnapshot['certificates'][number]) => toneAmong(each, findings) === 'good'
  const well = sorted.filter(isWell)
  const others = sorted.filter((each) => !isWell(each))
  const folded = well.length > manyCertificates
  const options = { now, links, findings }
  return html`<section id="certificates" aria-labelledby="certificates-title">
    <h2 id="certificates-title">
      ${others.length === 0 ? 'Certificates' : 'Needs attention, or on the way'}
    </h2>
    ${certificates.length === 0 && html`<p>None yet: name some under <code>certificates</code> in the configuration.</p>`}
    ${others.map((each) => renderCard(each, { ...options, folded: false }))}
    ${well.length > 0 && others.length > 0 && html`<h2>${certificateCount(well.length)} in good order</h2>`}
    ${well.map((each) => renderCard(each, { ...options, folded }))}
  </section>`
}
