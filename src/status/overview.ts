/** The upper part of the status page: worker, configuration, store, faults and holds. Pure. */
import { html, type Html } from './html.ts'
import { when } from './moment.ts'
import type { StatusSnapshot } from './snapshot.ts'
import { relative } from './time.ts'
import { certificateCount, coversWords, roles, tokenCount, toldWords, workerRemarks } from './words.ts'

export function renderFacts(snapshot: StatusSnapshot, now: number): Html {
  const { worker, configuration, store, certificates } = snapshot
  return html`<dl class="facts">
    <div>
      <dt>Worker</dt>
      <dd>${roles[worker.role]}</dd>
      <dd>${workerRemarks(worker).join(', ') || 'no restarts'}</dd>
    </div>
    <div>
      <dt>Next wake</dt>
      ${worker.nextWakeAt === undefined ? html`<dd>None planned</dd>` : html`<dd>${sentence(relative(worker.nextWakeAt, now))}</dd>`}
      <dd>
        ${worker.lastTickAt === undefined ? 'no tick yet' : html`last tick ${relative(worker.lastTickAt, now)}`}
      </dd>
    </div>
    <div>
      <dt>Configuration</dt>
      <dd>${configuration.faults.length === 0 ? 'In force' : 'Last change refused'}</dd>
      <dd>accepted ${relative(configuration.acceptedAt, now)}</dd>
      ${configuration.path !== undefined && html`<dd><code>${configuration.path}</code></dd>`}
    </div>
    <div>
      <dt>Store</dt>
      <dd>${store.readable ? 'Readable' : 'Not readable'}</dd>
      <dd>${tokenCount(store.tokens)}, ${certificateCount(certificates.length)}</dd>
    </div>
    ${renderTold(snapshot, now)}
  </dl>`
}

function renderTold(snapshot: StatusSnapshot, now: number): Html | undefined {
  const [first, ...more] = toldWords(snapshot, now)
  if (first === undefined) return undefined
  return html`<div>
    <dt>Certificates</dt>
    <dd>${sentence(first)}</dd>
    ${more.map((each) => html`<dd>${each}</dd>`)}
  </div>`
}

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** What is wrong with port80 itself. */
export function renderNotices(snapshot: StatusSnapshot, now: number): readonly (Html | undefined)[] {
  const { worker, store, told } = snapshot
  return [
    told?.stale
      ? notice(
          told.at === undefined ? 'warn' : 'bad',
          told.at === undefined ? 'No worker has told its status yet' : 'The leading worker is silent',
          `Certificates may have changed since: ${toldWords(snapshot, now).join('; ')}.`,
        )
      : undefined,
    worker.stuck
      ? notice(
          'bad',
          'The worker is stuck',
          'It has not ticked for longer than a tick may take. /livez fails, so that whoever supervises the process restarts it.',
        )
      : undefined,
    store.readable
      ? undefined
      : notice(
          'bad',
          'The store cannot be read',
          store.fault ?? 'No certificate is ordered until it can be.',
        ),
    worker.lastError === undefined
      ? undefined
      : notice(worker.role === 'crashed' ? 'bad' : 'warn', 'Last crash of the worker', worker.lastError),
  ]
}

function notice(tone: 'warn' | 'bad', title: string, text: string): Html {
  return html`<div class="notice ${tone}" role="status"><strong>${title}</strong>${text}</div>`
}

export function renderConfigurationFaults({ configuration }: StatusSnapshot): Html | undefined {
  const { faults, path } = configuration
  if (faults.length === 0) return undefined
  const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`
  return html`<section aria-labelledby="faults">
    <h2 id="faults">The configuration on disk is refused: ${count}</h2>
    <div class="scroll" role="group" tabindex="0" aria-labelledby="faults">
      <table>
        <caption>
          ${path ?? 'The configuration'} has these faults; the version before it stays in force.
        </caption>
        <thead>
          <tr>
            <th scope="col">Path</th>
            <th scope="col">Value</th>
            <th scope="col">What a right value is</th>
          </tr>
        </thead>
        <tbody>
          ${faults.map(
            (fault) =>
              html`<tr>
                <th scope="row"><code>${fault.path}</code></th>
                <td class="value"><code>${fault.value}</code></td>
                <td class="wide">${fault.fix}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`
}

export function renderHolds(
  { holds }: StatusSnapshot,
  now: number,
  title = 'Limits of the CA',
): Html | undefined {
  if (holds.length === 0) return undefined
  return html`<section aria-labelledby="holds">
    <h2 id="holds">${title}</h2>
    <div class="scroll" role="group" tabindex="0" aria-labelledby="holds">
      <table>
        <caption>
          Nothing that these cover is ordered before they end.
        </caption>
        <thead>
          <tr>
            <th scope="col">Covers</th>
            <th scope="col">Issuer</th>
            <th scope="col">Until</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          ${holds.map(
            (hold) =>
              html`<tr>
                <th scope="row">${covers(hold.covers)}</th>
                <td data-name="Issuer">${hold.issuer}</td>
                <td data-name="Until">${when(hold.until, now)}</td>
                <td class="wide">
                  <code>${hold.reason}</code>
                  <blockquote>${hold.detail}</blockquote>
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`
}

function covers(text: string): Html {
  const [words, name] = coversWords(text)
  return html`${words}${name !== undefined && html` <code>${name}</code>`}`
}
