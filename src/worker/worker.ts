/**
 * The loop of the leader: gather ─► plan ─► apply ─► sleep until the earliest next moment.
 * Orders run beside the loop, at most `parallelOrders` at once (slots.ts); each one's end wakes it.
 */
import type { Desired } from '../certificate/certificate.ts'
import { plan, type CertificateWorld, type Plan, type Step } from '../certificate/plan.ts'
import { pairToRevoke } from '../certificate/request.ts'
import { applyLong, applyShort, isLong, type ApplyShell, type LongStep } from './apply.ts'
import { failureOf } from './attempt.ts'
import { gather, gatherMemory, type Gathered, type Sources } from './gather.ts'
import { dropRequest } from './requests.ts'
import { startable, type Act } from './slots.ts'
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

/**
 * Runs until the signal aborts; then ends every act and returns. Throws for faults of the store or of ours, and when
 * leadership is lost; the other acts are ended then too, and gone on with in the next term.
 */
export async function work(shell: WorkerShell, signal: AbortSignal): Promise<void> {
  const memory = gatherMemory()
  const term = new AbortController()
  const running = new Map<string, Running>()
  const faults: unknown[] = []
  const ended = AbortSignal.any([signal, term.signal])
  let readAllAt: number | undefined
  try {
    while (!ended.aborted) {
      if (readAllAt === undefined || isPast(readAllAt, shell)) {
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
      const failed = (error: unknown) => {
        faults.push(error)
        term.abort(error)
      }
      await tick(planned, gathered, { shell, memory, running, failed, signal: ended })
      shell.observer.tick(shell.now())
      await shell.wake.wait(sleepMs(planned, shell), ended)
    }
  } finally {
    term.abort()
    await Promise.allSettled([...running.values()].map(({ end }) => end))
  }
  if (faults.length > 0) throw faults[0]
}

/** Also when the clock was set back: otherwise nothing would be read until it has caught up. */
function isPast(moment: number, shell: Pick<WorkerShell, 'now' | 'tickMs'>): boolean {
  const now = shell.now()
  return now >= moment || now < moment - shell.tickMs()
}

interface Running extends Act {
  readonly end: Promise<void>
}

interface Tick {
  readonly shell: WorkerShell
  readonly memory: ReturnType<typeof gatherMemory>
  readonly running: Map<string, Running>
  readonly failed: (error: unknown) => void
  readonly signal: AbortSignal
}

async function tick(
  planned: Plan,
  gathered: Gathered,
  { shell, memory, running, failed, signal }: Tick,
): Promise<void> {
  const byName = new Map(gathered.world.certificates.map((each) => [each.desired.name, each]))
  const local: WorkerShell = { ...shell, changedInstalled: (name) => memory.installed.delete(name) }
  await shell.accountRequests(gathered, running.size > 0, signal)
  for (const [certificate, because] of gathered.strayRequests) {
    await dropRequest({ certificate, because }, local)
  }
  for (const step of planned.steps) {
    if (signal.aborted) return
    const desired = byName.get(step.certificate)?.desired
    if (desired && !isLong(step)) await applyShort(step, desired, local).catch(bugOf(step, local))
  }
  const due = planned.steps.filter(isLong).map((step) => dueAct(step, byName.get(step.certificate)))
  for (const act of startable(due, [...running.values()], shell.parallelOrders())) {
    const desired = byName.get(act.certificate)?.desired
    if (signal.aborted || !desired) return
    const end = applyLong(act.step, desired, local, signal)
      .catch(failed)
      .finally(() => {
        running.delete(act.certificate)
        shell.wake.now()
      })
    running.set(act.certificate, { ...act, end })
  }
}

/** A bug that one certificate brings out must not keep the others from what is due; anything else goes through. */
function bugOf(step: Step, { log }: Pick<WorkerShell, 'log'>): (error: unknown) => void {
  return (error) => {
    const { reason, detail } = failureOf(error, new AbortController().signal)
    if (reason !== 'InternalError') throw error
    log.error({ certificate: step.certificate, step: step.do, reason, detail }, 'step failed')
  }
}

function dueAct(
  step: LongStep,
  certificate: CertificateWorld | undefined,
): Act & { readonly step: LongStep } {
  const issuer =
    step.do === 'revoke' ? certificate && pairToRevoke(certificate.record, step.serial)?.issuer : step.issuer
  return {
    step,
    certificate: step.certificate,
    issuer: issuer ?? '',
    kind: step.do === 'askRenewalInfo' ? 'question' : 'order',
    expiry: certificate?.stored?.leaf?.notAfter ?? 0,
  }
}

/** Never longer than a tick (the wall clock may jump), never shorter than a breath. */
export function sleepMs(planned: Plan, shell: Pick<WorkerShell, 'now' | 'tickMs'>): number {
  const next = planned.nextWakeAt === undefined ? Infinity : planned.nextWakeAt - shell.now()
  return Math.max(50, Math.min(next, shell.tickMs()))
}
