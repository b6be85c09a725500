/** What is known of one destination from looking at its gateway, and when to look again. */
import type { ServedStatus } from '../finding/reported.ts'
import type { EnvoyRefusal } from './envoy-terms.ts'
import type { Target } from './targets.ts'
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
  /** How many pairs are where this one is, itself among them. */
  readonly crowd: number
  /** From 0 to 1. */
  readonly random: number
}

/** Until the next look at the pods of one pair, in ms. */
export function restMs(
  { verdict, since, checkedAt }: Pick<State, 'verdict' | 'since' | 'checkedAt'>,
  { every, refused, crowd, random }: RestTerms,
): number {
  const crowdMs = crowd * apartMs
  if (verdict === 'waiting')
    return Math.max(checkedAt - since < 5_000 ? 250 : 1_000, Math.min(crowdMs, every))
  if (verdict !== 'proven' || refused) return Math.min(every, Math.max(troubleEveryMs, crowdMs))
  return every * (1 + random / 10)
}

/**
 * How many share the looks of a pair with that verdict: new ones are not made to wait by those that have long been in trouble,
 * such as names without a server on 443.
 */
export function crowdOf(verdict: Verdict['is'], states: Iterable<Pick<State, 'verdict'>>): number {
  let count = 0
  for (const { verdict: other } of states)
    if (other !== 'proven' && (other === 'waiting') === (verdict === 'waiting')) count += 1
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
