/** Who comes over plain http, summed up while this worker leads: the process's own counts and those of the replicas. */
import { hostname } from 'node:os'
import { hostName } from '../http/redirect.ts'
import { journalOf } from '../state/journal.ts'
import { trafficRecord } from '../state/traffic-record.ts'
import type { StateStore } from '../state/store.ts'
import {
  openCounting,
  sinceAndFolded,
  toldOf,
  trafficName,
  type Asked,
  type Counting,
} from '../traffic/counting.ts'
import type { ReplicaCounts } from '../traffic/replica-counts.ts'
import { Port80Failure } from '../reason.ts'
import type { Reported } from '../finding/reported.ts'
import type { Live } from './live.ts'
import type { Running } from './serve.ts'
import { pause } from '../worker/wake.ts'

/** Asking oneself costs nothing. */
const ownEveryMs = 2_000

/** The Lease is not kept from the next leader for longer because somebody does not answer. */
const closeMs = 3_000

/** `state`: that of the term. Undefined where nobody is known who could be asked. */
export function countTerm(running: Running, state: StateStore): Counting | undefined {
  const { live, reported, options, publicServer } = running
  const { responders } = live.config()
  if (!publicServer && !responders) return undefined
  // A last question that outlives its bound tells nothing: the process knows no more than any other by then.
  let over = false
  const counting = openCounting({
    ask: (from) => askAll(running, from),
    hosts: () => managedHosts(live),
    journal: journalOf(state, 'traffic', trafficRecord),
    tell(part) {
      if (!over) reported.set('usage', part)
    },
    log: options.log,
    now: Date.now,
    ...(!responders && { askEveryMs: ownEveryMs, tellEveryMs: ownEveryMs }),
  })
  return {
    async close() {
      await untilDrained(running)
      await atMost(closeMs, counting.close(), options.now)
      over = true
    },
  }
}

/** The process itself, and the pods behind the Service of the responders. Never rejects. */
async function askAll(running: Running, from: number | undefined): Promise<Asked> {
  const own = running.publicServer ? [{ ...ownCounts(running, from), at: ownPlace }] : []
  const { responders, kubernetes, listeners } = running.live.config()
  if (!responders) return { told: own, present: undefined, silent: [] }
  try {
    const [{ askReplicas }, { client, namespace }] = await Promise.all([
      import('../kube/replicas.ts'),
      running.cluster(),
    ])
    const { clusterDomain } = kubernetes
    const { service } = responders
    const asked = await askReplicas(
      { client, namespace, service, clusterDomain, port: listeners.admin.port },
      from,
    )
    const present = asked.present && new Set([...asked.present, ...own.map(({ at }) => at)])
    return { told: [...own, ...asked.told], present, silent: asked.silent }
  } catch (error) {
    if (!(error instanceof Port80Failure)) throw error
    const seen = error.failure.detail
    return { told: own, present: undefined, silent: [{ replica: 'the cluster', seen }] }
  }
}

/** Two processes on one machine are two; one that starts anew in a container takes the place of the one before. */
const ownPlace = `${hostname()} ${process.pid}`

/** What this process has redirected. */
export function ownCounts(
  { traffic, life }: Pick<Running, 'traffic' | 'life'>,
  from: number | undefined,
): ReplicaCounts {
  return { v: 1, start: life, rows: traffic.rows(from) }
}

/** As the public servers call them, each once. */
export function managedHosts({ desired }: Pick<Live, 'desired'>): string[] {
  return [...new Set(desired().flatMap(({ domains }) => domains.map(hostName)))]
}

/** A public server answers for a while after the worker has ended, and those count, too. */
async function untilDrained({ publicServer, options, drained, live }: Running): Promise<void> {
  if (!publicServer || !options.stop.aborted) return
  const { unreadyWait, drain } = live.config().listeners.stop
  await atMost(unreadyWait + drain + 1_000, drained.promise, options.now)
}

/** Resolves with the work, after so many milliseconds, or when the signal aborts; the work goes on by itself. */
async function atMost(ms: number, work: Promise<void>, signal: AbortSignal): Promise<void> {
  const done = new AbortController()
  const bound = pause(ms, AbortSignal.any([done.signal, signal])).catch(() => undefined)
  await Promise.race([work, bound])
  done.abort()
}

/** What is written down, for a process that does not lead; undefined where nothing is, or nothing that can be read. */
export async function countedBefore(
  state: StateStore,
  live: Pick<Live, 'desired'>,
  now: number,
): Promise<Pick<Reported, 'plainHttp' | 'counted' | 'leftOut'> | undefined> {
  const entry = await journalOf(state, 'traffic', trafficRecord).read(trafficName)
  if (entry.state !== 'there') return undefined
  return { ...toldOf(entry.record, managedHosts(live), now), counted: sinceAndFolded(entry.record) }
}
