/**
 * Who looks for findings, and what an empty list of them is worth: for the page and the terminal. Pure. Only where somebody
 * has looked is it said that nothing is wrong.
 */
import { isOn, type LookName, type LookState, type LookStatus } from '../finding/looks.ts'
import { html, type Html } from './html.ts'
import { when } from './moment.ts'
import type { StatusSnapshot } from './snapshot.ts'
import { table, wrap, type Paint } from './terminal.ts'
import { relative, span } from './time.ts'
import type { Headline } from './tone.ts'

type Seen = Pick<StatusSnapshot, 'looks' | 'findings' | 'worker' | 'told'>

/** What an empty list of findings says. */
export type Silence =
  | 'nobodyLooks'
  | 'notYet' // looks are on, and none has ended
  | 'elsewhere' // the process that leads knows, and this one does not hear of it
  | 'well'

export function silenceOf({ looks, findings, worker, told }: Seen): Silence {
  // An older leader does not say who looks.
  if (!looks) return findings === undefined ? 'notYet' : 'well'
  const on = looks.filter(isOn)
  if (on.length === 0) return 'nobodyLooks'
  if (on.some(({ lookedAt }) => lookedAt !== undefined)) return 'well'
  return worker.role === 'leader' || told ? 'notYet' : 'elsewhere'
}

interface SilenceWords extends Headline {
  readonly more: string
}

export const silenceWords: Readonly<Record<Silence, SilenceWords>> = {
  nobodyLooks: {
    tone: 'warn',
    text: 'Nothing is looked at',
    more: 'No look is on, so that nobody knows whether anything is wrong. The table says what switches each on.',
  },
  notYet: {
    tone: 'busy',
    text: 'Nothing has been looked at yet',
    more: 'Looks are on, and none has ended since this worker leads.',
  },
  elsewhere: {
    tone: 'busy',
    text: 'Not known to this process',
    more: 'The process that leads looks, and this one does not hear what it found: ask that one.',
  },
  well: {
    tone: 'good',
    text: 'Nothing wrong was found',
    more: 'Every look that has ended found things as they are meant to be.',
  },
}

/** And with what an empty list does not say. */
export function wordsOfSilence(snapshot: Seen): SilenceWords {
  const silence = silenceOf(snapshot)
  const words = silenceWords[silence]
  const blind = (snapshot.looks ?? []).filter((each) => !isOn(each) && each.state !== 'asked')
  if (silence !== 'well' || blind.length === 0) return words
  return { ...words, more: `${words.more} Of what is off below, nobody knows.` }
}

const names: Readonly<Record<LookName, string>> = {
  preflight: 'Preflight',
  canary: 'Canary',
  serving: 'Proof of serving',
  observe: 'Observed certificates',
  lint: 'Lint',
}

const subjects: Readonly<Record<LookName, string>> = {
  preflight: 'the way of the CA, before a first order',
  canary: 'the way of the CA, from time to time',
  serving: 'what gateways serve of what was installed',
  observe: 'certificates that others manage',
  lint: 'objects of the mesh',
}

/** What switches it on, as it is written in the configuration file. */
const switches: Readonly<Record<LookName, string>> = {
  preflight: 'preflight: require',
  canary: 'canary: { every: 5m }',
  serving: 'proof: { every: 10m }',
  observe: 'observe: [{ name: shop, host: shop.example.com }]',
  lint: 'port80 lint, or lint: { every: 10m }',
}

const missing: Readonly<Record<LookName, string>> = {
  preflight: 'selfCheck is off',
  canary: 'selfCheck is off',
  serving: 'no gateway of Secrets, and no proof.address',
  observe: 'proof is off',
  lint: 'off',
}

const states: Readonly<Record<LookState, (look: LookStatus) => string>> = {
  off: ({ look }) => `off; ${switches[look]}`,
  blind: ({ look }) => `nobody looks: ${missing[look]}`,
  require: () => 'before each first order, which waits for it',
  warn: () => 'before each first order, which goes on',
  every: ({ everyMs = 0 }) => `every ${span(everyMs)}`,
  asked: ({ look }) => `when asked: ${switches[look]}`,
}

function nameOf({ look, issuer }: LookStatus): string {
  return issuer === undefined ? names[look] : `${names[look]}, ${issuer}`
}

/** When it was last; `knows`: this process would have heard of it. */
function lastWords(look: LookStatus, now: number, knows: boolean): string {
  if (!isOn(look)) return '-'
  if (look.lookedAt !== undefined) return relative(look.lookedAt, now)
  return knows ? 'not yet' : 'not known here'
}

const knowsTimes = ({ worker, told }: Seen) => worker.role === 'leader' || told !== undefined

export function renderLooks(snapshot: Seen, now: number): Html | undefined {
  const { looks = [] } = snapshot
  if (looks.length === 0) return undefined
  return html`<section aria-labelledby="looks">
    <h2 id="looks">Who looks, and when</h2>
    <div class="scroll" role="group" tabindex="0" aria-labelledby="looks">
      <table>
        <caption>
          Where nobody looks, nothing is known to be well. Settings are as in the configuration file; in the
          values of the chart, canary, proof and lint have
          <code>enabled: true</code
          >.
        </caption>
        <thead>
          <tr>
            <th scope="col">Look</th>
            <th scope="col">At what</th>
            <th scope="col">When</th>
            <th scope="col">Last</th>
          </tr>
        </thead>
        <tbody>
          ${looks.map((look) => renderRow(look, now, knowsTimes(snapshot)))}
        </tbody>
      </table>
    </div>
  </section>`
}

function renderRow(look: LookStatus, now: number, knows: boolean): Html {
  const { state, lookedAt } = look
  return html`<tr>
    <th scope="row">${nameOf(look)}</th>
    <td>${subjects[look.look]}</td>
    <td class="wide">
      ${state === 'off' ? html`off; on with <code>${switches[look.look]}</code>` : states[state](look)}
    </td>
    <td data-name="Last">
      ${isOn(look) && lookedAt !== undefined ? when(lookedAt, now) : lastWords(look, now, knows)}
    </td>
  </tr>`
}

/** Lines of a terminal: the sentence where nobody looks, then the table. */
export function lookLines(
  snapshot: Seen,
  { now, width, paint }: { readonly now: number; readonly width: number; readonly paint: Paint },
): string[] {
  const { looks = [] } = snapshot
  if (looks.length === 0) return []
  const { tone, text } = wordsOfSilence(snapshot)
  const columns = [
    { title: 'LOOK', cell: nameOf },
    { title: 'LAST', cell: (look: LookStatus) => lastWords(look, now, knowsTimes(snapshot)) },
    { title: 'WHEN', cell: (look: LookStatus) => states[look.state](look) },
  ]
  const nobody = silenceOf(snapshot) === 'nobodyLooks'
  return [
    ...(nobody
      ? wrap(`${text}: whether anything is wrong, nobody knows.`, width, '').map((line) => paint(line, tone))
      : []),
    ...table(looks, columns, { width, paint }),
  ]
}
