/** /status: what needs attention first, then every certificate. Pure. */
import { severityOf } from '../finding/finding.ts'
import { renderCard } from './certificate-card.ts'
import { renderRows } from './certificate-rows.ts'
import { renderDocument, type PageOptions } from './document.ts'
import { renderFindingLines } from './finding-list.ts'
import { html, type Html } from './html.ts'
import { renderConfigurationFaults, renderFacts, renderHolds, renderNotices } from './overview.ts'
import type { StatusSnapshot } from './snapshot.ts'
import { renderSources } from './sources.ts'
import { byUrgency, headline, toneAmong, type Tone } from './tone.ts'
import type { Links } from './views.ts'
import { certificateCount, counted } from './words.ts'

/** With more, those in good order are folded: their bars are seen at a glance, the rest when opened. */
const manyCertificates = 12
/** With more of one kind they are a table: the cards of hundreds would be megabytes, sent again with each refresh. */
const mostCards = 50

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
  const groups = Map.groupBy(
    byUrgency(certificates, findings),
    (each) => groupOfTone[toneAmong(each, findings)],
  )
  const there = groupNames.filter((name) => groups.has(name))
  const jumps = there.length > 1 && certificates.length > manyCertificates
  // A few in several states need no heading above the headings of the states.
  const titled = there.length < 2 || jumps
  const idOf = (name: GroupName) => (titled || name !== there[0] ? name : 'certificates-title')
  return html`<section id="certificates" aria-labelledby="certificates-title">
    ${titled && html`<h2 id="certificates-title">Certificates</h2>`}
    ${certificates.length === 0 && html`<p>None yet: name some under <code>certificates</code> in the configuration.</p>`}
    ${jumps && renderJumps(there, groups)}
    ${there.map((name) => renderGroup(name, groups.get(name) ?? [], { now, links, findings, labelledBy: there.length === 1 ? undefined : idOf(name) }))}
  </section>`
}

const groupNames = ['attention', 'busy', 'well'] as const
type GroupName = (typeof groupNames)[number]

const groupOfTone: Readonly<Record<Tone, GroupName>> = {
  ...{ bad: 'attention', warn: 'attention', busy: 'busy', good: 'well' },
}

const groupWords: Readonly<Record<GroupName, (count: number) => string>> = {
  attention: (count) => `${certificateCount(count)} need${count === 1 ? 's' : ''} attention`,
  busy: (count) => `${certificateCount(count)} on the way`,
  well: (count) => `${certificateCount(count)} in good order`,
}

/** Straight to those of one kind, however long the page is. */
function renderJumps(there: readonly GroupName[], groups: ReadonlyMap<GroupName, readonly unknown[]>): Html {
  return html`<ul class="jumps" aria-label="Certificates by state">
    ${there.map((name) => html`<li><a href="#${name}">${groupWords[name](groups.get(name)?.length ?? 0)}</a></li>`)}
  </ul>`
}

interface GroupOptions {
  readonly now: number
  readonly links: Links
  readonly findings: StatusSnapshot['findings']
  /** Id of its heading; undefined for the only group: the heading of all says enough. */
  readonly labelledBy: string | undefined
}

function renderGroup(
  name: GroupName,
  group: readonly StatusSnapshot['certificates'][number][],
  { labelledBy, ...options }: GroupOptions,
): Html {
  const folded = name === 'well' && group.length > manyCertificates
  const rows = group.length > mostCards
  return html`${labelledBy !== undefined && html`<h2 id="${labelledBy}">${groupWords[name](group.length)}</h2>`}
  ${
    rows
      ? renderRows(group, { ...options, labelledBy: labelledBy ?? 'certificates-title' })
      : group.map((each) => renderCard(each, { ...options, folded }))
  }`
}
