/**
 * The snapshot of a process that does not lead: certificates, limits and configuration as the leader told them, the rest
 * its own. Pure.
 */
import { withTimes } from '../finding/looks.ts'
import { reportedOf } from '../finding/merge.ts'
import type { Reported } from '../finding/reported.ts'
import type { StatusSnapshot } from './snapshot.ts'

/** What the leader told last, as a reader has it. */
export interface Told extends Pick<
  StatusSnapshot,
  'worker' | 'store' | 'configuration' | 'holds' | 'certificates' | 'sources' | 'looks'
> {
  /** What the leader found: findings, legs, what is served, budget, plain http. */
  readonly reported?: Reported
  readonly by: string
  /** Epoch ms by the leader's clock. */
  readonly at: number
  /** Certificates for which there was no room. */
  readonly leftOut: number
  /** What this version does not know of a newer leader's; absent: nothing. */
  readonly unknown?: number
  /** Milliseconds since it was told, by the reader's clock. */
  readonly ageMs: number
}

export interface ToldInput {
  readonly told: Told | undefined
  /** Why nothing, or nothing newer, is known. */
  readonly fault?: string
  /** Epoch ms. */
  readonly now: number
  readonly version: string
  /** Of this process. */
  readonly configuration: StatusSnapshot['configuration']
  readonly worker: StatusSnapshot['worker']
  readonly store: StatusSnapshot['store']
}

/** The leader tells at least every 30 s; three in a row missed is no hiccup any more. */
export const staleAfterMs = 90_000

export function toldSnapshot(input: ToldInput): StatusSnapshot {
  const { told, fault, now, version, configuration, worker } = input
  const stale = told === undefined || told.ageMs > staleAfterMs
  const own = {
    ...{ at: now, version, configuration, worker, store: storeOf(input) },
    told: { stale, leftOut: told?.leftOut ?? 0, ...(fault !== undefined && { fault }) },
  }
  if (told === undefined) return { ...own, holds: [], certificates: [] }
  return {
    ...own,
    // A fault of the own file is of this process; one of the leader's is why certificates are as they are.
    configuration: configuration.faults.length === 0 ? told.configuration : configuration,
    worker: { ...leadersWorker(told, stale), ...worker },
    told: {
      ...own.told,
      ...{ by: told.by, at: told.at },
      ...(told.unknown !== undefined && { unknown: told.unknown }),
    },
    holds: told.holds.filter((hold) => hold.until > now),
    certificates: told.certificates,
    ...(told.sources && { sources: told.sources }),
    ...(told.looks && { looks: withTimes(told.looks, told.reported?.lookedAt) }),
    ...(told.reported && reportedOf(told.reported)),
  }
}

/** When the leader ticked last and does next; who it is only while it lives. */
function leadersWorker({ by, worker }: Told, stale: boolean): Partial<StatusSnapshot['worker']> {
  const { lastTickAt, nextWakeAt } = worker
  return {
    ...(!stale && { leader: by }),
    ...(lastTickAt !== undefined && { lastTickAt }),
    ...(nextWakeAt !== undefined && !stale && { nextWakeAt }),
  }
}

function storeOf({ told, store }: ToldInput): StatusSnapshot['store'] {
  if (!store.readable || told === undefined || told.store.readable) return store
  return { ...store, readable: false, fault: `${told.by} says: ${told.store.fault ?? 'cannot be read'}` }
}
