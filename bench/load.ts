/** wrk on one core against a server pinned to the other, in interleaved rounds. */
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { installed } from '../test/bench/peers/install.ts'
import { loopback, type Place } from '../test/bench/peers/place.ts'

const run = promisify(execFile)

/** Put before a server's command: everything that serves runs on core 0. */
export const serverCore = ['taskset', '-c', '0'] as const
export const onServerCore: Place = { ...loopback, inside: (argv) => [...serverCore, ...argv] }
/** Where the load runs unless a target says otherwise. */
const loadCore = '1'

export interface Target {
  readonly name: string
  readonly port: number
  /** Loopback unless given. */
  readonly host?: string
  /** Process whose memory is read; without it `rss` is 0. Its CPU is counted, too, unless `pids` says whose. */
  readonly pid?: number
  /** Processes of the server, where it is several. */
  readonly pids?: readonly number[]
  /** Processes of what stands in front of the server. */
  readonly proxy?: readonly number[]
  /** Core of the load; 1 unless given. */
  readonly core?: '0' | '1'
  /** Wraps the command that loads, for one that runs elsewhere. */
  readonly from?: (command: readonly string[]) => readonly string[]
  /** File for requests.lua: `target host` a line. */
  readonly requestsFile: string
}

export interface Sample {
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** Megabytes resident right after the round (children included). */
  readonly rss: number
  /** Microseconds of CPU of the server's processes (their children not included) an answer; 0 without a process. */
  readonly cpu: number
  /** The same of the proxy's. */
  readonly proxyCpu: number
}

export interface LoadPlan {
  readonly rounds: number
  readonly seconds: number
  readonly connections: number
}

/** Writes the request file that wrk walks through. */
export function writeRequests(
  directory: string,
  name: string,
  requests: readonly { target: string; host: string }[],
): string {
  const file = join(directory, `${name}.requests`)
  writeFileSync(file, requests.map((one) => `${one.target} ${one.host}\n`).join(''))
  return file
}

/**
 * A warm-up, then `rounds` times each target in turn, so that whatever else the machine does hits all alike.
 * Rejects when a single answer is broken or above 399: a fast wrong answer is no figure.
 */
export async function measure(targets: readonly Target[], plan: LoadPlan): Promise<Map<string, Sample[]>> {
  const samples = new Map<string, Sample[]>()
  for (const target of targets) await once(target, { ...plan, seconds: 2 })
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const target of targets) {
      const sample = await once(target, plan)
      samples.set(target.name, [...(samples.get(target.name) ?? []), sample])
    }
    process.stderr.write(`  round ${round + 1} of ${plan.rounds}\n`)
  }
  return samples
}

async function once(target: Target, plan: LoadPlan): Promise<Sample> {
  const wrk = (await installed('wrk')).path
  const script = join(import.meta.dirname, 'requests.lua')
  const args = ['-t1', `-c${plan.connections}`, `-d${plan.seconds}s`, '-s', script]
  const url = `http://${target.host ?? '127.0.0.1'}:${target.port}/`
  const wrapped = target.from ?? ((own: readonly string[]) => own)
  const onCore = ['taskset', '-c', target.core ?? loadCore]
  const command = wrapped([...onCore, wrk, ...args, url, '--', target.requestsFile])
  const server = cpuMeter(target.pids ?? (target.pid === undefined ? [] : [target.pid]))
  const proxy = cpuMeter(target.proxy ?? [])
  const { stdout } = await run(command[0] ?? '', command.slice(1))
  const [serverSpent, proxySpent] = [server(), proxy()]
  const line = /^RESULT (.*)$/m.exec(stdout)?.[1]
  if (line === undefined) throw new Error(`wrk printed no result:\n${stdout}`)
  const told = JSON.parse(line) as Record<
    'requests' | 'microseconds' | 'p50' | 'p99' | 'badStatus' | 'broken',
    number
  >
  if (told.badStatus + told.broken > 0) throw new Error(`${target.name}: ${line}`)
  return {
    perSecond: told.requests / (told.microseconds / 1e6),
    p50: told.p50 / 1000,
    p99: told.p99 / 1000,
    rss: target.pid === undefined ? 0 : residentMegabytes(target.pid),
    cpu: serverSpent / told.requests,
    proxyCpu: proxySpent / told.requests,
  }
}

/** Microseconds of CPU that these processes have spent from now until it is called. */
function cpuMeter(pids: readonly number[]): () => number {
  const before = pids.map(cpuMicroseconds)
  return () => pids.reduce((sum, pid, index) => sum + cpuMicroseconds(pid) - (before[index] ?? 0), 0)
}

/** User and system time of the process since its start; the kernel counts in hundredths of a second. */
function cpuMicroseconds(pid: number): number {
  // The name of the command, in brackets, may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

/** Resident memory of the process and of its children, in megabytes of 10^6 bytes. */
export function residentMegabytes(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(/\s+/)
    .filter(Boolean)
  const own = Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  return (own * 1024) / 1e6 + children.reduce((sum, child) => sum + residentMegabytes(Number(child)), 0)
}
