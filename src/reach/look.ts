/**
 * Looks whether the CA could come: a token of our own is presented for the host, asked for along each way, and taken away. So
 * the very path of a challenge is walked, from the gateway to the store, and the CA is asked nothing.
 */
import { randomBytes } from 'node:crypto'
import { lookPrefix } from '../challenge/replica.ts'
import type { Challenge, ChallengeStore } from '../challenge/store.ts'
import { judgeAnswer, judgeSilence, type Judgement } from './answer.ts'
import { askOnce, type Asked, type Way } from './ask-once.ts'
import { inTurns } from './in-turns.ts'
import { findingOf } from './look-finding.ts'
import type { LegLook } from './leg-look.ts'
import type { Looker } from './looking.ts'
import { namesOf, type NameFacts } from './names.ts'
import { judgeOutside } from './outside.ts'

/** A way to a host: a gateway pod, or a public name. `way` is absent where there is nobody to ask. */
export interface Door {
  readonly leg: LegLook['leg']
  /** `namespace/name` of the pod, or the name that is asked. */
  readonly at: string
  readonly way?: Way
}

/** The outside leg: each address that the DNS gives for the host. */
export interface Outside {
  /** Of plain http. */
  readonly port: number
  /** As in the configuration; undefined: those of the system. */
  readonly resolvers: readonly string[] | undefined
  /** Names by which the CA of the host goes in CAA records; undefined: not known. */
  readonly identities: readonly string[] | undefined
}

export interface Ways {
  readonly doors: readonly Door[]
  /** Absent: a door stands for it, or nobody looks. */
  readonly outside?: Outside
  /** From a laptop, where the address of a pod may be nobody's, or somebody else's: only what gateways say counts. */
  readonly fromAfar?: true
}

export interface LookShell {
  readonly challenges: Pick<ChallengeStore, 'present' | 'cleanUp'>
  /** As long as a look may take, unless somebody waits for it. */
  readonly askMs?: AskMs
  /** The ways to a host, none where nobody can look. Rejects with Port80Failure where the cluster does not say. */
  waysOf(host: string): Promise<Ways>
  now(): number
}

/** Milliseconds for one answer along each leg. */
export interface AskMs {
  readonly inside: number
  readonly outside: number
}

/** With the DNS before it and the writing of the token a look stays below three seconds. */
const usualMs: AskMs = { inside: 2_400, outside: 1_500 }
/** Milliseconds that a token outlives a look that was cut off. */
const tokenMs = 60_000
/** So many hosts side by side. */
const hostsAtOnce = 50

export function looker(shell: LookShell): Looker {
  return {
    look: async (hosts, signal) =>
      (await inTurns(hosts, hostsAtOnce, (host) => lookAtHost(host, shell, signal))).flat(),
  }
}

async function lookAtHost(host: string, shell: LookShell, signal: AbortSignal): Promise<LegLook[]> {
  const ways = await shell.waysOf(host)
  if (ways.doors.length === 0 && !ways.outside) return []
  const token = `${lookPrefix}${randomBytes(24).toString('base64url')}`
  const challenge = {
    token,
    identifier: host,
    keyAuthorization: `${token}.${randomBytes(32).toString('base64url')}`,
    expiresAt: shell.now() + tokenMs,
  }
  try {
    const { outside } = ways
    const asking = outside && namesOf(outside.resolvers).of(host, { caa: outside.identities !== undefined })
    await shell.challenges.present(challenge)
    return await walk(challenge, ways, asking, { askMs: shell.askMs ?? usualMs, signal })
  } finally {
    // What is left after a failure here expires and is swept.
    await shell.challenges.cleanUp(token).catch(() => undefined)
  }
}

interface Terms {
  readonly askMs: AskMs
  readonly signal: AbortSignal
}

async function walk(
  challenge: Challenge,
  { doors, outside, fromAfar }: Ways,
  asking: Promise<NameFacts> | undefined,
  terms: Terms,
): Promise<LegLook[]> {
  const { identifier: host } = challenge
  const [looks, answers] = await Promise.all([
    Promise.all(doors.map((door) => throughDoor(challenge, door, { fromAfar, ...terms }))),
    outside && asking ? askAddresses(challenge, await asking, outside.port, terms) : undefined,
  ])
  if (!outside || !answers) return looks
  const inside = insideOf(looks)
  const { identities, resolvers } = outside
  return [
    ...looks,
    ...judgeOutside({ host, ...answers, inside, identities, publicView: resolvers !== undefined }),
  ]
}

function insideOf(looks: readonly LegLook[]): 'well' | 'bad' | 'absent' {
  const judged = looks.filter(({ leg, unjudged }) => leg === 'inside' && unjudged === undefined)
  if (judged.length === 0) return 'absent'
  if (judged.every(({ finding }) => finding !== undefined)) return 'bad'
  return 'well'
}

async function askAddresses(challenge: Challenge, names: NameFacts, port: number, { askMs, signal }: Terms) {
  const of = (family: 4 | 6, kind: NameFacts['four']) =>
    'none' in kind ? [] : kind.addresses.map((address) => ({ address, family }))
  const all = [...of(4, names.four), ...of(6, names.six)]
  const addresses = await Promise.all(
    all.map(async ({ address, family }) => ({
      ...{ address, family },
      asked: await askOnce(challenge, { address, port }, { timeoutMs: askMs.outside, signal }),
    })),
  )
  return { names, addresses }
}

const nobody: Judgement = { code: 'P80-316', seen: 'no ready pod has the labels of the gateway' }

async function throughDoor(
  challenge: Challenge,
  { leg, at, way }: Door,
  { fromAfar, askMs, signal }: Terms & { readonly fromAfar: true | undefined },
): Promise<LegLook> {
  const { identifier: host } = challenge
  const look = { host, leg, at }
  if (!way) return { ...look, finding: findingOf(nobody, host, at) }
  const asked = await askOnce(challenge, way, { timeoutMs: askMs.inside, signal })
  const judgement = judged(asked)
  const replica = 'facts' in asked ? asked.replica : undefined
  if (!judgement) return { ...look, ...(replica !== undefined && { replica }) }
  if (fromAfar && leg === 'inside' && !isOfGateway(asked))
    return { ...look, unjudged: 'the pod cannot be reached from here, which is no machine of the cluster' }
  return { ...look, finding: findingOf(judgement, host, at) }
}

/** Envoy's own word, or that of one behind it. */
function isOfGateway(asked: Asked): boolean {
  return 'facts' in asked && (asked.facts.envoy || asked.facts.body === 'port80')
}

function judged(asked: Asked): Judgement | undefined {
  return 'silence' in asked ? judgeSilence(asked.silence) : judgeAnswer(asked.facts)
}
