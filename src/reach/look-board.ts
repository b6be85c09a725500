/**
 * What is known of the way to each managed host: the looks of preflight and canary, damped together, since both go the
 * same way. In memory, for one term of leadership.
 */
import { findingKey } from '../finding/merge.ts'
import type { LastingFinding, Reported } from '../finding/reported.ts'
import type { HostTurn } from './canary-schedule.ts'
import { severityOf } from '../finding/finding.ts'
import { damped, lasting, legsOf, turnsOf, undecided, type HostMemory } from './damping.ts'
import type { LegLook } from './leg-look.ts'

export type LookedBy = 'preflight' | 'canary'

export interface Changes {
  readonly began: readonly LastingFinding[]
  readonly ended: readonly LastingFinding[]
  /** How many last now. */
  readonly lasting: number
  /** How often the legs of the host turned from good to bad or back. */
  readonly turns: number
}

export interface LookBoard {
  /** One look at one host, along all its legs; `now` in epoch ms. What changed by it is the answer. */
  note(host: string, looks: readonly LegLook[], by: LookedBy, now: number): Changes
  /** A look that could not be made: nothing is known anew, and the host waits for its next turn. */
  skip(host: string, now: number): void
  /** Forgets all other hosts: they are not managed any more. True when there were any. */
  keepOnly(hosts: ReadonlySet<string>): boolean
  /** Nothing is wrong with these hosts any more; somebody better placed has seen it: the CA. */
  clear(hosts: readonly string[]): void
  turnOf(host: string, running: boolean, now: number): HostTurn
  report(): Pick<Reported, 'findings' | 'legs'>
}

interface Known {
  /** When it was heard of. */
  readonly since: number
  readonly lookedAt?: number
  readonly by: LookedBy
  readonly memory: HostMemory
}

export function lookBoard(): LookBoard {
  const hosts = new Map<string, Known>()
  const knownOf = (host: string, now: number): Known => {
    const known = hosts.get(host) ?? { since: now, by: 'canary' as const, memory: new Map() }
    hosts.set(host, known)
    return known
  }
  return {
    note(host, looks, by, now) {
      const before = knownOf(host, now)
      const after = { ...before, by, lookedAt: now, memory: damped(before.memory, looks, now) }
      hosts.set(host, after)
      return changesOf(before, after)
    },
    skip(host, now) {
      hosts.set(host, { ...knownOf(host, now), lookedAt: now })
    },
    keepOnly(wanted) {
      const gone = [...hosts.keys()].filter((host) => !wanted.has(host))
      for (const host of gone) hosts.delete(host)
      return gone.length > 0
    },
    clear(names) {
      for (const name of names) hosts.delete(name)
    },
    turnOf(host, running, now) {
      const { since, lookedAt, memory } = knownOf(host, now)
      return {
        ...{ host, since, running, undecided: undecided(memory), troubled: isTroubled(memory) },
        ...(lookedAt !== undefined && { lookedAt }),
      }
    },
    report() {
      const all = [...hosts.values()]
      return { findings: all.flatMap(findingsOf), legs: all.flatMap(({ memory }) => legsOf(memory)) }
    },
  }
}

function findingsOf({ memory, by }: Known): LastingFinding[] {
  return lasting(memory).map((each) => ({ ...each, from: by }))
}

function changesOf(before: Known, after: Known): Changes {
  const [old, fresh] = [findingsOf(before), findingsOf(after)]
  return {
    began: without(fresh, old),
    ended: without(old, fresh),
    lasting: fresh.length,
    turns: turnsOf(after.memory),
  }
}

/** A way that cannot be judged from here is nobody's to mend. */
function isTroubled(memory: HostMemory): boolean {
  return lasting(memory).some((each) => severityOf(each) === 'error')
}

function without(all: readonly LastingFinding[], some: readonly LastingFinding[]): LastingFinding[] {
  const keys = new Set(some.map(findingKey))
  return all.filter((each) => !keys.has(findingKey(each)))
}
