/**
 * What looks at the gateway pods of one destination say about the pair that it holds: waiting → proven | differs |
 * rollBack. Pure.
 *
 * The last good pair goes back only where it was seen to be served and no pod took the new one. A host that no server of
 * the gateway has, a pod that cannot be asked (nobody answers, the port is closed, or a sidecar of the worker ended the
 * connection: the worker may be kept away, or the port be another one), a pair that somebody else wrote: nothing is undone
 * for any of these.
 */
import type { HandshakeFault } from './handshake.ts'

/** One look at one pod for one host, and what the same pod showed for it before the pair came. */
export interface PodLook {
  /** `namespace/name`, or an address. */
  readonly pod: string
  readonly host: string
  readonly serial?: string
  readonly notAfter?: number
  readonly fault?: HandshakeFault
  readonly before?: string
}

/** An older pair of ours. */
export interface OlderPair {
  readonly serial: string
  readonly notAfter: number
}

export interface ProofState {
  readonly looks: readonly PodLook[]
  /** Serial of the pair in the destination. */
  readonly held: string
  /** Whether that is the newest pair of ours, and the one to serve. */
  readonly heldIsNewest: boolean
  /** Usable ones, newest first. */
  readonly older: readonly OlderPair[]
  /** Epoch ms: since when the destination holds the pair, as far as is known. */
  readonly since: number
  readonly deadlineMs: number
  readonly now: number
}

export type Verdict =
  | { readonly is: 'unseen' }
  | { readonly is: 'waiting' }
  | { readonly is: 'proven' }
  | { readonly is: 'differs' }
  | { readonly is: 'rollBack'; readonly to: OlderPair; readonly pods: readonly string[] }

/** A pair with less left is not put back: it would have to be replaced before anybody has looked. */
export const leastLeftMs = 3_600_000

export function verdictOf(state: ProofState): Verdict {
  const { looks, held, since, deadlineMs, now } = state
  if (looks.length === 0) return { is: 'unseen' }
  if (looks.every(({ serial }) => serial === held)) return { is: 'proven' }
  // Also where the clock was set back.
  if (now < since + deadlineMs && now >= since) return { is: 'waiting' }
  return lastGood(state) ?? { is: 'differs' }
}

function lastGood({ looks, held, heldIsNewest, older, now }: ProofState): Verdict | undefined {
  if (!heldIsNewest) return undefined
  if (looks.some((look) => look.serial === held || isUnasked(look.fault))) return undefined
  const to = older.find((pair) => looks.some((look) => clingsTo(look, pair.serial)))
  if (!to || to.notAfter < now + leastLeftMs) return undefined
  const pods = looks.filter((look) => clingsTo(look, to.serial)).map(({ pod }) => pod)
  return { is: 'rollBack', to, pods: [...new Set(pods)].sort() }
}

/** No connection to the pod came about, as far as is known, which says nothing about what is served. */
export function isUnasked(fault: string | undefined): boolean {
  return fault !== undefined && fault !== 'no handshake'
}

/** Still shows it, or showed it before and shows nothing since. */
function clingsTo({ serial, fault, before }: PodLook, older: string): boolean {
  return serial === older || (fault !== undefined && before === older)
}
