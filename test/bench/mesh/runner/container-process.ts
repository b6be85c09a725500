/** One life of a container: the process from its start to its end, signals to it, and commands run beside it. */
import { execFile, spawn } from 'node:child_process'
import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { launchScript, program, type Launch } from './launch.ts'

export interface ProcessEnd {
  /** 128 + signal when a signal ended it, as container runtimes count. */
  readonly exitCode: number
  readonly signal?: number
}

export interface ExecResult {
  /** Exit code; 124 when it took too long. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface ContainerProcess {
  /** The container's root stands and its program is being started; never when it ended before. */
  readonly begun: Promise<void>
  readonly ended: Promise<ProcessEnd>
  /** To pid 1 of the container, which ignores what it has no handler for, SIGKILL and SIGSTOP excepted. */
  signal(signal: NodeJS.Signals): void
  /** To every process of the container: what a pause of the whole container is. */
  signalAll(signal: NodeJS.Signals): void
  /** Runs the command in the container's namespaces, as its user, with its environment. */
  exec(argv: readonly string[], timeoutMs: number): Promise<ExecResult>
}

export interface ProcessStart {
  readonly launch: Launch
  /** Puts an argv into the pod's network namespace. */
  readonly inside: (argv: readonly string[]) => string[]
  readonly scriptFile: string
  /** Takes standard output and error; appended to. */
  readonly logFile: string
}

export function startProcess({ launch, inside, scriptFile, logFile }: ProcessStart): ContainerProcess {
  mkdirSync(launch.base, { recursive: true })
  writeFileSync(scriptFile, launchScript(launch), { mode: 0o600 })
  // When this process dies, however it dies, so does unshare, and with it pid 1 and everything in its pid namespace.
  const [command = '', ...args] = inside([
    ...['setpriv', '--pdeathsig', 'KILL', 'unshare', '--mount', '--uts', '--ipc', '--pid'],
    ...['--fork', '--kill-child=KILL', 'sh', scriptFile],
  ])
  const log = openSync(logFile, 'a')
  // For /dev/stdout, which a program opens anew as its own user.
  chmodSync(logFile, 0o666)
  const child = spawn(command, args, { stdio: ['ignore', log, log], cwd: '/' })
  closeSync(log)
  let killed = false
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('error', () => resolve({ exitCode: 127 }))
    child.once('exit', (code, name) => {
      // unshare of util-linux before 2.39 cannot end by the SIGKILL that ended its child, and exits with 1.
      const signal = name === null ? (killed && code === 1 ? 9 : undefined) : constants.signals[name]
      resolve(signal === undefined ? { exitCode: code ?? 0 } : { exitCode: 128 + signal, signal })
    })
  })
  const first = () => childrenOf(child.pid ?? -1)[0]
  const sendTo = (pids: readonly number[], signal: NodeJS.Signals) => {
    if (signal === 'SIGKILL' && pids.length > 0) killed = true
    for (const pid of pids) send(pid, signal)
    // It was not even forked yet.
    if (pids.length === 0) child.kill(signal)
  }
  return {
    begun: changedRoot(first, ended),
    ended,
    signal: (name) => sendTo(childrenOf(child.pid ?? -1), name),
    signalAll: (name) => sendTo(family(first()), name),
    exec: (argv, timeoutMs) => execBeside(first(), { ...launch, argv }, timeoutMs),
  }
}

/** Until then the process sees the machine's own files, and nothing may be run beside it. */
async function changedRoot(first: () => number | undefined, ended: Promise<unknown>): Promise<void> {
  let over = false
  void ended.then(() => (over = true))
  const machine = statSync('/').dev
  while (!over) {
    await pause(10)
    const pid = first()
    if (pid === undefined) continue
    const root = statSync(`/proc/${pid}/root/`, { throwIfNoEntry: false })
    if (root !== undefined && root.dev !== machine) return
  }
  return new Promise(() => undefined)
}

function execBeside(pid: number | undefined, launch: Launch, timeoutMs: number): Promise<ExecResult> {
  if (pid === undefined)
    return Promise.resolve({ code: 127, stdout: '', stderr: 'the container does not run' })
  const args = [
    ...['--target', String(pid), '--mount', '--uts', '--ipc', '--net', '--pid', '--root'],
    ...[`--wdns=${launch.workingDir}`, '--', ...program(launch)],
  ]
  return new Promise((resolve) => {
    execFile(
      'nsenter',
      args,
      { timeout: Math.ceil(timeoutMs), killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 124
        resolve({ code, stdout, stderr })
      },
    )
  })
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended meanwhile.
  }
}

function family(pid: number | undefined): number[] {
  return pid === undefined ? [] : [pid, ...childrenOf(pid).flatMap(family)]
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}
