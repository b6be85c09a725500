/** /status/budget: what is left of the limits of each CA, and which of them hold something up. Pure. */
import type { BudgetStatus } from '../finding/reported.ts'
import { renderBuckets } from './budget-table.ts'
import { renderDocument, type PageOptions } from './document.ts'
import { html, type Html } from './html.ts'
import { renderHolds } from './overview.ts'
import type { StatusSnapshot } from './snapshot.ts'
import type { Headline } from './tone.ts'
import { counted } from './words.ts'

export function renderBudgetPage(snapshot: StatusSnapshot, options: PageOptions): string {
  const { tone, text } = headlineOf(snapshot, options.now)
  return renderDocument(
    {
      ...{ view: 'budget', depth: 1, title: text, tone },
      skipTo: { id: 'limits', words: 'To the limits' },
      lead: () => html`<p class="lead">${leadOf(snapshot)}</p>`,
      main: () =>
        html`<div id="limits">
          ${renderHolds(snapshot, options.now, 'What the CA has asked for')}
          ${byIssuer(snapshot.budget).map(([issuer, buckets], index) => renderIssuer({ issuer, buckets, index }, options.now))}
        </div>`,
    },
    snapshot,
    options,
  )
}

function headlineOf({ budget, holds }: StatusSnapshot, now: number): Headline {
  const used =
    budget?.filter(({ nextPossibleAt }) => nextPossibleAt !== undefined && nextPossibleAt > now) ?? []
  if (used.length > 0)
    return {
      tone: 'warn',
      text: `${counted(used.length, 'limit')} of a CA ${used.length === 1 ? 'is' : 'are'} used up for now`,
    }
  if (holds.length > 0) return { tone: 'warn', text: 'A CA has asked to be left alone' }
  if (budget === undefined) return { tone: 'busy', text: 'Limits of the CA are not counted' }
  return { tone: 'good', text: 'All limits of the CA leave room' }
}

function leadOf({ budget, leftOut }: StatusSnapshot): string {
  if (budget === undefined)
    return 'Nothing is counted for an issuer without known limits, or whose budget is off; a worker that does not lead counts nothing.'
  const rest = leftOut?.budget ?? 0
  const room = rest > 0 ? ` ${counted(rest, 'line')} had no room here.` : ''
  return `port80 counts what it spends, by the limits that each CA publishes, and places no order that would cross one; what the CA itself asks for overrules the count.${room}`
}

function byIssuer(budget: readonly BudgetStatus[] = []): (readonly [string, BudgetStatus[]])[] {
  const groups = new Map<string, BudgetStatus[]>()
  for (const bucket of budget) groups.set(bucket.issuer, [...(groups.get(bucket.issuer) ?? []), bucket])
  return [...groups].map(([issuer, buckets]) => [
    issuer,
    buckets.toSorted((one, other) => share(other) - share(one)),
  ])
}

const share = ({ used, limit }: BudgetStatus) => used / Math.max(limit, 1)

interface Issuer {
  readonly issuer: string
  readonly buckets: readonly BudgetStatus[]
  readonly index: number
}

function renderIssuer({ issuer, buckets, index }: Issuer, now: number): Html {
  const id = `issuer-${index + 1}`
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${issuer}</h2>
    ${renderBuckets(buckets, id, now)}
  </section>`
}
