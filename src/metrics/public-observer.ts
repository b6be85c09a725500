/** What the public server counts. Called for every request, so each call adds one to a plain number and no more. */
import { challengeResults } from '../http/challenge-answer.ts'
import type { PublicObserver } from '../http/public-routes.ts'
import type { RedirectStatus } from '../http/redirect.ts'
import { refusalReasons } from '../http/refusal.ts'
import { agentClasses } from '../traffic/agent-class.ts'
import { otherHosts, type RedirectCounter } from '../traffic/redirect-counter.ts'
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

/** Hosts with series of their own: four each. */
const mostHosts = 1_000

/** Who still comes over plain http, of this process. Hosts are those of the configuration and of Gateways it serves. */
export function exportTraffic(registry: Registry, traffic: Pick<RedirectCounter, 'totals'>): void {
  counter(registry, publicCounters.hostRedirects, (set) => {
    const others = { browser: 0, bot: 0, library: 0, other: 0 }
    let shown = 0
    for (const [host, agents] of traffic.totals()) {
      const own = host !== otherHosts && ++shown <= mostHosts
      for (const agent of agentClasses) {
        if (own) set({ host, agent }, agents[agent])
        else others[agent] += agents[agent]
      }
    }
    for (const agent of agentClasses) set({ host: otherHosts, agent }, others[agent])
  })
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
