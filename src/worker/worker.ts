/**
 * The loop of the leader: gather ─► plan ─► apply ─► sleep until the earliest next moment.
 * Orders run beside the loop, at most `parallelOrders` at once (slots.ts); each one's end wakes it. Destinations are read
 * and written beside it, too (readings.ts, deliveries.ts): one that hangs stops nothing but its own certificate.
 */
import type { Desired } from '../certificate/certificate.ts'
import { plan, type Plan } from '../certificate/plan.ts'
import type { Destination } from '../destination/destination.ts'
import type { ApplyShell } from './apply.ts'
import { deliveriesOf } from './deliveries.ts'
import { gather, gatherMemory, type Gathered, type GatherMemory, type Sources } from './gather.ts'
import { atMost } from './lanes.ts'
import { tick, type Term } from './tick.ts'
import type { Wake } from './wake.ts'

export interface WorkerShell extends Omit<ApplyShell, 'deliver' | 'later'> {
  readonly sources: Sources
  destinationsOf(name: string): readonly Destination[]
  /** What a destination holds has changed, for whoever remembers it; the worker's own memory knows by itself. */
  changedInstalled(name: string): void
  /** The configuration in force; asked at each tick. */
  desired(): readonly Desired[]
  parallelOrders(): number
  /** Removes tokens that have expired. */
  sweepTokens(): Promise<unknown>
  /** Longest sleep, ms. */
  tickMs(): number
  /** Acts of the command line that concern an account (key roll-over); `busy`: orders run, so it waits its turn. */
  accountRequests(gathered: Gathered, busy: boolean, signal: AbortSignal): Promise<void>
  /** What the last gather and plan were, for status. */
  seen(gathered: Gathered, plan: Plan): void
  readonly wake: Wake
}

/** So long, ms, the loop waits for destinations and for the sweep; what takes longer ends beside it and wakes it. */
const patienceMs = 1_000
/** Readings that end one after the other do not each make a new plan. */
const gatherAgainMs = 300
/** So long, ms, the end of a term waits for writes that cannot be broken off. */
const lastWritesMs = 5_000

/**
 * Runs until the signal aborts; then ends every act and returns. Throws for faults of the store or of ours, and when
 * leadership is lost; the other acts are ended then too, and gone on with in the next term.
 */
export async function work(shell: WorkerShell, signal: AbortSignal): Promise<void> {
  const soon = wakeSoon(shell.wake)
  const memory = gatherMemory({ patienceMs, changed: () => soon.wake() })
  const abort = new AbortController()
  const faults: unknown[] = []
  const failed = (error: unknown) => {
    faults.push(error)
    abort.abort(error)
  }
  const term = begin({ shell, memory, failed, signal: AbortSignal.any([signal, abort.signal]) })
  try {
    await loop(term, memory)
  } finally {
    abort.abort()
    soon.end()
    await Promise.allSettled([...term.running.values()].map(({ end }) => end))
    await atMost(lastWritesMs, Promise.allSettled([term.deliveries.settled(), ...term.background]))
  }
  if (faults.length > 0) throw faults[0]
}

function begin({
  memory,
  ...given
}: Pick<Term, 'shell' | 'failed' | 'signal'> & { readonly memory: GatherMemory }): Term {
  const { shell } = given
  const changedInstalled = (name: string) => {
    memory.installed.delete(name)
    shell.changedInstalled(name)
  }
  const deliveries = deliveriesOf({ ...shell, changedInstalled })
  return { ...given, running: new Map(), background: new Set(), deliveries, patienceMs }
}

async function loop(term: Term, memory: GatherMemory): Promise<void> {
  const { shell, signal } = term
  let readAllAt: number | undefined
  while (!signal.aborted) {
    if (readAllAt === undefined || isPast(readAllAt, shell)) {
      memory.installed.clear()
      shell.certificates.forget()
      shell.holds.forget()
      shell.sources.budgets.forget()
      readAllAt = shell.now() + shell.tickMs()
      // Listing is also the sweep of tokens that a crash left behind; a store that cannot list them says so elsewhere.
      const swept = shell.sweepTokens().catch(() => undefined)
      await atMost(patienceMs, swept)
    }
    const gathered = await gather(shell.desired(), shell.sources, memory, new Set(term.running.keys()))
    const planned = plan(gathered.world)
    shell.seen(gathered, planned)
    await tick(planned, gathered, term)
    shell.observer.tick(shell.now())
    await shell.wake.wait(sleepMs(planned, shell), signal)
  }
}

function wakeSoon(wake: Wake): { wake(): void; end(): void } {
  let timer: NodeJS.Timeout | undefined
  return {
    wake() {
      timer ??= setTimeout(() => {
        timer = undefined
        wake.now()
      }, gatherAgainMs)
    },
    end: () => clearTimeout(timer),
  }
}

/** Also when the clock was set back: otherwise nothing would be read until it has caught up. */
function isPast(moment: number, shell: Pick<WorkerShell, 'now' | 'tickMs'>): boolean {
  const now = shell.now()
  return now >= moment || now < moment - shell.tickMs()
}

/** Never longer than a tick (the wall clock may jump), never shorter than a breath. */
export function sleepMs(planned: Plan, shell: Pick<WorkerShell, 'now' | 'tickMs'>): number {
  const next = planned.nextWakeAt === undefined ? Infinity : planned.nextWakeAt - shell.now()
  return Math.max(50, Math.min(next, shell.tickMs()))
}
