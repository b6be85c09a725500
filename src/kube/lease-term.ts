/** One term of leadership: renews while it lasts, ends itself when it cannot. */
import { setTimeout as pause } from 'node:timers/promises'
import { Port80Failure } from '../reason.ts'
import type { Held } from '../state/leadership.ts'
import type { KubeClient } from './client.ts'
import { holderOf, nextSpec, releasedSpec, type LeaseDurations } from './lease-record.ts'
import type { Lease } from './object.ts'
import type { ObjectAt } from './resource-path.ts'

/**
 * A moment on two clocks, in milliseconds. The steady one goes on while the process is stopped, but not while a virtual
 * machine sleeps; the wall clock does, but may be set. Whichever says that more time has passed is believed.
 */
export interface Moment {
  readonly steady: number
  readonly wall: number
}

export interface TermParts {
  readonly client: KubeClient
  readonly at: ObjectAt<'leases'>
  readonly me: string
  readonly durations: LeaseDurations
  /** As it was written when the term began. */
  readonly lease: Lease
  /** Before that write was sent: others count from later than this. */
  readonly began: Moment
}

/** Milliseconds for giving the Lease back: a process that stops does not wait longer for it. */
const releaseMs = 3_000

/**
 * Times that a write is tried anew at once after a conflict with somebody who writes to the Lease without taking it (a tool
 * that annotates everything it sees). Tried again only after the retry period, with what was read a period ago, every
 * renewal would meet the next such write and a healthy leader would lose its Lease at the deadline.
 */
const conflictTries = 8

export class LeaseTerm implements Held {
  readonly #parts: TermParts
  readonly #abort = new AbortController()
  readonly #ending = new AbortController()
  readonly #loop: Promise<void>
  #lease: Lease
  #renewed: Moment
  #deadline: NodeJS.Timeout | undefined
  #givenUp = false

  constructor(parts: TermParts) {
    this.#parts = parts
    this.#lease = parts.lease
    this.#renewed = parts.began
    this.#armDeadline()
    this.#loop = this.#renewOnAndOn()
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** False also when the API server gives no answer: then somebody else may lead. */
  async stillHeld(): Promise<boolean> {
    if (this.#overdue()) return false
    const { client, at, me, durations } = this.#parts
    const reply = await client.get(at, { deadlineMs: durations.renewDeadline / 2 })
    // Looked at after the answer: the process may have been stopped while it waited for it.
    if (this.#overdue()) return false
    if ('failure' in reply) {
      if (reply.failure.kind === 'notFound') this.#lose('the Lease was deleted')
      return false
    }
    const holder = holderOf(reply.ok)
    if (holder !== me) this.#lose(`${holder ?? 'nobody'} holds the Lease`)
    return !this.signal.aborted
  }

  async release(): Promise<void> {
    this.#givenUp ||= !this.signal.aborted
    this.#lose('leadership was given up')
    await this.#loop
  }

  async #renewOnAndOn(): Promise<void> {
    const { signal } = this.#ending
    const { durations } = this.#parts
    while (!signal.aborted) {
      await pause(durations.retryPeriod, undefined, { signal }).catch(() => undefined)
      if (!signal.aborted && !this.#overdue()) await this.#renew(signal).catch(() => undefined)
    }
    if (this.#givenUp) await this.#giveBack().catch(() => undefined)
  }

  async #renew(signal: AbortSignal): Promise<void> {
    for (let tries = 1; tries <= conflictTries && !signal.aborted; tries++) {
      if ((await this.#renewOnce(signal)) === 'settled') return
    }
  }

  async #renewOnce(signal: AbortSignal): Promise<'settled' | 'conflict'> {
    const { client, at, me, durations } = this.#parts
    const began = now()
    const spec = nextSpec(this.#lease, me, durations, began.wall)
    const call = { signal, deadlineMs: durations.renewDeadline / 2 }
    const reply = await client.replace(at, { metadata: this.#lease.metadata, spec }, call)
    if ('ok' in reply) {
      this.#lease = reply.ok
      this.#renewed = began
      this.#armDeadline()
      return 'settled'
    }
    if (reply.failure.kind === 'conflict') return this.#lookAgain(signal)
    if (reply.failure.kind === 'notFound') this.#lose('the Lease was deleted')
    // Anything else is weather: tried again until the deadline.
    return 'settled'
  }

  /**
   * Either a write of ours went through whose answer was lost, or somebody has touched the Lease, or has taken it. A conflict
   * is left only when it is still ours.
   */
  async #lookAgain(signal: AbortSignal): Promise<'settled' | 'conflict'> {
    const { client, at, me } = this.#parts
    const reply = await client.get(at, { signal })
    if (!('ok' in reply)) return 'settled'
    const holder = holderOf(reply.ok)
    if (holder === me) {
      this.#lease = reply.ok
      return 'conflict'
    }
    this.#lose(`${holder ?? 'nobody'} holds the Lease`)
    return 'settled'
  }

  /**
   * Read first: the last renewal may have been cut off with its answer. It may even arrive between this read and this write,
   * so a conflict is met again.
   */
  async #giveBack(): Promise<void> {
    const { client, at, me } = this.#parts
    const signal = AbortSignal.timeout(releaseMs)
    for (let tries = 1; tries <= conflictTries; tries++) {
      const reply = await client.get(at, { signal })
      if (!('ok' in reply) || holderOf(reply.ok) !== me) return
      const { metadata } = reply.ok
      const released = await client.replace(
        at,
        { metadata, spec: releasedSpec(reply.ok, Date.now()) },
        { signal },
      )
      if ('ok' in released || released.failure.kind !== 'conflict') return
    }
  }

  #lose(detail: string): void {
    if (this.signal.aborted) return
    clearTimeout(this.#deadline)
    // First everybody who works in this term is told, then the Lease is let go.
    this.#abort.abort(new Port80Failure({ reason: 'LeadershipLost', detail: detail.slice(0, 300) }))
    this.#ending.abort()
  }

  /** Ended, or to be ended now. */
  #overdue(): boolean {
    if (this.signal.aborted) return true
    if (since(this.#renewed) < this.#parts.durations.renewDeadline) return false
    this.#lose('the Lease could not be renewed in time')
    return true
  }

  #armDeadline(): void {
    clearTimeout(this.#deadline)
    const left = this.#parts.durations.renewDeadline - since(this.#renewed)
    this.#deadline = setTimeout(() => this.#overdue() || this.#armDeadline(), Math.max(1, left + 1))
  }
}

function now(): Moment {
  return { steady: performance.now(), wall: Date.now() }
}

function since(moment: Moment): number {
  return Math.max(performance.now() - moment.steady, Date.now() - moment.wall)
}
