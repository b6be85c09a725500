/** A container of a pod through all its lives: start, probes, restart with back-off, stop. */
import type { V1Container } from '@kubernetes/client-node'
import { setTimeout as pause } from 'node:timers/promises'
import type { ContainerProcess, ExecResult } from './container-process.ts'
import { Missing } from './environment.ts'
import { perform, runProbes, type ActionTarget } from './probes.ts'
import type { ContainerReport, ContainerState, Termination } from './status.ts'

export interface ContainerRun {
  readonly name: string
  report(): ContainerReport
  /** Resolves when it has ended and will not be started again. */
  readonly over: Promise<void>
  /** Its startup probe has succeeded, or it is over. */
  readonly begun: Promise<void>
  /** Its postStart hook (if it has one) has ended in the first life, or it is over: what comes after it may be started. */
  readonly posted: Promise<void>
  /** preStop, SIGTERM, and SIGKILL at the deadline (performance.now()); not started again. Idempotent. */
  stop(deadline: number): Promise<void>
  /** As somebody on the node would: to every process of the container. SIGKILL ends it, the restart policy decides. */
  kill(signal: NodeJS.Signals): void
  exec(argv: readonly string[], timeoutMs?: number): Promise<ExecResult>
}

export interface BackOff {
  readonly initialMs: number
  readonly maxMs: number
}

export interface ContainerOf {
  readonly spec: V1Container
  readonly role: ContainerReport['role']
  /** Whether it is started again after this exit code. */
  readonly restarts: (exitCode: number) => boolean
  readonly podIP: string
  readonly graceMs: number
  readonly backOff: BackOff
  /** Starts a process; `life` counts the restarts. Throws Missing when something is not there yet. */
  readonly start: (life: number) => ContainerProcess
  readonly changed: () => void
}

/** A container that the runtime gives no time to end by itself is given this much after its preStop hook. */
const leastGraceMs = 2_000
const tryAgainMs = 500
/** A command that waits for an order takes long; this is only so that a test ends. */
const execMs = 180_000
/** A hook has no limit of its own: this is only so that a test ends. */
const postStartMs = 120_000

export function runContainer(of: ContainerOf): ContainerRun {
  const { spec, role } = of
  let state: ContainerState = { is: 'waiting', reason: 'ContainerCreating' }
  let last: Termination | undefined
  let process: ContainerProcess | undefined
  let [restarts, delayMs, started, ready] = [0, 0, false, false]
  const stopping = new AbortController()
  const begun = Promise.withResolvers<void>()
  const posted = Promise.withResolvers<void>()
  const set = (next: ContainerState) => {
    state = next
    of.changed()
  }
  const exec = (argv: readonly string[], timeoutMs = execMs) =>
    process?.exec(argv, timeoutMs) ?? Promise.resolve({ code: 127, stdout: '', stderr: 'it does not run' })
  const target: ActionTarget = { podIP: of.podIP, container: spec, exec }

  const made = async (): Promise<ContainerProcess | undefined> => {
    while (!stopping.signal.aborted) {
      try {
        return of.start(restarts)
      } catch (error) {
        const reason = error instanceof Missing ? 'CreateContainerConfigError' : 'ErrImagePull'
        set({ is: 'waiting', reason, message: (error as Error).message })
        await pause(tryAgainMs)
      }
    }
    return undefined
  }

  /** Undefined: it was stopped before it began. */
  const live = async (): Promise<Termination | undefined> => {
    const own = await made()
    if (!own) return undefined
    process = own
    const startedAt = instant()
    const probing = new AbortController()
    void own.begun.then(async () => {
      const { postStart } = spec.lifecycle ?? {}
      const fine = !postStart || (await perform(postStart, target, postStartMs))
      if (process !== own) return
      if (!fine) return own.signal('SIGKILL')
      posted.resolve()
      set({ is: 'running', startedAt })
      runProbes(target, followers(own), probing.signal)
    })
    const end = await own.ended
    probing.abort()
    process = undefined
    ;[started, ready] = [false, false]
    const reason = end.exitCode === 0 ? 'Completed' : 'Error'
    last = { ...end, reason, startedAt, finishedAt: instant() }
    return last
  }

  const followers = (own: ContainerProcess) => ({
    started() {
      started = true
      begun.resolve()
      of.changed()
    },
    readiness(now: boolean) {
      if (ready !== now) set(((ready = now), state))
    },
    failed: (seconds: number | undefined) =>
      void end(own, performance.now() + (seconds === undefined ? of.graceMs : seconds * 1000)),
  })

  const end = async (own: ContainerProcess, deadline: number) => {
    const preStop = spec.lifecycle?.preStop
    const left = () => Math.max(0, deadline - performance.now())
    if (preStop) {
      const hook = preStop.sleep ? pause(preStop.sleep.seconds * 1000) : perform(preStop, target, left() + 1)
      await Promise.race([hook, pause(left()), own.ended])
    }
    own.signal('SIGTERM')
    const killing = setTimeout(() => own.signal('SIGKILL'), Math.max(left(), preStop ? leastGraceMs : 0))
    await own.ended
    clearTimeout(killing)
  }

  const forever = async () => {
    for (;;) {
      const how = await live()
      if (!how) return
      if (stopping.signal.aborted || !of.restarts(how.exitCode)) return set({ is: 'terminated', ...how })
      const ranMs = Date.parse(how.finishedAt) - Date.parse(how.startedAt)
      if (ranMs > 2 * of.backOff.maxMs) delayMs = 0
      // The first restart is at once, then 10 s, 20 s … as kubelet does it.
      if (delayMs > 0) {
        set({ is: 'waiting', reason: 'CrashLoopBackOff', message: `back-off ${delayMs / 1000}s` })
        await pause(delayMs, undefined, { signal: stopping.signal }).catch(() => undefined)
        if (stopping.signal.aborted) return set({ is: 'terminated', ...how })
      }
      delayMs = Math.min(of.backOff.maxMs, delayMs === 0 ? of.backOff.initialMs : 2 * delayMs)
      restarts += 1
    }
  }
  const over = forever()
  void over.then(begun.resolve)
  void over.then(posted.resolve)
  return {
    ...{ name: spec.name, over, exec, begun: begun.promise, posted: posted.promise },
    report: () => ({
      ...{ name: spec.name, image: spec.image ?? '', role, state, restarts, started, ready },
      ...(last && state.is !== 'terminated' && { last }),
    }),
    async stop(deadline) {
      stopping.abort()
      if (process) await end(process, deadline)
      await over
    },
    kill: (signal) => process?.[signal === 'SIGKILL' ? 'signal' : 'signalAll'](signal),
  }
}

/** Kubernetes times have whole seconds. */
export function instant(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z')
}
