/** /status/certificates/NAME: everything that is known of one certificate. Pure. */
import { findingsOf } from '../finding/concern.ts'
import { renderHistory } from './attempts.ts'
import { renderBuckets } from './budget-table.ts'
import {
  renderDestinations,
  renderDomains,
  renderLatestFailure,
  renderLife,
  renderNextStep,
  renderPair,
  renderState,
} from './certificate-card.ts'
import { renderDocument, type PageOptions } from './document.ts'
import { renderFindings } from './finding-list.ts'
import { html, type Html } from './html.ts'
import { renderLegs } from './legs.ts'
import { renderHosts } from './redirects-page.ts'
import { silenceOf, wordsOfSilence } from './looks.ts'
import { renderServed } from './served.ts'
import type { CertificateStatus, StatusSnapshot } from './snapshot.ts'
import { toneAmong } from './tone.ts'

/** Undefined: there is no certificate of that name. */
export function renderCertificatePage(
  name: string,
  snapshot: StatusSnapshot,
  options: PageOptions,
): string | undefined {
  const certificate = snapshot.certificates.find((each) => each.name === name)
  if (!certificate) return undefined
  const tone = toneAmong(certificate, snapshot.findings)
  return renderDocument(
    {
      ...{ view: undefined, depth: 2, title: name, tone },
      skipTo: { id: 'now', words: 'To the state of the certificate' },
      lead: () =>
        html`<div class="title">${renderState(certificate, tone)}</div>
          ${renderDomains(certificate)}`,
      main: () => html`${sections(certificate, snapshot, options.now)}`,
    },
    snapshot,
    options,
  )
}

function sections(
  certificate: CertificateStatus,
  snapshot: StatusSnapshot,
  now: number,
): (Html | undefined)[] {
  const { legs, plainHttp = [] } = snapshot
  const isIts = ({ host }: { readonly host: string }) => certificate.domains.includes(host)
  const hosts = plainHttp.filter(isIts)
  return [
    lifeSection(certificate, now),
    findingsSection(certificate, snapshot, now),
    servedSection(certificate, snapshot, now),
    renderLegs(legs?.filter(isIts), { now, all: true }),
    section('history', 'History of orders', renderHistory(certificate.attempts, now)),
    budgetSection(certificate, snapshot, now),
    section(
      'plain-http',
      'Plain http',
      hosts.length === 0 ? undefined : renderHosts(hosts, now, 'plain-http'),
    ),
    section('pair', 'The certificate itself', renderPair(certificate)),
  ]
}

function section(id: string, title: string, body: Html | undefined): Html | undefined {
  return (
    body &&
    html`<section aria-labelledby="${id}">
      <h2 id="${id}">${title}</h2>
      ${body}
    </section>`
  )
}

function lifeSection(certificate: CertificateStatus, now: number): Html | undefined {
  return section(
    'now',
    'Now and next',
    html`<div class="card">
      ${renderNextStep(certificate, now)} ${renderLife(certificate, now)} ${renderLatestFailure(certificate)}
    </div>`,
  )
}

function findingsSection(
  certificate: CertificateStatus,
  snapshot: StatusSnapshot,
  now: number,
): Html | undefined {
  const its = findingsOf(certificate, snapshot.findings)
  return section(
    'findings',
    'Findings',
    its.length > 0 ? renderFindings(its, now) : html`<p>${ofHosts(snapshot)}</p>`,
  )
}

function ofHosts(snapshot: StatusSnapshot): string {
  if (silenceOf(snapshot) === 'well') return 'Nothing wrong was found with its hosts.'
  return `${wordsOfSilence(snapshot).text}: the page of findings says who looks, and when.`
}

function servedSection(
  certificate: CertificateStatus,
  { served = [] }: StatusSnapshot,
  now: number,
): Html | undefined {
  const places = renderDestinations(certificate)
  const shown = renderServed(
    served.filter((each) => each.certificate === certificate.name),
    now,
  )
  if (!places && !shown) return undefined
  return section('served', 'What is stored and served where', html`${places}${shown}`)
}

/** Of its issuer: those of the account, and those that any of its names falls under. */
function budgetSection(
  certificate: CertificateStatus,
  { budget = [] }: StatusSnapshot,
  now: number,
): Html | undefined {
  const { issuer, domains, name } = certificate
  const covers = (of: string) =>
    of === name || domains.some((domain) => domain === of || domain.endsWith(`.${of}`))
  const its = budget.filter(
    (bucket) => bucket.issuer === issuer && (bucket.of === undefined || covers(bucket.of)),
  )
  return section(
    'limits',
    `Limits of ${issuer}`,
    its.length === 0 ? undefined : renderBuckets(its, 'limits', now),
  )
}
