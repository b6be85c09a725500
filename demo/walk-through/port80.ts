/** port80 as a child process, exactly as `port80 serve` runs it anywhere. */
import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import path from 'node:path'
import type { StatusSnapshot } from '../../src/status/snapshot.ts'

export interface Port80Options {
  readonly config: string
  readonly logFile: string
  /** Where the process id stands while it runs. */
  readonly pidFile: string
  readonly adminPort: number
}

export interface Port80 {
  readonly pid: number
  /** Rejects when the process ends before it was asked to; never resolves. */
  readonly crashed: Promise<never>
  /** Undefined while nobody answers. */
  status(): Promise<StatusSnapshot | undefined>
  /** SIGTERM, a second one when that takes too long, SIGKILL at last; idempotent. Milliseconds that it took. */
  stop(): Promise<number>
}

const cli = path.join(import.meta.dirname, '../../src/cli.ts')
/** Together under the two seconds that a Ctrl-C may take. */
const patienceMs = [1_300, 200] as const

export function startPort80({ config, logFile, pidFile, adminPort }: Port80Options): Port80 {
  // The child writes the file itself, so that its last words are there whatever becomes of us.
  const log = openSync(logFile, 'w', 0o600)
  const child = spawn(process.execPath, [cli, 'serve', '--config', config], {
    stdio: ['ignore', log, log],
    // A group of its own: Ctrl-C reaches us alone, and we pass it on once. A second signal would end port80 at once.
    detached: process.platform !== 'win32',
  })
  closeSync(log)
  let asked = false
  const ended = endOf(child, pidFile)
  // After `endOf`: whatever fails from here on, the child ends with us.
  writeFileSync(pidFile, String(child.pid ?? ''))
  const crashed = new Promise<never>((_, reject) => {
    void ended.then((how) => {
      if (!asked) reject(new Port80Ended(how, lastLines(logFile)))
    })
  })
  // Whoever waits hears of it; nobody may be waiting at this moment.
  crashed.catch(() => undefined)
  return {
    pid: child.pid ?? 0,
    crashed,
    status: () => readStatus(adminPort),
    async stop() {
      asked = true
      const startedAt = performance.now()
      for (const patience of patienceMs) {
        child.kill('SIGTERM')
        const done = await Promise.race([ended, sleep(patience, undefined, { ref: false })])
        if (done !== undefined) return performance.now() - startedAt
      }
      child.kill('SIGKILL')
      await ended
      return performance.now() - startedAt
    },
  }
}

/** How it ended, in words. While it lives, it is killed with us, however we end (except by SIGKILL). */
function endOf(child: ChildProcess, pidFile: string): Promise<string> {
  const lastResort = () => void child.kill('SIGKILL')
  process.on('exit', lastResort)
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`))
    child.once('exit', (code, signal) => {
      process.off('exit', lastResort)
      rmSync(pidFile, { force: true })
      resolve(`ended by itself (${signal ?? `exit code ${code}`})`)
    })
  })
}

/** port80 ended although nobody had asked it to. */
export class Port80Ended extends Error {
  readonly lastLines: readonly string[]
  constructor(how: string, lines: readonly string[]) {
    super(`port80 ${how}`)
    this.name = 'Port80Ended'
    this.lastLines = lines
  }
}

/** The port80 of a walk-through that was killed with SIGKILL and could not end it: its process id, when it lives. */
export function leftOver(pidFile: string): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile, 'utf8'))
    return pid > 0 && process.kill(pid, 0) ? pid : undefined
  } catch {
    return undefined
  }
}

function lastLines(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-8)
  } catch {
    return []
  }
}

async function readStatus(adminPort: number): Promise<StatusSnapshot | undefined> {
  try {
    const signal = AbortSignal.timeout(2_000)
    const answer = await fetch(`http://127.0.0.1:${adminPort}/status.json`, { signal })
    return answer.ok ? ((await answer.json()) as StatusSnapshot) : undefined
  } catch {
    return undefined
  }
}
