/**
 * What the leader tells the cluster about its certificates: the published status (src/kube/published-status.ts), Events on
 * Secrets and Gateways (src/kube/events.ts), and annotations on Secrets (src/kube/secret-annotations.ts).
 *
 * Wiring (src/serve): one reporter a term of leadership.
 *
 *   const reporter = openReporter({
 *     client, log, leader: hostname(),
 *     namespace: store.kubernetes?.namespace,      // undefined: nothing is published (a store of files)
 *     inherit,                                     // src/serve/reported.ts
 *     snapshot,                                    // the one that the admin server shows (src/serve/view.ts)
 *     placesOf: (certificate) => …,                // its Secrets, and the Gateways that asked for it
 *     mayWrite: () => held.stillHeld(),
 *   })                                             // its first turn begins with the first `changed`
 *   seen: (look) => { running.look = look; reporter.changed() }
 *   finally await reporter.close()                 // of the term
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Reported } from '../finding/reported.ts'
import type { StatusSnapshot } from '../status/snapshot.ts'
import type { KubeClient } from './client.ts'
import { newsDesk, type NewsDesk } from './news-desk.ts'
import { statusPublisher, type Publisher } from './published-status.ts'
import { repeatedWarnings, type Warn } from './repeated-warnings.ts'
import type { SecretDestination } from './secret-destination.ts'
import { secretWords, type SecretWords } from './secret-words.ts'

/**
 * - Nothing here throws, rejects or holds up the worker: what cannot be told is logged, and told with the next turn.
 * - Turns are coalesced: at most one every two seconds, and one every 30 s when nothing changes, so that readers see that
 *   the leader lives.
 * - After `close` nothing is written any more.
 */
export interface Reporter {
  /** Something may have changed: called after every tick of the worker. Returns at once. */
  changed(): void
  /** A last turn while leadership lasts, for at most two seconds. Idempotent. */
  close(): Promise<void>
}

export interface ReporterOptions {
  readonly client: KubeClient
  /** Where the status is published: the store's namespace. Undefined: it is not. */
  readonly namespace: string | undefined
  /** Who tells: the name of the pod. */
  readonly leader: string
  /** What the leader before found, before the first snapshot is asked for. */
  readonly inherit?: (reported: Reported) => void
  /** The whole picture as this process sees it. */
  readonly snapshot: () => Promise<StatusSnapshot>
  /** Asked for every certificate at every turn: the configuration may have changed. */
  readonly placesOf: (certificate: string) => Places
  /** Asked before every write. */
  readonly mayWrite: () => Promise<boolean>
  readonly log: Pick<Logger, 'warn'>
}

/** Where a certificate is seen in the cluster. */
export interface Places {
  readonly secrets: readonly SecretPlace[]
  /** The objects that a certificate was found in (Gateways); empty for one of the configuration. */
  readonly sources: readonly ObjectReference[]
}

export interface SecretPlace {
  /** The one whose `id` stands in the status of the certificate. */
  readonly destination: Pick<SecretDestination, 'id' | 'describe'>
  readonly namespace: string
  readonly name: string
}

/** Enough to hang an Event on; with `uid`, `kubectl describe` shows it too. */
export interface ObjectReference {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly uid?: string
}

export function openReporter(options: ReporterOptions): Reporter {
  return new ClusterReporter(options)
}

/** Milliseconds between two turns. */
const turnMs = 2_000
/** Milliseconds after which the head of the published status is written though nothing changed. */
const aliveMs = 30_000
const lastTurnMs = 2_000

class ClusterReporter implements Reporter {
  readonly #options: ReporterOptions
  readonly #publisher: Publisher | undefined
  readonly #news: NewsDesk
  readonly #words: SecretWords
  readonly #warn: Warn
  readonly #ended = new AbortController()
  readonly #closing = Promise.withResolvers<void>()
  #isClosing = false
  #begun = false
  #changed = Promise.withResolvers<void>()
  #loop: Promise<void> | undefined
  #wroteAt = -Infinity

  constructor(options: ReporterOptions) {
    const { client, namespace, leader: by, log, placesOf } = options
    const mayWrite = async () => !this.#ended.signal.aborted && (await options.mayWrite())
    this.#options = { ...options, mayWrite }
    this.#publisher =
      namespace === undefined ? undefined : statusPublisher({ client, namespace, by, mayWrite })
    this.#warn = repeatedWarnings(log)
    this.#news = newsDesk({ client, instance: by, placesOf, mayWrite, warn: this.#warn })
    this.#words = secretWords({ placesOf, mayWrite, warn: this.#warn })
  }

  changed(): void {
    this.#changed.resolve()
    this.#loop ??= this.#run()
  }

  async close(): Promise<void> {
    this.#isClosing = true
    this.#closing.resolve()
    this.#changed.resolve()
    if (this.#loop) await firstOf(this.#loop, lastTurnMs)
    this.#ended.abort()
  }

  async #run(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      const last = this.#isClosing
      this.#changed = Promise.withResolvers()
      const more = await this.#turn().catch((error: unknown) => this.#stumbled(error))
      if (last) return
      if (!this.#isClosing) await firstOf(this.#closing.promise, turnMs)
      if (!this.#isClosing && !more) await firstOf(this.#changed.promise, this.#aliveInMs())
    }
  }

  /** Whether there is more to do than went into this turn. */
  async #turn(): Promise<boolean> {
    if (!(await this.#options.mayWrite())) return false
    if (!(await this.#begin())) return true
    const snapshot = await this.#options.snapshot()
    // Hearsay is not told on: then this process does not lead any more.
    if (snapshot.told || !(await this.#options.mayWrite())) return false
    const told = await this.#news.tell(snapshot, snapshot.at)
    const published = await this.#publish(snapshot)
    const described = await this.#words.write(snapshot.certificates)
    return !(told && published && described)
  }

  /** Goes on from what the leader before has told; false: that cannot be read now. */
  async #begin(): Promise<boolean> {
    if (this.#begun) return true
    const last = await this.#publisher?.last()
    if (last && 'fault' in last && last.isWeather) {
      this.#warn('status', last.fault)
      return false
    }
    const body = last && 'body' in last ? last.body : undefined
    this.#news.begin(body && { ...body.reported, certificates: body.certificates })
    this.#begun = true
    if (body?.reported) this.#options.inherit?.(body.reported)
    return true
  }

  /** False: it could not be written, and is with the next turn. */
  async #publish(snapshot: StatusSnapshot): Promise<boolean> {
    const result = await this.#publisher?.publish(snapshot, this.#aliveInMs() === 0)
    if (result?.did === 'wrote') this.#wroteAt = performance.now()
    this.#warn('status', result?.did === 'failed' ? result.fault : undefined)
    return result?.did !== 'failed' && result?.did !== 'lost'
  }

  #aliveInMs(): number {
    return Math.max(0, this.#wroteAt + aliveMs - performance.now())
  }

  #stumbled(error: unknown): boolean {
    this.#warn('report', error instanceof Error ? error.message : 'failed')
    return true
  }
}

async function firstOf(event: Promise<void>, ms: number): Promise<void> {
  const timer = new AbortController()
  await Promise.race([event, pause(ms, undefined, { signal: timer.signal }).catch(() => undefined)])
  timer.abort()
}
