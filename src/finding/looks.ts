/**
 * Which looks are on, by the configuration in force, and when each was taken last. Pure. An empty list of findings is worth
 * as much as the looks behind it: where nobody looks, nothing is known to be well.
 */
import { policyOf } from '../config/reach-schema.ts'
import type { Config } from '../config/schema.ts'
import type { LookTime } from './reported.ts'

export const lookNames = ['preflight', 'canary', 'serving', 'observe', 'lint'] as const
export type LookName = (typeof lookNames)[number]

export const lookStates = [
  'off',
  'blind', // it is on, but what it needs is off
  'require', // before each first order, which waits for it
  'warn', // before each first order, which goes on meanwhile
  'every', // by the clock
  'asked', // when a person asks for it
] as const
export type LookState = (typeof lookStates)[number]

export interface LookStatus {
  readonly look: LookName
  /** Of preflight: before orders of this issuer; absent where nothing is ordered. */
  readonly issuer?: string
  readonly state: LookState
  /** Milliseconds between two looks, where `state` is `every`. */
  readonly everyMs?: number
  /** Epoch ms; absent: not yet, or not known to this process. */
  readonly lookedAt?: number
}

type Settings = Pick<
  Config,
  | ('issuers' | 'preflight' | 'canary' | 'selfCheck' | 'proof' | 'observe' | 'lint')
  | ('destinations' | 'certificates' | 'discovery')
>
interface Ordered {
  readonly issuer: string
  readonly fallbackIssuer?: string
}

/** In the order of {@link lookNames}; preflight once for each issuer that something is ordered from. */
export function looksOf(config: Settings, ordered: readonly Ordered[]): LookStatus[] {
  return [...preflights(config, ordered), canaryLook(config), ...servingLooks(config), lintLook(config)]
}

/** Objects of the cluster are judged by a command, and by the worker where somebody wishes it. */
function lintLook({ lint }: Settings): LookStatus {
  return lint === 'off' ? { look: 'lint', state: 'asked' } : everySo('lint', 'every', lint.every)
}

function preflights(config: Settings, ordered: readonly Ordered[]): LookStatus[] {
  const issuers = new Set(ordered.flatMap(({ issuer, fallbackIssuer }) => [issuer, fallbackIssuer ?? issuer]))
  if (issuers.size === 0) return [{ look: 'preflight', state: seeing(config.preflight, config) }]
  return [...issuers].map((issuer) => ({
    ...{ look: 'preflight', issuer },
    state: seeing(policyOf(config, issuer), config),
  }))
}

function canaryLook(config: Settings): LookStatus {
  const { canary } = config
  if (canary === 'off') return { look: 'canary', state: 'off' }
  return everySo('canary', seeing('every', config), canary.every)
}

/** Both looks at the way of the CA take the front doors of the self-check. */
function seeing(state: LookState, { selfCheck }: Settings): LookState {
  return state !== 'off' && selfCheck === 'off' ? 'blind' : state
}

function servingLooks(config: Settings): LookStatus[] {
  const { proof, observe } = config
  const isOff = proof === 'off'
  const serving: LookState = isOff ? 'off' : hasGateways(config) ? 'every' : 'blind'
  const observing: LookState = observe.length === 0 ? 'off' : isOff ? 'blind' : 'every'
  const every = isOff ? 0 : proof.every
  return [everySo('serving', serving, every), everySo('observe', observing, every)]
}

/** Whether it is known who reads what is installed: the pods beside a Secret, or the one address of folders. */
function hasGateways({ proof, destinations, certificates, discovery }: Settings): boolean {
  if (discovery || (proof !== 'off' && proof.address !== undefined)) return true
  const places = [...destinations, ...certificates.flatMap((each) => each.destinations ?? [])]
  return places.some(({ secret }) => secret !== undefined)
}

function everySo(look: LookName, state: LookState, everyMs: number): LookStatus {
  return { look, state, ...(state === 'every' && { everyMs }) }
}

/** The same with when each was taken last. What is off was taken by another configuration, if at all. */
export function withTimes(looks: readonly LookStatus[], times: readonly LookTime[] = []): LookStatus[] {
  const byKey = new Map(times.map((each) => [keyOf(each), each.at]))
  return looks.map(({ lookedAt: _old, ...look }) => {
    const at = isOn(look) ? byKey.get(keyOf(look)) : undefined
    return at === undefined ? look : { ...look, lookedAt: at }
  })
}

/** Whether port80 takes it by itself. */
export function isOn({ state }: Pick<LookStatus, 'state'>): boolean {
  return state === 'require' || state === 'warn' || state === 'every'
}

/** Of each look the last time. */
export function latestTimes(times: readonly LookTime[]): LookTime[] {
  const latest = new Map<string, LookTime>()
  for (const each of times) {
    const known = latest.get(keyOf(each))
    if (!known || known.at <= each.at) latest.set(keyOf(each), each)
  }
  return [...latest.values()]
}

function keyOf({ look, issuer = '' }: Pick<LookStatus, 'look' | 'issuer'>): string {
  return `${look} ${issuer}`
}
