/** Findings on a page: by severity, then by code; what was seen, why it matters, how it is mended. Pure. */
import { catalogue, type FindingCode, type Severity } from '../finding/catalogue.ts'
import { objectText, pageOf, severityOf, type Fix } from '../finding/finding.ts'
import type { LastingFinding } from '../finding/reported.ts'
import { html, type Html } from './html.ts'
import { when } from './moment.ts'
import type { Tone } from './tone.ts'
import type { Links } from './views.ts'

export const severityTones: Readonly<Record<Severity, Tone>> = { error: 'bad', warning: 'warn', note: 'busy' }

/** Text and sign, so that no severity is told by its colour alone. */
const badges: Readonly<Record<Severity, string>> = { error: '✕ Error', warning: '! Warning', note: 'i Note' }

const looks: Readonly<Record<LastingFinding['from'], string>> = {
  lint: 'in the objects of the mesh',
  preflight: 'before an order',
  canary: 'by the canary',
  serving: 'by the proof of serving',
  budget: 'in the budget of the CA',
}

/** By code, in the order that they came in. */
export function byCode(findings: readonly LastingFinding[]): readonly (readonly LastingFinding[])[] {
  const groups = new Map<FindingCode, LastingFinding[]>()
  for (const finding of findings) {
    const known = groups.get(finding.code)
    if (known) known.push(finding)
    else groups.set(finding.code, [finding])
  }
  return [...groups.values()]
}

/** One group for each code; headings of third level. */
export function renderFindings(findings: readonly LastingFinding[], now: number): Html {
  return html`${byCode(findings).map((group) => renderGroup(group, now))}`
}

function renderGroup(group: readonly LastingFinding[], now: number): Html | undefined {
  const [first] = group
  if (!first) return undefined
  const { code } = first
  const severity = severityOf(first)
  const { title, why } = catalogue[code]
  return html`<article class="card ${severityTones[severity]}" id="${code}" aria-labelledby="${code}-title">
    <div class="title">
      <h3 id="${code}-title">${title}</h3>
      <span class="badge ${severityTones[severity]}">${badges[severity]}</span>
      <code class="code">${code}</code>
    </div>
    <p class="why">${why}</p>
    <ul class="found">
      ${group.map((finding) => html`<li>${renderFinding(finding, now)}</li>`)}
    </ul>
    <p class="quiet small">More about it: <code>docs/${pageOf(code)}</code></p>
  </article>`
}

function renderFinding(
  { object, host, seen, fix, since, lastSeen, from }: LastingFinding,
  now: number,
): Html {
  return html`<p class="object">
      <code>${objectText(object)}</code
      >${host !== undefined && html` <span class="quiet">for</span> <code>${host}</code>`}
    </p>
    <dl class="pairs">
      <dt>Seen</dt>
      <dd>${seen}</dd>
      <dt>Since</dt>
      <dd>${when(since, now)}; last seen ${looks[from]} ${when(lastSeen, now)}</dd>
      <dt>Fix</dt>
      <dd>${renderFix(fix)}</dd>
    </dl>`
}

/** A click takes the whole of a command (`user-select: all`), without a script. */
function renderFix(fix: Fix): Html {
  switch (fix.do) {
    case 'run':
      return html`<pre class="copy"><code>${fix.command}</code></pre>`
    case 'edit':
      return html`<pre class="copy"><code>${fix.yaml}</code></pre>`
    case 'act':
      return html`${fix.words}`
  }
}

/** The same as one line each, with a link to the whole; nothing when there is none. */
export function renderFindingLines(findings: readonly LastingFinding[], links: Links): Html | undefined {
  if (findings.length === 0) return undefined
  return html`<ul class="list findings" aria-label="Findings">
    ${byCode(findings).map((group) => renderLine(group, links))}
  </ul>`
}

const marks: Readonly<Record<Severity, string>> = { error: '✕', warning: '!', note: 'i' }

function renderLine(group: readonly LastingFinding[], links: Links): Html | undefined {
  const [first] = group
  if (!first) return undefined
  const severity = severityOf(first)
  const more = group.length === 1 ? '' : ` and ${group.length - 1} more`
  return html`<li>
    <span class="mark ${severityTones[severity]}" aria-hidden="true">${marks[severity]}</span
    ><span class="unseen">${severity}: </span>
    <a href="${links.view('findings', first.code)}">${catalogue[first.code].title}</a>
    <span class="quiet">${objectText(first.object)}${more}</span> <code class="code">${first.code}</code>
  </li>`
}
