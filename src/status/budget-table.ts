/** The buckets of one issuer: used, left, and when the next order fits. Pure. */
import type { BudgetStatus } from '../finding/reported.ts'
import { html, type Html } from './html.ts'
import { describeMeter, renderMeter } from './meter.ts'
import { when } from './moment.ts'
import { span } from './time.ts'

/** `labelledBy`: id of the heading above. */
export function renderBuckets(buckets: readonly BudgetStatus[], labelledBy: string, now: number): Html {
  return html`<div class="scroll" role="group" tabindex="0" aria-labelledby="${labelledBy}">
    <table>
      <caption>
        What was spent within each window; what is kept for renewals (the pale part) is not given to new
        certificates.
      </caption>
      <thead>
        <tr>
          <th scope="col">Limit</th>
          <th scope="col">Of</th>
          <th scope="col">Used</th>
          <th scope="col">Window</th>
          <th scope="col">Next new order</th>
        </tr>
      </thead>
      <tbody>
        ${buckets.map((bucket) => renderRow(bucket, now))}
      </tbody>
    </table>
  </div>`
}

function renderRow(bucket: BudgetStatus, now: number): Html {
  const { of, windowSeconds, nextPossibleAt } = bucket
  return html`<tr>
    <th scope="row">${bucketWords(bucket.bucket)}</th>
    <td class="value">
      ${of === undefined ? html`<span class="quiet">the account</span>` : html`<code>${of}</code>`}
    </td>
    <td class="meters">${describeMeter(bucket)}${renderMeter(bucket)}</td>
    <td data-name="Window">${span(windowSeconds * 1_000)}</td>
    <td data-name="Next new order">
      ${nextPossibleAt === undefined || nextPossibleAt <= now ? 'now' : when(nextPossibleAt, now)}
    </td>
  </tr>`
}

/** `certificatesPerDomain` → `Certificates per domain`: the names of the configuration, legible. */
export function bucketWords(bucket: string): string {
  const words = bucket.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return words.charAt(0).toUpperCase() + words.slice(1)
}
