/**
 * Keeps a worker going beside the servers: takes leadership when it is free, restarts a crashed worker with back-off,
 * and says what role this process has. Nothing here can end the process: the public server goes on whatever happens.
 */
import { Port80Failure } from '../reason.ts'
import type { Held, Leadership } from '../state/leadership.ts'
import { pause } from './wake.ts'

export type Role = 'starting' | 'leader' | 'standby' | 'crashed' | 'off'

export interface Health {
  role: Role
  leader?: string | undefined
  lastTickAt?: number | undefined
  restarts: number
  /** The last crash; it stays, for whoever looks later. */
  lastError?: string | undefined
  /** What keeps it from finding out who leads, now. */
  away?: string | undefined
}

export interface SupervisorShell {
  readonly leadership: Leadership
  /** One term of leadership: returns when the signal aborts, throws when the worker cannot go on. */
  lead(held: Held, signal: AbortSignal): Promise<void>
  readonly health: Health
  crashed(error: unknown, restartInMs: number): void
  /** The store of a cluster cannot be reached: no fault of the worker, and tried for ever. */
  away?(detail: string, againInMs: number): void
  leading(): void
  now(): number
}

/** A standby asks for the lock this often: a kernel lock that is free costs nothing to find out. */
const standbyMs = 1_000

/** Milliseconds before restart number `crashes` (1, 2, 4 … 60 s). Pure. */
export function restartDelay(crashes: number): number {
  return Math.min(60_000, 1_000 * 2 ** Math.max(0, crashes - 1))
}

/** Runs until the signal aborts. Never throws. */
export async function supervise(shell: SupervisorShell, signal: AbortSignal): Promise<void> {
  const { health } = shell
  let crashes = 0
  while (!signal.aborted) {
    const startedAt = shell.now()
    try {
      const led = await leadOnce(shell, signal)
      if (!led) await untilWorthATry(shell.leadership, signal)
      crashes = 0
    } catch (error) {
      if (signal.aborted) break // what an abort breaks off is no crash
      if (error instanceof Port80Failure && error.failure.reason === 'LeadershipLost') {
        health.role = 'standby'
        await pause(standbyMs, signal).catch(() => undefined)
        continue
      }
      if (shell.away && isAway(error, shell)) {
        crashes = Math.min(awaySteps, crashes + 1)
        health.role = 'standby'
        health.away = describe(error)
        const delay = restartDelay(crashes)
        shell.away(health.away, delay)
        await pause(delay, signal).catch(() => undefined)
        continue
      }
      // A worker that worked for ten minutes before it crashed starts the ladder anew.
      crashes = shell.now() - startedAt > 600_000 ? 1 : crashes + 1
      health.role = 'crashed'
      health.restarts += 1
      health.lastError = describe(error)
      const delay = restartDelay(crashes)
      shell.crashed(error, delay)
      await pause(delay, signal).catch(() => undefined)
    }
  }
  health.role = 'off'
}

/** 1, 2, 4, 8 s: whoever comes back after an outage of the API server goes on within seconds. */
const awaySteps = 4
/** Longest wait for a change of leadership before the holder is looked at again, for status. */
const lookAtHolderMs = 60_000
/** A medium that says "free" and does not let us have it must not be a busy loop. */
const breathMs = 100

/** Only where the medium is a network: a folder that fails is something to shout about. */
function isAway(error: unknown, { leadership }: SupervisorShell): boolean {
  const failed = error instanceof Port80Failure && error.failure.reason === 'StoreFailed'
  return failed && leadership.whenFree !== undefined
}

async function untilWorthATry(leadership: Leadership, signal: AbortSignal): Promise<void> {
  if (!leadership.whenFree) return pause(standbyMs, signal).catch(() => undefined)
  const ending = new AbortController()
  const end = () => ending.abort()
  const timer = setTimeout(end, lookAtHolderMs)
  signal.addEventListener('abort', end, { once: true })
  try {
    await leadership.whenFree(ending.signal)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
  }
  await pause(breathMs, signal).catch(() => undefined)
}

/** False when somebody else leads. */
async function leadOnce(shell: SupervisorShell, signal: AbortSignal): Promise<boolean> {
  const { health, leadership } = shell
  const held = await leadership.tryAcquire()
  health.away = undefined
  if (!held) {
    health.leader = await leadership.holder()
    health.role = 'standby' // last: whoever sees it also sees who leads
    return false
  }
  health.role = 'leader'
  health.leader = undefined
  health.lastTickAt = shell.now() // so that a first tick that hangs is noticed too
  shell.leading()
  try {
    await shell.lead(held, AbortSignal.any([signal, held.signal]))
  } finally {
    await held.release()
  }
  return true
}

/** Name and message of ours, bounded; the store's and CA's words are already bounded where they were thrown. */
function describe(error: unknown): string {
  const text = error instanceof Error ? error.message : 'something that is no Error was thrown'
  return text.replace(/[^\x20-\x7e]/g, ' ').slice(0, 300)
}

/** /livez: a leader whose loop has not gone round for three ticks and a minute is stuck. Pure. */
export function isStuck(health: Health, tickMs: number, now: number): boolean {
  if (health.role !== 'leader' || health.lastTickAt === undefined) return false
  return now - health.lastTickAt > 3 * tickMs + 60_000
}
