/** What each gateway pod shows on 443, beside what is stored. Pure. */
import type { ServedStatus } from '../finding/reported.ts'
import { isUnasked } from '../serving/verdict.ts'
import { html, type Html } from './html.ts'
import { when } from './moment.ts'
import { span } from './time.ts'

/** `served` of one certificate. */
export function renderServed(served: readonly ServedStatus[], now: number): Html | undefined {
  if (served.length === 0) return undefined
  return html`<div class="scroll" role="group" tabindex="0" aria-labelledby="served">
    <table>
      <caption>
        What a TLS handshake with each gateway pod shows.
      </caption>
      <thead>
        <tr>
          <th scope="col">Pod</th>
          <th scope="col">Host</th>
          <th scope="col">Outcome</th>
          <th scope="col">Looked</th>
        </tr>
      </thead>
      <tbody>
        ${served.map(
          (each) =>
            html`<tr>
              <th scope="row"><code>${each.pod}</code></th>
              <td class="value"><code>${each.host}</code></td>
              <td class="wide">${outcome(each, now)}</td>
              <td data-name="Looked">${when(each.checkedAt, now)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

function outcome({ matches, serial, notAfter, fault, pickupSeconds }: ServedStatus, now: number): Html {
  if (serial === undefined && isUnasked(fault))
    return html`<span class="mark warn" aria-hidden="true">?</span>what it serves is not known: ${fault}`
  if (serial === undefined) return html`${mark(false)}nothing is served${fault !== undefined && `: ${fault}`}`
  return html`${mark(matches)}${matches ? 'what is stored' : 'another certificate than is stored'}
    <span class="quiet"
      >serial
      <code>${serial}</code
      >${notAfter !== undefined && html`, ends ${when(notAfter, now)}`}${pickupSeconds !== undefined && `, shown ${span(pickupSeconds * 1_000)} after it was installed`}</span
    >`
}

function mark(well: boolean): Html {
  return well
    ? html`<span class="mark good" aria-hidden="true">✓</span>`
    : html`<span class="mark bad" aria-hidden="true">✕</span>`
}
