/**
 * The loop of the leader: gather ─► plan ─► apply ─► sleep until the earliest next moment.
 * Orders run beside the loop, at most `parallelOrders` at once; each one's end wakes it.
 */
import type { Desired } from '../certificate/certificate.ts'
import { plan, type Plan } from '../certificate/plan.ts'
import { applyLong, applyShort, dropRequest, isLong, type ApplyShell, type LongStep } from './apply.ts'
import { gather, gatherMemory, type Gathered, type Sources } from './gather.ts'
import type { Wake } from './wake.ts'

export interface WorkerShell extends ApplyShell {
  readonly sources: Sources
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

/** Runs until the signal aborts; then ends every act and returns. Throws only for faults of the store or of ours. */
export async function work(shell: WorkerShell, signal: AbortSignal): Promise<void> {
  const memory = gatherMemory()
  const running = new Map<string, Promise<void>>()
  const faults: unknown[] = []
  let readAllAt = 0
  try {
    while (!signal.aborted && faults.length === 0) {
      if (shell.now() >= readAllAt) {
        memory.installed.clear()
        shell.certificates.forget()
        shell.holds.forget()
        readAllAt = shell.now() + shell.tickMs()
        // Listing is also the sweep of tokens that a crash left behind; a store that cannot list them says so elsewhere.
        await shell.sweepTokens().catch(() => undefined)
      }
      const gathered = await gather(shell.desired(), shell.sources, memory, new Set(running.keys()))
      const planned = plan(gathered.world)
      shell.seen(gathered, planned)
      await tick(planned, gathered, { shell, memory, running, faults, signal })
      shell.observer.tick(shell.now())
      await shell.wake.wait(sleepMs(planned, shell), signal)
    }
  } finally {
    await Promise.allSettled(running.values())
  }
  if (faults.length > 0) throw faults[0]
}

interface Tick {
  readonly shell: WorkerShell
  readonly memory: ReturnType<typeof gatherMemory>
  readonly running: Map<string, Promise<void>>
  readonly faults: unknown[]
  readonly signal: AbortSignal
}

async function tick(
  planned: Plan,
  gathered: Gathered,
  { shell, memory, running, faults, signal }: Tick,
): Promise<void> {
  const byName = new Map(gathered.world.certificates.map((each) => [each.desired.name, each.desired]))
  const local: WorkerShell = { ...shell, changedInstalled: (name) => memory.installed.delete(name) }
  await shell.accountRequests(gathered, running.size > 0, signal)
  for (const name of gathered.strayRequests) {
    await dropRequest({ certificate: name, because: 'no certificate of this name is configured' }, local)
  }
  for (const step of planned.steps) {
    if (signal.aborted) return
    const desired = byName.get(step.certificate)
    if (desired && !isLong(step)) await applyShort(step, desired, local)
  }
  for (const step of byUrgency(planned.steps.filter(isLong), gathered)) {
    const desired = byName.get(step.certificate)
    if (signal.aborted || running.size >= shell.parallelOrders()) return
    if (!desired || running.has(step.certificate)) continue
    const act = applyLong(step, desired, local, signal)
      .catch((error: unknown) => void faults.push(error))
      .finally(() => {
        running.delete(step.certificate)
        shell.wake.now()
      })
    running.set(step.certificate, act)
  }
}

/** What has no valid certificate comes first, then what expires first: a bound on orders must not let one expire. */
function byUrgency(steps: readonly LongStep[], gathered: Gathered): LongStep[] {
  const expiry = new Map(
    gathered.world.certificates.map((each) => [each.desired.name, each.stored?.leaf?.notAfter ?? 0]),
  )
  const rank = (step: LongStep) => (expiry.get(step.certificate) ?? 0) + (step.do === 'order' ? 0 : 1)
  return [...steps].sort((a, b) => rank(a) - rank(b))
}

/** Never longer than a tick (the wall clock may jump), never shorter than a breath. */
export function sleepMs(planned: Plan, shell: Pick<WorkerShell, 'now' | 'tickMs'>): number {
  const next = planned.nextWakeAt === undefined ? Infinity : planned.nextWakeAt - shell.now()
  return Math.max(50, Math.min(next, shell.tickMs()))
}
