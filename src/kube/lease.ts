/**
 * Leadership on a Lease (rules: src/kube/lease-record.ts). Every write is conditional on the version that was seen, so of
 * two candidates one gets it; but a holder that was stopped and goes on does not know what happened meanwhile. Hence
 * - its own clock: once the renew deadline has passed since its last renewal *began*, it no longer holds, whatever the
 *   Lease says (others wait five seconds longer than that);
 * - `stillHeld` reads the Lease again, and looks at the clock after the answer, not before.
 */
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Held, Leadership } from '../state/leadership.ts'
import { storeFailure, type ApiFailure, type Reply } from './api-failure.ts'
import type { KubeClient } from './client.ts'
import {
  decide,
  defaultDurations,
  faultOfDurations,
  holderOf,
  nextSpec,
  observed,
  type LeaseDurations,
  type Observation,
} from './lease-record.ts'
import { LeaseTerm } from './lease-term.ts'
import type { Lease } from './object.ts'
import type { ObjectAt } from './resource-path.ts'
import { watchObjects } from './watch.ts'

export interface LeaseOptions {
  readonly client: KubeClient
  readonly namespace: string
  /** Name of the Lease; one for all workers that share a store. */
  readonly name: string
  readonly durations?: LeaseDurations
}

export interface LeaseLeadership extends Leadership {
  /**
   * Resolves when a `tryAcquire` is worth it: the Lease was given up, ran out, or cannot be watched. Waiting for this
   * instead of asking every second makes a hand-over immediate.
   */
  whenFree(signal: AbortSignal): Promise<void>
}

export function leaseLeadership(options: LeaseOptions): LeaseLeadership {
  const fault = faultOfDurations(options.durations ?? defaultDurations)
  if (fault !== undefined) throw new RangeError(fault)
  return new LeaseCandidate(options)
}

class LeaseCandidate implements LeaseLeadership {
  readonly #client: KubeClient
  readonly #at: ObjectAt<'leases'>
  readonly #durations: LeaseDurations
  /** The host name is the pod's; the rest tells a container's restarts apart, which have the same pid. */
  readonly #me = `${hostname()} pid ${process.pid} ${randomUUID().slice(0, 8)}`
  #seen: Observation | undefined
  #term: LeaseTerm | undefined
  #turn: Promise<unknown> = Promise.resolve()

  constructor({ client, namespace, name, durations }: LeaseOptions) {
    this.#client = client
    this.#at = { resource: 'leases', namespace, name }
    this.#durations = durations ?? defaultDurations
  }

  tryAcquire(): Promise<Held | undefined> {
    const mine = this.#turn.then(() => this.#tryAcquire())
    this.#turn = mine.catch(() => undefined)
    return mine
  }

  async holder(): Promise<string | undefined> {
    const seen = await this.#look()
    const decision = decide(seen, this.#me, performance.now())
    if (decision.do === 'create' || decision.do === 'take') return undefined
    const silentSince = silence(seen.lease, this.#durations.lease)
    const holder = holderOf(seen.lease)?.slice(0, 150)
    return silentSince === undefined ? holder : `${holder} (silent since ${silentSince})`
  }

  async whenFree(signal: AbortSignal): Promise<void> {
    const { resource, namespace, name } = this.#at
    let woken = Promise.withResolvers<void>()
    const see = (lease: Lease | undefined) => {
      this.#see(lease)
      woken.resolve()
    }
    const watch = watchObjects({
      client: this.#client,
      at: { resource, namespace, fields: `metadata.name=${name}` },
      listed: (leases) => see(leases[0]),
      changed: ({ type, object }) => see(type === 'DELETED' ? undefined : object),
    })
    try {
      while (!signal.aborted) {
        const known = watch.state().synced && this.#seen
        const decision = known && decide(known, this.#me, performance.now())
        if (decision && decision.do !== 'wait') return
        const ms = decision ? decision.until - performance.now() : this.#durations.retryPeriod
        const why = await firstOf(woken.promise, ms, signal)
        if (why === 'time' && !decision) return // not to be watched: whoever asks looks for himself
        woken = Promise.withResolvers<void>()
      }
    } finally {
      await watch.stop()
    }
  }

  async #tryAcquire(): Promise<Held | undefined> {
    if (this.#term?.signal.aborted === false) return undefined
    const seen = await this.#look()
    const decision = decide(seen, this.#me, performance.now())
    if (decision.do === 'wait') return undefined
    const began = { steady: performance.now(), wall: Date.now() }
    const written = await this.#write(seen.lease)
    if ('failure' in written) return lostRace(written.failure)
    this.#see(written.ok)
    this.#term = new LeaseTerm({
      client: this.#client,
      at: this.#at,
      me: this.#me,
      durations: this.#durations,
      lease: written.ok,
      began,
    })
    return this.#term
  }

  #write(before: Lease | undefined): Promise<Reply<Lease>> {
    const spec = nextSpec(before, this.#me, this.#durations, Date.now())
    const call = { deadlineMs: this.#durations.retryPeriod }
    if (before === undefined) return this.#client.create(this.#at, { spec }, call)
    return this.#client.replace(this.#at, { metadata: before.metadata, spec }, call)
  }

  async #look(): Promise<Observation> {
    const reply = await this.#client.get(this.#at, { deadlineMs: this.#durations.renewDeadline / 2 })
    if ('ok' in reply) return this.#see(reply.ok)
    if (reply.failure.kind === 'notFound') return this.#see(undefined)
    throw storeFailure(reply.failure)
  }

  #see(lease: Lease | undefined): Observation {
    this.#seen = observed(this.#seen, lease, performance.now())
    return this.#seen
  }
}

/** Somebody was faster, which is no error; anything else is. */
function lostRace(failure: ApiFailure): undefined {
  if (failure.kind === 'conflict' || failure.kind === 'exists' || failure.kind === 'notFound')
    return undefined
  throw storeFailure(failure)
}

/** Since when the holder has not renewed, going by the clocks of both machines: for people, no rule reads it. */
function silence(lease: Lease | undefined, durationMs: number): string | undefined {
  const renewed = lease?.spec?.renewTime
  return renewed !== undefined && Date.now() - Date.parse(renewed) > 2 * durationMs ? renewed : undefined
}

function firstOf(event: Promise<void>, ms: number, signal: AbortSignal): Promise<'event' | 'time'> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => end('time'), Math.max(0, ms))
    const aborted = () => end('event')
    const end = (why: 'event' | 'time') => {
      clearTimeout(timer)
      signal.removeEventListener('abort', aborted)
      resolve(why)
    }
    signal.addEventListener('abort', aborted, { once: true })
    void event.then(() => end('event'))
  })
}
