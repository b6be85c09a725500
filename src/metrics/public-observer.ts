/** What the public server counts. Called for every request, so each call adds one to a plain number and no more. */
import { challengeResults } from '../http/challenge-answer.ts'
import type { PublicObserver } from '../http/public-routes.ts'
import type { RedirectStatus } from '../http/redirect.ts'
import { refusalReasons } from '../http/refusal.ts'
import { publicCounters } from './catalogue.ts'
import { counter, type Definition, type Registry } from './prom-client.ts'

export const redirectStatuses = [301, 302, 308] as const satisfies readonly RedirectStatus[]

/**
 * prom-client's own counters build a string of the labels on every call (150 ns against 30 ns, a hundredth of what a
 * redirect costs), so the numbers are kept here and handed over at the scrape. All label values are there from the
 * start, at zero: a rate then sees the first event.
 */
export function createPublicObserver(registry: Registry): PublicObserver {
  const challenges = createTally(challengeResults)
  const redirects = createTally(redirectStatuses)
  const refused = createTally(refusalReasons)
  exportTally(registry, publicCounters.challengeRequests, challenges)
  exportTally(registry, publicCounters.redirects, redirects)
  exportTally(registry, publicCounters.refused, refused)
  return {
    challengeAnswered: (result) => void (challenges[result] += 1),
    redirected: (status) => void (redirects[status] += 1),
    refused: (reason) => void (refused[reason] += 1),
  }
}

type Tally<Key extends string | number> = Record<Key, number>

function createTally<Key extends string | number>(keys: readonly Key[]): Tally<Key> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Tally<Key>
}

function exportTally<Label extends string>(
  registry: Registry,
  definition: Definition<Label>,
  tally: Readonly<Record<string, number>>,
) {
  const [label] = definition.labels
  counter(registry, definition, (set) => {
    for (const [key, count] of Object.entries(tally))
      set({ [label as string]: key } as Record<Label, string>, count)
  })
}
