/** One round of the loop: the steps of a plan are begun. Nothing here waits for a CA or for a destination. */
import type { CertificateWorld, Plan, Step } from '../certificate/plan.ts'
import { pairToRevoke } from '../certificate/request.ts'
import { applyLong, isLong, savePlaceholder, type ApplyShell, type LongStep } from './apply.ts'
import { failureOf } from './attempt.ts'
import type { Deliveries } from './deliveries.ts'
import type { Gathered } from './gather.ts'
import { atMost, eachOf } from './lanes.ts'
import { dropRequest } from './requests.ts'
import { startable, type Act } from './slots.ts'
import type { WorkerShell } from './worker.ts'

export interface Running extends Act {
  readonly end: Promise<void>
}

/** What lasts as long as this worker leads. */
export interface Term {
  readonly shell: WorkerShell
  readonly running: Map<string, Running>
  /** What goes on without a slot. */
  readonly background: Set<Promise<void>>
  readonly deliveries: Deliveries
  /** Ends the term. */
  readonly failed: (error: unknown) => void
  readonly signal: AbortSignal
  /** Milliseconds. */
  readonly patienceMs: number
}

/** Records that are written at once. */
const storeWrites = 16

export async function tick(planned: Plan, gathered: Gathered, term: Term): Promise<void> {
  const { shell, running, deliveries, signal } = term
  const byName = new Map(gathered.world.certificates.map((each) => [each.desired.name, each]))
  const wake = () => shell.wake.now()
  const local: ApplyShell = {
    ...shell,
    deliver: (name) => deliveries.deliver(name),
    later(name, act) {
      const end = act().catch(bugOf({ do: 'install', certificate: name }, shell))
      void inBackground(end.finally(wake), term)
    },
  }
  await shell.accountRequests(gathered, running.size > 0, signal)
  for (const [certificate, because] of gathered.strayRequests) {
    await dropRequest({ certificate, because, seen: gathered.requests.get(certificate) }, local)
  }
  await eachOf(planned.steps.filter(isShort), storeWrites, async (step) => {
    const world = byName.get(step.certificate)
    // A request whose order has just ended stays until its certificate is installed.
    if (signal.aborted || !world || (step.do === 'dropRequest' && deliveries.busy(step.certificate))) return
    await short(step, world, local).catch(bugOf(step, local))
    // The plan could not know yet that it differs from the one that is installed.
    if (step.do === 'placeholder') wake()
  })
  await install(planned, term)
  order(planned, byName, local, term)
}

type ShortStep = Extract<Step, { do: 'placeholder' | 'dropRequest' }>

/** Writes to the store, no more: done in line. */
function isShort(step: Step): step is ShortStep {
  return step.do === 'placeholder' || step.do === 'dropRequest'
}

function short(step: ShortStep, { desired, request }: CertificateWorld, shell: ApplyShell): Promise<void> {
  return step.do === 'placeholder'
    ? savePlaceholder(desired, shell)
    : dropRequest({ ...step, seen: request }, shell)
}

/** Begun, and waited for a moment: a gateway that waits for its placeholder comes before the CA. */
async function install(planned: Plan, term: Term): Promise<void> {
  const { shell, deliveries, signal } = term
  if (signal.aborted) return
  const begun = planned.steps
    .filter((step) => step.do === 'install' && !deliveries.busy(step.certificate))
    .map(async (step) => {
      const put = await deliveries.deliver(step.certificate).catch(bugOf(step, shell))
      // One that failed is tried again at the next tick, not at once.
      if (put === true) shell.wake.now()
    })
  if (begun.length > 0)
    await atMost(term.patienceMs, Promise.all(begun.map((act) => inBackground(act, term))))
}

function order(
  planned: Plan,
  byName: ReadonlyMap<string, CertificateWorld>,
  local: ApplyShell,
  { shell, running, failed, signal }: Term,
): void {
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

/** Its fault ends the term. */
function inBackground(act: Promise<void>, { background, failed }: Term): Promise<void> {
  const end = act.catch(failed).finally(() => background.delete(end))
  background.add(end)
  return end
}

/** A bug that one certificate brings out must not keep the others from what is due; anything else goes through. */
function bugOf(
  step: Pick<Step, 'do' | 'certificate'>,
  { log }: Pick<WorkerShell, 'log'>,
): (error: unknown) => void {
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
    ...(step.do === 'order' && certificate && { names: [...certificate.desired.domains].sort().join(' ') }),
  }
}
