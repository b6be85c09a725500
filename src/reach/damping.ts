/**
 * When what a look saw becomes a finding, and when it ends: after two bad looks in a row along the same leg to the same
 * address, and after two good ones. One lost packet is no news, and a leg that comes and goes is not a page every five
 * minutes, but it is counted. Pure; times are epoch milliseconds.
 */
import type { FindingCode } from '../finding/catalogue.ts'
import type { LastingFinding, LegStatus } from '../finding/reported.ts'
import { findingKey } from '../finding/merge.ts'
import type { LegLook } from './leg-look.ts'

/** So many looks in a row make or end a finding. */
export const looksInARow = 2

interface Trouble {
  readonly finding: NonNullable<LegLook['finding']>
  /** Of the first look that saw it. */
  readonly since: number
  readonly lastSeen: number
  /** It has lasted; what has not is gone with the first good look. */
  readonly lasts: boolean
  /** Looks in a row that did not see it. */
  readonly missed: number
}

/** One leg of one host to one address. */
export interface LegMemory {
  readonly look: LegLook
  readonly checkedAt: number
  /** Bad looks in a row up to now, whatever each saw. */
  readonly bad: number
  readonly troubles: readonly Trouble[]
  /** How often it turned from good to bad or back. */
  readonly turns: number
}

/** Of one host; by leg and address. */
export type HostMemory = ReadonlyMap<string, LegMemory>

const keyOf = ({ leg, at }: LegLook) => `${leg} ${at}`

/**
 * After one look at a host, along all its legs. An address that was not looked at any more (a pod that is gone, a record
 * that was taken out) counts as a good look at what was wrong there.
 */
export function damped(before: HostMemory, looks: readonly LegLook[], now: number): HostMemory {
  const after = new Map<string, LegMemory>()
  const dark = looks.filter(({ unjudged }) => unjudged !== undefined)
  for (const look of looks)
    if (look.unjudged === undefined) after.set(keyOf(look), afterLook(before.get(keyOf(look)), look, now))
  for (const [key, memory] of before) {
    if (dark.some((look) => covers(look, memory.look))) after.set(key, memory)
  }
  for (const [key, memory] of before) {
    const troubles = after.has(key) ? [] : withoutIt(memory.troubles)
    if (troubles.length > 0) after.set(key, { ...memory, bad: 0, troubles })
  }
  return after
}

/** A look that says nothing changes nothing; one that did not even find an address stands for the whole leg. */
function covers(dark: LegLook, known: LegLook): boolean {
  return dark.leg === known.leg && (dark.at === known.at || dark.at === dark.host)
}

const unknown: Omit<LegMemory, 'look' | 'checkedAt'> = { bad: 0, troubles: [], turns: 0 }

function afterLook(memory: LegMemory | undefined, look: LegLook, now: number): LegMemory {
  const { finding } = look
  const before = memory ?? unknown
  const turned = memory !== undefined && memory.bad > 0 !== (finding !== undefined)
  const turns = before.turns + (turned ? 1 : 0)
  const troubles = withoutIt(before.troubles, finding?.code)
  if (!finding) return { look, checkedAt: now, bad: 0, troubles, turns }
  const bad = before.bad + 1
  return { look, checkedAt: now, bad, troubles: [...troubles, seenAgain(before, finding, bad, now)], turns }
}

function seenAgain(
  { troubles }: Pick<LegMemory, 'troubles'>,
  finding: Trouble['finding'],
  bad: number,
  now: number,
): Trouble {
  const known = troubles.find((each) => each.finding.code === finding.code)
  // The leg is bad for the second time, though a gateway that is rolled out may say another thing each time.
  const lasts = known?.lasts === true || bad >= looksInARow
  return { finding, since: known?.since ?? now, lastSeen: now, lasts, missed: 0 }
}

/** Those other than `seen` after a look that did not see them. */
function withoutIt(troubles: readonly Trouble[], seen?: FindingCode): Trouble[] {
  return troubles
    .filter(({ finding, lasts }) => finding.code !== seen && lasts)
    .map((each) => ({ ...each, missed: each.missed + 1 }))
    .filter(({ missed }) => missed < looksInARow)
}

/** What lasts, of one host: what several legs saw is one finding, in the words of the first and since it was first seen. */
export function lasting(memory: HostMemory): LastingFinding[] {
  const all = new Map<string, LastingFinding>()
  const troubles = [...memory.values()].flatMap((each) => each.troubles.filter(({ lasts }) => lasts))
  for (const { finding, since, lastSeen } of troubles) {
    const key = findingKey(finding)
    const known = all.get(key) ?? { ...finding, since, lastSeen, from: 'canary' as const }
    all.set(key, {
      ...known,
      since: Math.min(known.since, since),
      lastSeen: Math.max(known.lastSeen, lastSeen),
    })
  }
  return [...all.values()]
}

/** Each leg as it was seen last: not damped, it is what it is. */
export function legsOf(memory: HostMemory): LegStatus[] {
  return [...memory.values()].map(({ look, checkedAt }) => legStatus(look, checkedAt))
}

export function legStatus(look: LegLook, checkedAt: number): LegStatus {
  const { host, leg, at, replica, finding } = look
  return {
    ...{ host, leg, at, ok: finding === undefined, checkedAt },
    ...(replica !== undefined && { replica }),
    ...(finding && { code: finding.code }),
  }
}

/** Whether one more look decides something: it comes sooner than the next turn of the host. */
export function undecided(memory: HostMemory): boolean {
  return [...memory.values()].some(
    ({ bad, troubles }) => (bad > 0 && bad < looksInARow) || troubles.some(({ missed }) => missed > 0),
  )
}

/** How often the legs of a host turned from good to bad or back. */
export function turnsOf(memory: HostMemory): number {
  return [...memory.values()].reduce((sum, { turns }) => sum + turns, 0)
}
