/** The canary: whose turn it is (canary-schedule.ts) is looked at, for as long as the signal says. */
import { Port80Failure } from '../reason.ts'
import { canaryTurns } from './canary-schedule.ts'
import { lookAt, type LookingShell } from './looking.ts'

export interface CanaryShell extends LookingShell {
  /** Every managed host, of the configuration in force; asked anew each time. */
  hosts(): readonly string[]
  /** Milliseconds between two looks at a host; undefined: off. Asked anew each time. */
  every(): number | undefined
  /** Rejects when the signal aborts. */
  pause(ms: number, signal: AbortSignal): Promise<void>
  /** A bug of ours in one look ends neither the canary nor the worker. */
  failed(error: unknown): void
}

/** A changed configuration is noticed within so many ms, and so is the end of a look that another one waits for. */
const longestSleepMs = 1_000

/** Runs until the signal aborts. Never rejects. */
export async function runCanary(shell: CanaryShell, signal: AbortSignal): Promise<void> {
  const running = new Map<string, Promise<void>>()
  let begunAt: number[] = []
  while (!signal.aborted) {
    const every = shell.every()
    const now = shell.now()
    begunAt = begunAt.filter((at) => at > now - 1_000)
    const hosts = managed(shell)
    const round = { shell, running, hosts, signal }
    const nextAt = every === undefined ? undefined : begin(every, begunAt, round)
    const sleep = nextAt === undefined ? longestSleepMs : Math.min(nextAt - now, longestSleepMs)
    await shell.pause(Math.max(sleep, 20), signal).catch(() => undefined)
  }
  await Promise.allSettled(running.values())
}

interface Round {
  readonly shell: CanaryShell
  readonly running: Map<string, Promise<void>>
  readonly hosts: readonly string[]
  readonly signal: AbortSignal
}

/** Also while the canary is off: preflight lays down its looks in the same place. */
function managed(shell: CanaryShell): readonly string[] {
  const all = new Set(shell.hosts())
  if (shell.board.keepOnly(all)) shell.tell(shell.board.report())
  return [...all]
}

/** Begins what is due; the next moment is the answer. */
function begin(
  every: number,
  begunAt: number[],
  { shell, running, hosts, signal }: Round,
): number | undefined {
  const now = shell.now()
  const turns = hosts.map((host) => shell.board.turnOf(host, running.has(host), now))
  const { due, nextAt } = canaryTurns(turns, every, begunAt, now)
  for (const host of due) {
    begunAt.push(now)
    const end = lookAt([host], 'canary', shell, signal)
      .then(
        () => undefined,
        (error: unknown) => failedLook(host, error, shell, signal),
      )
      .finally(() => running.delete(host))
    running.set(host, end)
  }
  return nextAt
}

/** A look that could not be made says nothing about the host, and is made again at its next turn. */
function failedLook(host: string, error: unknown, shell: CanaryShell, signal: AbortSignal): void {
  if (signal.aborted) return
  shell.board.skip(host, shell.now())
  if (error instanceof Port80Failure) {
    shell.log.debug({ host, detail: error.failure.detail }, 'canary: nobody can look')
  } else {
    shell.failed(error)
  }
}
