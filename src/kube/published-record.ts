/**
 * The whole picture as the leader writes it down for everybody else, and back. Pure. Two parts in one object:
 *
 * - the head, plain JSON: who tells, when, and how its worker is. Short, new with every heartbeat, legible for kubectl;
 * - the body, compressed by the shell: configuration, limits and certificates. It stays the same text while nothing
 *   changes, so that nobody packs, parses or checks a thousand certificates for a sign of life.
 *
 * No key is in a snapshot (src/status/snapshot.ts), so none is in here.
 */
import { z } from 'zod'
import { isTrouble } from '../discovery/source-status.ts'
import { withTimes } from '../finding/looks.ts'
import { mergeReported, reportedOf, type Room } from '../finding/merge.ts'
import { reportedSchema } from '../finding/reported-schema.ts'
import { readRecord } from '../state/records.ts'
import { knownOf, onlyKnown } from '../status/newer.ts'
import { byUrgency } from '../status/tone.ts'
import {
  certificateSchema,
  configurationSchema,
  holdSchema,
  lookSchema,
  longestText,
  sourceSchema,
  storeSchema,
  workerSchema,
} from '../status/snapshot-schema.ts'
import type { AttemptStatus, CertificateStatus, StatusSnapshot } from '../status/snapshot.ts'

const text = z.string().max(longestText)

const headSchema = z.object({
  v: z.literal(1),
  /** Epoch milliseconds by the clock of who tells. */
  at: z.number().int().nonnegative(),
  by: text,
  version: text,
  worker: workerSchema,
  store: storeSchema,
  /** Of the configuration; `leftOut` of them are not in the body, for want of room. */
  certificates: z.number().int().nonnegative(),
  leftOut: z.number().int().nonnegative(),
})
export type PublishedHead = z.infer<typeof headSchema>

const bodySchema = z
  .object({
    v: z.literal(1),
    configuration: configurationSchema,
    holds: knownOf(holdSchema, 10_000),
    certificates: knownOf(certificateSchema, 100_000),
    sources: knownOf(sourceSchema, 10_000).exactOptional(),
    looks: onlyKnown(lookSchema, 1_000).exactOptional(),
    reported: reportedSchema.exactOptional(),
  })
  .transform(({ holds, certificates, sources, looks, reported, ...rest }) => {
    const unknown = holds.unknown + certificates.unknown + (sources?.unknown ?? 0) + (reported?.unknown ?? 0)
    return {
      ...rest,
      ...{ holds: holds.known, certificates: certificates.known },
      ...(sources && { sources: sources.known }),
      ...(looks && { looks }),
      ...(reported && { reported: reported.reported }),
      /** Items with a word of a newer leader, which are in none of these lists. */
      ...(unknown > 0 && { unknown }),
    }
  })
export type PublishedBody = z.infer<typeof bodySchema>

/** What a reader knows after reading. */
export interface Published {
  readonly head: PublishedHead
  readonly body: PublishedBody
}

export function headText(snapshot: StatusSnapshot, by: string, leftOut: number): string {
  const { at, version, worker, store, certificates } = snapshot
  const head: PublishedHead = {
    v: 1,
    at,
    by,
    version,
    worker,
    store,
    certificates: certificates.length,
    leftOut,
  }
  return bounded(head)
}

/** The head without what a living worker changes by merely living. Two snapshots that agree here and in the body are one. */
export function lastingHead(snapshot: StatusSnapshot): string {
  const { role, stuck, restarts, lastError } = snapshot.worker
  const { readable, fault } = snapshot.store
  return bounded([
    snapshot.version,
    role,
    stuck,
    restarts,
    lastError,
    readable,
    fault,
    snapshot.certificates.length,
  ])
}

/** How much of a certificate is written down, from all of it to the least that a metric needs. */
interface Measure {
  readonly attempts: number
  readonly detail: number
  readonly domains: number
  /** Of what was found, the worst first. */
  readonly room: Room
}

const mostSources = 500

const measures: readonly Measure[] = [
  { attempts: 10, detail: longestText, domains: 1_000, room: roomFor(500) },
  { attempts: 3, detail: 200, domains: 1_000, room: roomFor(500) },
  { attempts: 1, detail: 100, domains: 10, room: roomFor(100) },
  { attempts: 1, detail: 40, domains: 3, room: roomFor(20) },
]

function roomFor(each: number): Room {
  return { findings: each, legs: 2 * each, served: 2 * each, budget: each, plainHttp: each }
}

export interface Draft {
  readonly text: string
  /** Certificates that are not in it. */
  readonly leftOut: number
}

/**
 * The body, whole first and then shorter and shorter: the shell packs one after the other until one fits. What needs a
 * person is left out last.
 */
export function* drafts(snapshot: StatusSnapshot): Generator<Draft, undefined> {
  for (const measure of measures) yield draft(snapshot, snapshot.certificates, measure)
  const sorted = byUrgency(snapshot.certificates)
  const [least] = measures.slice(-1)
  for (let kept = sorted.length >> 1; kept > 0 && least; kept >>= 1) {
    yield draft(snapshot, sorted.slice(0, kept), least)
  }
  return undefined
}

function draft(
  snapshot: StatusSnapshot,
  certificates: readonly CertificateStatus[],
  measure: Measure,
): Draft {
  const { configuration, holds } = snapshot
  const body = {
    v: 1,
    configuration: { ...configuration, faults: configuration.faults.slice(0, 100) },
    holds: holds.slice(0, 1_000),
    certificates: certificates.map((each) => shortened(each, measure)),
    ...(snapshot.sources && { sources: fewSources(snapshot.sources) }),
    // When each was taken is told with what it found: a clock alone is no reason to pack anew.
    ...(snapshot.looks && { looks: withTimes(snapshot.looks).slice(0, 1_000) }),
    reported: mergeReported([reportedOf(snapshot)], measure.room),
  }
  return { text: bounded(body), leftOut: snapshot.certificates.length - certificates.length }
}

/** Those that somebody should look at before the others. */
function fewSources(sources: NonNullable<StatusSnapshot['sources']>) {
  const trouble = sources.filter(({ state }) => isTrouble(state))
  return [...trouble, ...sources.filter(({ state }) => !isTrouble(state))].slice(0, mostSources)
}

function shortened(certificate: CertificateStatus, measure: Measure): CertificateStatus {
  const { domains, attempts, destinations } = certificate
  const more = domains.length - measure.domains
  return {
    ...certificate,
    domains: more > 0 ? [...domains.slice(0, measure.domains), `and ${more} more`] : domains,
    attempts: attempts.slice(0, measure.attempts).map((each) => shortAttempt(each, measure.detail)),
    destinations: destinations.slice(0, 100),
  }
}

function shortAttempt(attempt: AttemptStatus, detail: number): AttemptStatus {
  const { failure } = attempt
  if (failure === undefined || failure.detail.length <= detail) return attempt
  return { ...attempt, failure: { ...failure, detail: `${failure.detail.slice(0, detail - 1)}…` } }
}

/** Texts are bounded where they are made; this is the second look at it. */
function bounded(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'string' && each.length > longestText ? each.slice(0, longestText) : each,
  )
}

export function readHead(text: string): { ok: PublishedHead } | { fault: string } {
  return readRecord(headSchema, text)
}

export function readBody(text: string): { ok: PublishedBody } | { fault: string } {
  return readRecord(bodySchema, text)
}
