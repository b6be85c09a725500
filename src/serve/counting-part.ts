/** Who comes over plain http, summed up while this worker leads: the process's own counts and those of the replicas. */
import { hostname } from 'node:os'
import { hostName } from '../http/redirect.ts'
import { journalOf } from '../state/journal.ts'
import { trafficRecord } from '../state/traffic-record.ts'
import type { StateStore } from '../state/store.ts'
import { openCounting, toldOf, trafficName, type Counting } from '../traffic/counting.ts'
import type { Told } from '../traffic/fold.ts'
import type { Reported } from '../finding/reported.ts'
import type { Live } from './live.ts'
import type { Running } from './serve.ts'
import { pause } from '../worker/wake.ts'

/** Asking oneself costs nothing. */
const ownEveryMs = 2_000

/** `state`: that of the term. */
export function countTerm(running: Running, state: StateStore): Counting | undefined {
  if (!running.publicServer || running.live.config().responders) return undefined
  const { live, reported, options } = running
  const counting = openCounting({
    ask: async (from) => ({ told: ownCounts(running, from), present: undefined, silent: [] }),
    hosts: () => managedHosts(live),
    journal: journalOf(state, 'traffic', trafficRecord),
    tell: (part) => reported.set('usage', part),
    log: options.log,
    now: Date.now,
    askEveryMs: ownEveryMs,
  })
  return {
    async close() {
      await untilDrained(running)
      await counting.close()
    },
  }
}

function ownCounts({ publicServer, traffic, life }: Running, from: number | undefined): Told[] {
  if (!publicServer) return []
  return [{ start: life, at: `${hostname()} ${process.pid}`, rows: traffic.rows(from) }]
}

/** As the public servers call them, each once. */
export function managedHosts({ desired }: Pick<Live, 'desired'>): string[] {
  return [...new Set(desired().flatMap(({ domains }) => domains.map(hostName)))]
}

/** A public server answers for a while after the worker has ended, and those count, too. */
async function untilDrained({ publicServer, options, drained, live }: Running): Promise<void> {
  if (!publicServer || !options.stop.aborted) return
  const { unreadyWait, drain } = live.config().listeners.stop
  await Promise.race([drained.promise, pause(unreadyWait + drain + 1_000, options.now)]).catch(
    () => undefined,
  )
}

/** What is written down, for a process that does not lead; undefined where nothing is, or nothing that can be read. */
export async function countedBefore(
  state: StateStore,
  live: Pick<Live, 'desired'>,
  now: number,
): Promise<Pick<Reported, 'plainHttp' | 'counted' | 'leftOut'> | undefined> {
  const entry = await journalOf(state, 'traffic', trafficRecord).read(trafficName)
  if (entry.state !== 'there') return undefined
  return { ...toldOf(entry.record, managedHosts(live), now), counted: { since: entry.record.since } }
}
