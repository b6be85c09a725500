/**
 * A program of somebody else (or our own `serve`) run as a child: its output goes to a file, it is waited for until it
 * answers, it is ended by its own pid, and it never outlives this process, not even one that is killed.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Program {
  /** For messages and the name of the log file. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>
  /** This process's own unless given. */
  readonly cwd?: string
  /** Folder for the log file. */
  readonly directory: string
  /** Answers true once the program can be used; asked every 10 ms. */
  ready(): Promise<boolean>
  /** Milliseconds until "it does not start" is said; 60 s unless given. */
  readonly timeoutMs?: number
}

export interface Child {
  readonly name: string
  readonly pid: number
  readonly logFile: string
  /** Everything the program printed so far (standard output and error together). */
  log(): string
  /** Exit code or signal; undefined while it runs. */
  ended(): number | NodeJS.Signals | undefined
  /** Sends the signal (SIGTERM unless given) and waits for the end; after `graceMs` (5 s) SIGKILL. Idempotent. */
  stop(signal?: NodeJS.Signals, graceMs?: number): Promise<void>
}

/** Started like this the command ends with this process, however that ends (Linux; elsewhere it is what it was). */
export function childCommand(command: string, args: readonly string[]) {
  if (process.platform !== 'linux') return { command, args: [...args] }
  // setpriv (util-linux) becomes the command, so that the pid and what `ended` tells are the command's.
  return { command: 'setpriv', args: ['--pdeathsig', 'KILL', '--', command, ...args] }
}

const running = new Set<ChildProcess>()
// A file of tap that has lost tap is of no use to anybody: nothing else would end it when tap is killed.
if (process.env.TAP === '1') {
  const starter = process.ppid
  setInterval(() => process.ppid !== starter && process.exit(1), 1_000).unref()
}
// tap ends a file that takes too long with SIGTERM; without this handler the children would stay.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))

/** Starts the program and resolves when it is ready; rejects with the end of its log otherwise. */
export async function startChild(program: Program): Promise<Child> {
  const child = launch(program)
  const deadline = Date.now() + (program.timeoutMs ?? 60_000)
  while (!(await program.ready().catch(() => false))) {
    if (child.ended() !== undefined)
      throw new Error(`${program.name} ended at once (${child.ended()}):\n${tail(child.log())}`)
    if (Date.now() > deadline) {
      await child.stop('SIGKILL')
      throw new Error(`${program.name} was not ready in time:\n${tail(child.log())}`)
    }
    await sleep(10)
  }
  return child
}

/** The last lines of a log, for a message. */
export function tail(log: string, lines = 40): string {
  return log.split('\n').slice(-lines).join('\n')
}

function launch(program: Program): Child {
  const logFile = join(program.directory, `${program.name}.log`)
  const descriptor = openSync(logFile, 'a')
  const { command, args } = childCommand(program.command, program.args)
  const child = spawn(command, args, {
    stdio: ['ignore', descriptor, descriptor],
    env: { ...process.env, ...program.env },
    ...(program.cwd !== undefined && { cwd: program.cwd }),
  })
  closeSync(descriptor)
  running.add(child)
  let ended: number | NodeJS.Signals | undefined
  const end = new Promise<void>((resolve) => {
    const done = (how: number | NodeJS.Signals) => {
      ended = how
      running.delete(child)
      resolve()
    }
    child.once('exit', (code, signal) => done(code ?? signal ?? 0))
    child.once('error', () => done(127))
  })
  return {
    name: program.name,
    pid: child.pid ?? -1,
    logFile,
    log: () => readFileSync(logFile, 'utf8'),
    ended: () => ended,
    async stop(signal = 'SIGTERM', graceMs = 5_000) {
      if (ended !== undefined) return
      child.kill(signal)
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
      await end
      clearTimeout(timer)
    },
  }
}

/** Whether something accepts connections on that port. */
export function accepts(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
