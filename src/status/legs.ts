/** How far a request of the CA gets: the last look along each leg of each host. Pure. */
import { catalogue } from '../finding/catalogue.ts'
import type { LegStatus } from '../finding/reported.ts'
import { html, type Html } from './html.ts'
import { when } from './moment.ts'
import { counted } from './words.ts'

export interface LegOptions {
  readonly now: number
  /** Of few hosts all are shown, of many those in trouble, and the others on demand. */
  readonly all: boolean
}

export function renderLegs(
  legs: readonly LegStatus[] | undefined,
  { now, all }: LegOptions,
): Html | undefined {
  if (!legs || legs.length === 0) return undefined
  const bad = legs.filter(({ ok }) => !ok)
  const good = legs.filter(({ ok }) => ok)
  const folded = !all && good.length > 8
  return html`<section aria-labelledby="legs">
    <h2 id="legs">
      The way of the CA: ${good.length} of ${counted(legs.length, 'leg')} lead${legs.length === 1 ? 's' : ''}
      here
    </h2>
    ${(bad.length > 0 || !folded) && renderTable(folded ? bad : [...bad, ...good], now, 'legs')}
    ${
      folded &&
      html`<details class="rest">
        <summary>${counted(good.length, 'leg')} in good order</summary>
        <div id="good-legs">${renderTable(good, now, 'legs')}</div>
      </details>`
    }
  </section>`
}

function renderTable(legs: readonly LegStatus[], now: number, label: string): Html {
  return html`<div class="scroll" role="group" tabindex="0" aria-labelledby="${label}">
    <table>
      <caption>
        Each host asked with a signed token through each gateway pod (inside) and at each public address
        (outside).
      </caption>
      <thead>
        <tr>
          <th scope="col">Host</th>
          <th scope="col">Asked at</th>
          <th scope="col">Outcome</th>
          <th scope="col">Looked</th>
        </tr>
      </thead>
      <tbody>
        ${legs.map((leg) => renderRow(leg, now))}
      </tbody>
    </table>
  </div>`
}

function renderRow({ host, leg, at, ok, code, replica, checkedAt }: LegStatus, now: number): Html {
  return html`<tr>
    <th scope="row"><code>${host}</code></th>
    <td class="value"><code>${at}</code> <span class="quiet">${leg}</span></td>
    <td class="wide">
      ${
        ok
          ? html`<span class="mark good" aria-hidden="true">✓</span>answered by
              port80${replica !== undefined && html` <span class="quiet">(${replica})</span>`}`
          : html`<span class="mark bad" aria-hidden="true">✕</span
              >${code === undefined ? 'not as it is meant' : catalogue[code].title}${code !== undefined && html` <code class="code">${code}</code>`}`
      }
    </td>
    <td data-name="Looked">${when(checkedAt, now)}</td>
  </tr>`
}
