/** The whole picture for status, metrics and the command line: of the own worker when it leads, else of the store. */
import { plan, type Plan } from '../certificate/plan.ts'
import type { PublishedReader } from '../kube/published-reader.ts'
import { overWritten } from '../finding/merge.ts'
import type { Reported } from '../finding/reported.ts'
import { Port80Failure } from '../reason.ts'
import { buildStatus } from '../status/build.ts'
import type { StatusSnapshot } from '../status/snapshot.ts'
import { toldSnapshot } from '../status/told.ts'
import { looksOf } from '../finding/looks.ts'
import { gather, gatherMemory, type Gathered } from '../worker/gather.ts'
import { limitsOf } from './budgets.ts'
import type { Live } from './live.ts'
import { countedBefore } from './counting-part.ts'
import { openJournals, type Stores } from './stores.ts'

export interface Look {
  readonly gathered: Gathered
  readonly plan: Plan
  /** Who came over plain http, as it was written down; a worker that leads knows newer. */
  readonly counted?: Reported
}

/** Gathers from the store and plans; writes nothing, leads nothing. Throws Port80Failure when the store cannot be read. */
export async function look(live: Live, stores: Stores, now: () => number): Promise<Look> {
  await live.refresh()
  const gathered = await gather(
    live.desired(),
    {
      state: stores.state,
      ...openJournals(stores.state),
      destinationsOf: live.destinationsOf,
      limitsOf: limitsOf(live),
      now,
    },
    gatherMemory(),
    new Set(),
  )
  const counted = await countedBefore(stores.state, live, now())
  return { gathered, plan: plan(gathered.world), ...(counted && { counted }) }
}

export interface ViewShell {
  readonly live: Live
  readonly stores: Stores
  /** What the worker of this process saw at its last tick, while it leads. */
  readonly own: () => Look | undefined
  /** What was found while this process leads; a process that does not has found nothing. */
  readonly reported?: () => Reported
  readonly version: string
  readonly configuration: () => StatusSnapshot['configuration']
  readonly worker: () => StatusSnapshot['worker']
  readonly now: () => number
}

/** Looks of a process that does not lead are shared for this long: a scrape must not read thousands of files twice. */
const sharedMs = 2_000

/**
 * A function that answers the snapshot of now. It always answers: with an unreadable store the certificates of the last
 * good look are shown beside the fault.
 */
export function snapshotter(shell: ViewShell): () => Promise<StatusSnapshot> {
  const look = sharedLook(shell)
  return async () => {
    const { seen, fault } = await look()
    const store = await tokensIn(shell.stores)
    const sources = shell.live.sources()
    return buildStatus({
      world: { ...seen.gathered.world, now: shell.now() },
      plan: seen.plan,
      faults: seen.gathered.faults,
      version: shell.version,
      configuration: shell.configuration(),
      worker: shell.worker(),
      store: fault === undefined ? store : { ...store, readable: false, fault },
      ...(sources && { sources }),
      looks: looksOf(shell.live.config(), shell.live.desired()),
      reported: overWritten(seen.counted ?? {}, shell.reported?.() ?? {}),
    })
  }
}

/**
 * The same for a process that does not lead and does not look into the store either: a responder has no right to, and
 * thousands of Secrets are not to be read for every scrape. What the leader told, beside what is known here.
 */
export function hearsaySnapshot(
  shell: Omit<ViewShell, 'own' | 'live'>,
  hearsay: Pick<PublishedReader, 'latest'>,
): () => Promise<StatusSnapshot> {
  return async () => {
    const [{ told, fault }, store] = await Promise.all([hearsay.latest(), tokensIn(shell.stores)])
    return toldSnapshot({
      told,
      ...(fault !== undefined && { fault }),
      now: shell.now(),
      version: shell.version,
      configuration: shell.configuration(),
      worker: shell.worker(),
      store,
    })
  }
}

async function tokensIn({ challenges }: Pick<Stores, 'challenges'>): Promise<StatusSnapshot['store']> {
  try {
    return { readable: true, tokens: (await challenges.list()).length }
  } catch (error) {
    return { readable: false, tokens: 0, fault: faultOf(error) }
  }
}

interface Seen {
  readonly seen: Look
  readonly fault?: string
}

function sharedLook(shell: ViewShell): () => Promise<Seen> {
  let last: (Seen & { readonly at: number }) | undefined
  return async () => {
    const own = shell.own()
    if (own) return { seen: own }
    if (last && shell.now() - last.at < sharedMs) return last
    try {
      last = { seen: await look(shell.live, shell.stores, shell.now), at: shell.now() }
    } catch (error) {
      last = { seen: last?.seen ?? nothing, at: shell.now(), fault: faultOf(error) }
    }
    return last
  }
}

const nothing: Look = {
  gathered: {
    world: { now: 0, certificates: [], holds: new Map(), budgets: new Map() },
    faults: new Map(),
    strayRequests: new Map(),
    requests: new Map(),
  },
  plan: { steps: [], nextWakeAt: undefined },
}

function faultOf(error: unknown): string {
  return error instanceof Port80Failure ? error.failure.detail : 'cannot be read'
}
