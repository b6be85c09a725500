/** One certificate on the status page. Pure. */
import { renderBar } from './bar.ts'
import { renderAttempts, renderFailure } from './attempts.ts'
import { findingsOf } from '../finding/concern.ts'
import type { LastingFinding } from '../finding/reported.ts'
import { renderFindingLines } from './finding-list.ts'
import { html, link, type Html } from './html.ts'
import type { CertificateStatus } from './snapshot.ts'
import { moment, when } from './moment.ts'
import { span } from './time.ts'
import { toneAmong, type Tone } from './tone.ts'
import type { Links } from './views.ts'
import { destinationWords } from './words.ts'

/** Text and sign, so that no state is told by its colour alone. */
const badges: Readonly<Record<CertificateStatus['state'], string>> = {
  ready: '✓ Ready',
  placeholder: '◌ Placeholder',
  missing: '◌ Missing',
  expired: '✕ Expired',
}

export interface CardOptions {
  readonly now: number
  readonly links: Links
  /** Of everybody; those about this one are shown. */
  readonly findings: readonly LastingFinding[] | undefined
  /** Only name, state, next moment and bar until it is opened; for pages with many. */
  readonly folded: boolean
}

export function renderCard(certificate: CertificateStatus, options: CardOptions): Html {
  const { now, folded, findings, links } = options
  const { name } = certificate
  const tone = toneAmong(certificate, findings)
  const id = `certificate-${name}`
  const top = html`${title(certificate, tone)}${renderNextStep(certificate, now)}
    <figure>${renderBar(certificate, now)}</figure>`
  const body = html`${moments(certificate, now)}
    <div class="more">
      ${renderFindingLines(findingsOf(certificate, findings), links)} ${renderLatestFailure(certificate)}
      ${renderDestinations(certificate)} ${renderAttempts(certificate.attempts, now)}
      <p><a href="${links.certificate(name)}">Everything about ${name}</a></p>
    </div>`
  if (folded)
    return html`<details class="card ${tone}" id="${id}">
      <summary>${top}</summary>
      ${body}
    </details>`
  return html`<article class="card ${tone}" id="${id}" aria-labelledby="${id}-name">${top}${body}</article>`
}

function title(certificate: CertificateStatus, tone: Tone): Html {
  const { name } = certificate
  return html`<div class="title">
      <h3 id="certificate-${name}-name">${name}</h3>
      ${renderState(certificate, tone)}
    </div>
    ${renderDomains(certificate)}`
}

export function renderState({ state, reason, issuer }: CertificateStatus, tone: Tone): Html {
  return html`<span class="badge ${tone}">${badges[state]}</span>
    <code class="quiet">${reason}</code>
    ${issuer !== '' && html`<span class="issuer">Issuer ${issuer}</span>`}`
}

export function renderDomains({ domains }: CertificateStatus): Html {
  return html`<ul class="domains" aria-label="Domains">
    ${domains.map((domain) => html`<li><code>${domain}</code></li>`)}
  </ul>`
}

/** Bar and moments. */
export function renderLife(certificate: CertificateStatus, now: number): Html {
  return html`<figure>${renderBar(certificate, now)}</figure>
    ${moments(certificate, now)}`
}

export function renderNextStep({ next, nextAt }: CertificateStatus, now: number): Html {
  return html`<p class="next">
    ${next}${nextAt !== undefined && html` <span class="when">${when(nextAt, now)}</span>`}
  </p>`
}

/** The text of the bar: the same moments in words, with the marks of the bar as the key. */
function moments({ current, renewal }: CertificateStatus, now: number): Html | undefined {
  if (!current) return undefined
  const { window, at } = renewal ?? {}
  return html`<dl class="moments">
    <div>
      <dt>${swatch('lived')}Issued</dt>
      ${moment(current.notBefore, now)}
    </div>
    ${
      window &&
      html`<div>
        <dt>${swatch('window')}Renewal window of the CA</dt>
        ${moment(window.start, now)}
        <dd class="quiet">
          lasts ${span(window.end - window.start)} ${link(window.explanationUrl, 'the CA says why')}
        </dd>
      </div>`
    }
    ${
      at !== undefined &&
      html`<div>
        <dt>${swatch('chosen')}${at > now ? 'Renews' : 'Renewal was due'}</dt>
        ${moment(at, now)}
      </div>`
    }
    <div class="end">
      <dt>${current.notAfter > now ? 'Expires' : html`${swatch('over')}Expired`}</dt>
      ${moment(current.notAfter, now)}
    </div>
  </dl>`
}

function swatch(kind: 'lived' | 'window' | 'chosen' | 'over'): Html {
  const shape =
    kind === 'chosen'
      ? html`<path class="chosen" d="M6-1 13 6 6 13-1 6Z" />`
      : html`<rect class="${kind}" width="12" height="12" rx="3" />`
  return html`<svg class="life swatch" width="12" height="12" aria-hidden="true">${shape}</svg>`
}

export function renderLatestFailure({ attempts, failures }: CertificateStatus): Html | undefined {
  const failure = attempts.find((attempt) => attempt.outcome === 'failed')?.failure
  if (failures === 0 || !failure) return undefined
  const count = failures === 1 ? 'The last attempt failed' : `${failures} failures in a row, the last one`
  return html`<div class="failure">${renderFailure(failure, count)}</div>`
}

type Destination = CertificateStatus['destinations'][number]

const destinationMarks: Readonly<Record<Destination['state'], readonly [Tone, string]>> = {
  installed: ['good', '✓'],
  placeholder: ['busy', '◌'],
  absent: ['busy', '◌'],
  differs: ['warn', '!'],
  foreign: ['bad', '✕'],
  unreadable: ['bad', '✕'],
}

export function renderDestinations({ destinations: all }: CertificateStatus): Html | undefined {
  if (all.length === 0) return undefined
  return html`<ul class="list" aria-label="Destinations">
    ${all.map(({ id, state, fault }) => {
      const [tone, sign] = destinationMarks[state]
      return html`<li>
        <span class="mark ${tone}" aria-hidden="true">${sign}</span><code>${id}</code>
        <span class="quiet">${destinationWords[state]}</span>
        ${fault !== undefined && html`<span class="fault">${fault}</span>`}
      </li>`
    })}
  </ul>`
}

export function renderPair({
  current,
  renewal,
  wantedToInstalledSeconds,
}: CertificateStatus): Html | undefined {
  if (!current) return undefined
  const rows: [string, string | undefined][] = [
    ['Serial', current.serial],
    ['Issued by', current.issuedBy],
    ['Ordered from', current.issuer],
    ['Key', current.keyType],
    ['Profile', current.profile],
    ['Renewal by', renewal && renewalSources[renewal.source]],
    [
      'Wanted to installed',
      wantedToInstalledSeconds === undefined ? undefined : span(wantedToInstalledSeconds * 1_000),
    ],
  ]
  return html`<dl class="pairs card">
    ${rows.map(
      ([term, text]) =>
        text !== undefined &&
        html`<dt>${term}</dt>
          <dd>${text}</dd>`,
    )}
  </dl>`
}

const renewalSources = {
  ari: 'the window of the CA (ACME renewal information, RFC 9773)',
  fraction: 'the fraction of the lifetime that is left',
  renewBefore: 'renewBefore of the configuration',
} as const
