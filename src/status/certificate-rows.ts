/** Many certificates in little room: one row each, with a link to everything about it. Pure. */
import type { LastingFinding } from '../finding/reported.ts'
import { renderState } from './certificate-card.ts'
import { html, type Html } from './html.ts'
import { when } from './moment.ts'
import type { CertificateStatus } from './snapshot.ts'
import { toneAmong } from './tone.ts'
import type { Links } from './views.ts'

export interface RowOptions {
  readonly now: number
  readonly links: Links
  readonly findings: readonly LastingFinding[] | undefined
  /** Of the heading above. */
  readonly labelledBy: string
}

/** More names than these make a row tall; the page of the certificate has all. */
const mostNames = 3

export function renderRows(certificates: readonly CertificateStatus[], options: RowOptions): Html {
  return html`<div class="scroll" role="group" tabindex="0" aria-labelledby="${options.labelledBy}">
    <table class="certificates">
      <thead>
        <tr>
          <th scope="col">Certificate</th>
          <th scope="col">State</th>
          <th scope="col">Next</th>
          <th scope="col">Expires</th>
        </tr>
      </thead>
      <tbody>
        ${certificates.map((each) => renderRow(each, options))}
      </tbody>
    </table>
  </div>`
}

function renderRow(certificate: CertificateStatus, { now, links, findings }: RowOptions): Html {
  const { name, domains, current, nextAt } = certificate
  const more = domains.length - mostNames
  const moment = (at: number | undefined) => (at === undefined ? '-' : when(at, now))
  return html`<tr id="certificate-${name}">
    <th scope="row">
      <a href="${links.certificate(name)}">${name}</a>
      <span class="quiet small"
        >${domains.slice(0, mostNames).join(' ')}${more > 0 && html` and ${more} more`}</span
      >
    </th>
    <td>${renderState({ ...certificate, issuer: '' }, toneAmong(certificate, findings))}</td>
    <td data-name="Next">${moment(nextAt)}</td>
    <td data-name="Expires">${moment(current?.notAfter)}</td>
  </tr>`
}
