/** The objects of the cluster that ask for certificates, for the page and the terminal: those that ask in vain. Pure. */
import { isTrouble, type SourceState, type SourceStatus } from '../discovery/source-status.ts'
import { html, type Html } from './html.ts'
import type { StatusSnapshot } from './snapshot.ts'
import { wrap, type Paint } from './terminal.ts'

export const sourceWords: Readonly<Record<SourceState, string>> = {
  wanted: 'has its certificate kept up',
  configured: 'is served by the configuration file',
  nothing: 'names nothing to order',
  waiting: 'waits',
  refused: 'is refused',
  conflict: 'conflicts',
  faulty: 'has a fault',
  absent: 'are not known to this cluster',
  unreadable: 'cannot be read',
}

function inVain({ sources = [] }: StatusSnapshot): readonly SourceStatus[] {
  return sources.filter(({ state }) => isTrouble(state))
}

export function renderSources(snapshot: StatusSnapshot): Html | undefined {
  const troubled = inVain(snapshot)
  if (troubled.length === 0) return undefined
  return html`<section aria-labelledby="sources">
    <h2 id="sources">Objects of the cluster that ask in vain</h2>
    <div class="scroll" role="group" tabindex="0" aria-labelledby="sources">
      <table>
        <caption>
          Nothing is ordered for these; what was issued before stays where it is.
        </caption>
        <thead>
          <tr>
            <th scope="col">Object</th>
            <th scope="col">Secret</th>
            <th scope="col">State</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          ${troubled.map(
            ({ object, secret, state, detail }) =>
              html`<tr>
                <th scope="row">${object}</th>
                <td class="value">${secret !== undefined && html`<code>${secret}</code>`}</td>
                <td>${state}</td>
                <td class="wide">${detail}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`
}

export function sourceLines(
  snapshot: StatusSnapshot,
  { width, paint }: { readonly width: number; readonly paint: Paint },
): string[] {
  const troubled = inVain(snapshot)
  if (troubled.length === 0) return []
  return [
    paint('Objects of the cluster that ask in vain', 'warn'),
    ...troubled.flatMap(({ object, secret, state, detail }) => [
      ...wrap(
        `${object} ${sourceWords[state]}${secret === undefined ? '' : ` (Secret ${secret})`}`,
        width,
        '  ',
      ),
      ...wrap(detail, width, '    '),
    ]),
  ]
}
