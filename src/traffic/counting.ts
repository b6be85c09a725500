/**
 * The leader's sum of who comes over plain http: asks all that count, adds up (src/traffic/fold.ts), tells the status, and
 * writes the sum down, seldom. What is lost: of a replica that is killed, what it counted since it was asked last; and when
 * the leader is killed too before it wrote, at most what that replica told since the last write.
 */
import type { CountedStatus, Reported } from '../finding/reported.ts'
import { Port80Failure } from '../reason.ts'
import type { Journal } from '../state/journal.ts'
import type { TrafficRecord } from '../state/traffic-record.ts'
import { dayAt } from './day.ts'
import { fitting } from './fit.ts'
import { fold, type Told } from './fold.ts'
import { mostHosts } from './replica-counts.ts'
import { plainHttpOf } from './usage.ts'

/** The one record of its kind. */
export const trafficName = 'redirects'

export interface Asked {
  readonly told: readonly Told[]
  /** See `Counts`. */
  readonly present: ReadonlySet<string> | undefined
  readonly silent: NonNullable<CountedStatus['asked']>['silent']
}

export interface CountingShell {
  /**
   * What each process that counts tells now. Bounded in time; never rejects. Of each host its newest day and those from
   * `from` on are enough (days since 1970; all unless given).
   */
  readonly ask: (from: number | undefined) => Promise<Asked>
  /** Those of the configuration in force, as the public servers call them. */
  readonly hosts: () => readonly string[]
  readonly journal: Journal<TrafficRecord>
  readonly tell: (part: Pick<Reported, 'plainHttp' | 'counted' | 'leftOut'>) => void
  readonly log: { warn(fields: object, message: string): void }
  readonly now: () => number
  readonly askEveryMs?: number
  readonly writeEveryMs?: number
  readonly tellEveryMs?: number
}

export interface Counting {
  /** Asks once more and writes what is not written yet. Never rejects. */
  close(): Promise<void>
}

/**
 * Of a replica that is killed no more than this is lost; of one that is stopped nothing, since it answers here for longer
 * than gateways bring requests to it (`listeners.stop`).
 */
const askEveryMs = 3_000
/** The status is made anew for each. */
const tellEveryMs = 10_000
/** Each write may be of a megabyte. */
const writeEveryMs = 60_000

/** From now on, until it is closed; nothing of it rejects. For one term: the next begins with the record. */
export function openCounting(shell: CountingShell): Counting {
  const sum = new Sum(shell)
  const every = shell.askEveryMs ?? askEveryMs
  let timer: NodeJS.Timeout | undefined
  let closed = false
  const go = async () => {
    await sum.round('when due')
    if (!closed) timer = setTimeout(next, every).unref()
  }
  const next = () => {
    round = go()
  }
  let round = go()
  return {
    async close() {
      closed = true
      clearTimeout(timer)
      await round
      await sum.round('now')
    },
  }
}

class Sum {
  readonly #shell: CountingShell
  /** By `start`; the newest of each that is not written yet. */
  #told = new Map<string, Told>()
  #writtenAt: number
  #saidAt = -Infinity
  /** Until the first write of the term everything is asked for. */
  #from: number | undefined
  #fault: string | undefined

  constructor(shell: CountingShell) {
    this.#shell = shell
    this.#writtenAt = shell.now()
  }

  async round(write: 'when due' | 'now'): Promise<void> {
    const { ask, log, hosts } = this.#shell
    try {
      const asked = await ask(this.#from)
      const counts = { ...asked, hosts: hosts().slice(0, mostHosts) }
      this.#told = unwritten(this.#told, asked.told)
      const record = await this.#sum(counts, write)
      this.#say(record, asked)
    } catch (error) {
      log.warn({ err: error }, 'who comes over plain http could not be summed up; tried again')
    }
  }

  #say(record: TrafficRecord, asked: Asked): void {
    const { now, tell, hosts, tellEveryMs: every = tellEveryMs } = this.#shell
    const at = now()
    if (at - this.#saidAt < every) return
    this.#saidAt = at
    const counted = countedOf(record, asked, { now: at, fault: this.#fault })
    tell({ ...toldOf(record, hosts(), at), counted })
  }

  async #sum(asked: Asked & { readonly hosts: readonly string[] }, write: 'when due' | 'now') {
    const { journal, now, writeEveryMs: every = writeEveryMs } = this.#shell
    const at = now()
    const next = (before: TrafficRecord | undefined) =>
      fitting(fold(before, { ...asked, told: [...this.#told.values()], now: at }), at)
    const entry = await journal.read(trafficName)
    if (entry.state === 'unreadable') {
      journal.forget()
      this.#failed(`the record of the sum ${entry.fault}`)
      return next(undefined)
    }
    const before = entry.state === 'there' ? entry.record : undefined
    const record = next(before)
    if (record === before || (write === 'when due' && at - this.#writtenAt < every)) return record
    return (await this.#write(next, asked, at)) ?? record
  }

  /** Undefined when it could not be written: what was told is kept for the next time. */
  async #write(next: (before: TrafficRecord | undefined) => TrafficRecord, asked: Asked, at: number) {
    this.#writtenAt = at
    try {
      const record = await this.#shell.journal.change(trafficName, next)
      this.#told = new Map(asked.told.map((told) => [told.start, told]))
      // A day before: what a clock that is behind calls yesterday.
      this.#from = dayAt(at) - 1
      this.#fault = undefined
      return record
    } catch (error) {
      if (!(error instanceof Port80Failure)) throw error
      // Whoever leads now asks the same replicas.
      if (error.failure.reason !== 'LeadershipLost') this.#failed(error.failure.detail)
      return undefined
    }
  }

  #failed(fault: string): void {
    if (this.#fault !== fault)
      this.#shell.log.warn({ fault }, 'the sum of who comes over plain http is not written down; tried again')
    this.#fault = fault
  }
}

/** Lives that are over and are not written down yet. More of them while a store refuses are forgotten, the oldest first. */
const mostEnded = 50

/** By `start`, the one that was heard last at the end: all that told now, and the latest of those that do no more. */
export function unwritten(before: ReadonlyMap<string, Told>, now: readonly Told[]): Map<string, Told> {
  const starts = new Set(now.map(({ start }) => start))
  const ended = [...before].filter(([start]) => !starts.has(start)).slice(-mostEnded)
  return new Map([...ended, ...now.map((told) => [told.start, told] as const)])
}

/** What a record says for the status. `hosts`: those of the configuration. */
export function toldOf(
  record: TrafficRecord,
  hosts: readonly string[],
  now: number,
): Pick<Reported, 'plainHttp' | 'leftOut'> {
  const more = hosts.length - mostHosts
  return {
    plainHttp: plainHttpOf(record, hosts.slice(0, mostHosts), now),
    ...(more > 0 && { leftOut: { plainHttp: more } }),
  }
}

/** What a record says of itself. */
export function sinceAndFolded({ since, folded = [] }: TrafficRecord): CountedStatus {
  return { since, ...(folded.length > 0 && { folded: folded.length }) }
}

function countedOf(
  record: TrafficRecord,
  { told, silent }: Asked,
  { now, fault }: { readonly now: number; readonly fault: string | undefined },
): CountedStatus {
  const replicas = new Set(told.map(({ start }) => start)).size
  const asked = { at: now, replicas, silent: silent.slice(0, 100) }
  return { ...sinceAndFolded(record), asked, ...(fault !== undefined && { fault }) }
}
