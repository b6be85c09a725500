/** What is known of one destination from looking at its gateway, and when to look again. */
import type { ServedStatus } from '../finding/reported.ts'
import type { Target } from './targets.ts'
import type { EnvoyRefusal } from './envoy-terms.ts'
import type { PodLook, Verdict } from './verdict.ts'

export interface State {
  readonly held: string
  since: number
  readonly measured: boolean
  nextAt: number
  looks: readonly PodLook[]
  verdict: Verdict['is']
  checkedAt: number
  /** What is known against the pair, where it is not served. */
  refusal?: EnvoyRefusal | undefined
  /** Seconds by pod and host; the whole under the empty key, once it is complete. */
  readonly picked: Map<string, number>
}

/** Troubles are looked at this often, ms, so that their end is seen soon. */
export const troubleEveryMs = 10_000

/** ms between two looks while many have something to be seen: twenty looks a second, however many they are. */
const apartMs = 50

interface RestTerms {
  readonly every: number
  readonly refused: boolean
  /** How many pairs are not proven at present. */
  readonly unproven: number
  /** From 0 to 1. */
  readonly random: number
}

/** Until the next look at the pods of one pair, in ms. */
export function restMs(
  { verdict, since, checkedAt }: Pick<State, 'verdict' | 'since' | 'checkedAt'>,
  { every, refused, unproven, random }: RestTerms,
): number {
  const crowdMs = unproven * apartMs
  if (verdict === 'waiting')
    return Math.max(checkedAt - since < 5_000 ? 250 : 1_000, Math.min(crowdMs, every))
  if (verdict !== 'proven' || refused) return Math.min(every, Math.max(troubleEveryMs, crowdMs))
  return every * (1 + random / 10)
}

export function unprovenOf(states: Iterable<State>): number {
  let count = 0
  for (const { verdict } of states) if (verdict !== 'proven') count += 1
  return count
}

/** Seconds from the installation, once: when all pods show the pair. Of one that was there before nothing is known. */
export function notePickup(state: State, now: number): number | undefined {
  if (!state.measured || state.picked.has('')) return undefined
  const seconds = Math.max(0, now - state.since) / 1_000
  for (const { pod, host, serial } of state.looks) {
    const key = `${pod} ${host}`
    if (serial === state.held && !state.picked.has(key)) state.picked.set(key, seconds)
  }
  if (state.verdict !== 'proven') return undefined
  state.picked.set('', seconds)
  return seconds
}

export function servedIn({ name, held }: Target, { looks, checkedAt, picked }: State): ServedStatus[] {
  return looks.map(({ pod, host, serial, notAfter, fault }) => {
    const pickupSeconds = picked.get(`${pod} ${host}`)
    return {
      ...{ certificate: name, host, pod, checkedAt, matches: serial === held },
      ...(serial !== undefined && { serial }),
      ...(notAfter !== undefined && { notAfter }),
      ...(fault !== undefined && { fault }),
      ...(pickupSeconds !== undefined && { pickupSeconds }),
    }
  })
}
