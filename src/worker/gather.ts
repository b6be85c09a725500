/** Gather: everything the plan needs, read and parsed, nothing decided. */
import { createHash } from 'node:crypto'
import type { Destination } from '../destination/destination.ts'
import { Port80Failure } from '../reason.ts'
import { readLeaf, type Desired, type Leaf } from '../certificate/certificate.ts'
import type { Hold } from '../certificate/hold.ts'
import type { InstalledView } from '../certificate/install.ts'
import type { CertificateWorld, World } from '../certificate/plan.ts'
import type { Journal } from '../state/journal.ts'
import {
  emptyCertificateRecord,
  readRecord,
  requestRecord,
  type CertificateRecord,
  type HoldsRecord,
  type RequestRecord,
} from '../state/records.ts'
import type { StateStore } from '../state/store.ts'

export interface Sources {
  readonly state: StateStore
  readonly certificates: Journal<CertificateRecord>
  readonly holds: Journal<HoldsRecord>
  /** Destinations of one certificate. */
  readonly destinationsOf: (name: string) => readonly Destination[]
  readonly now: () => number
}

export interface Gathered {
  readonly world: World
  /** Certificates whose record cannot be read: left alone, shown. */
  readonly faults: ReadonlyMap<string, string>
  /** Requests that nobody can carry out, by name, and why. */
  readonly strayRequests: ReadonlyMap<string, string>
  readonly requests: ReadonlyMap<string, RequestRecord>
}

/** Remembers what PEM texts say and what destinations hold, so that a tick over thousands parses nothing twice. */
export interface GatherMemory {
  readonly leaves: Map<string, Leaf | undefined>
  readonly installed: Map<string, readonly InstalledView[]>
}

export function gatherMemory(): GatherMemory {
  return { leaves: new Map(), installed: new Map() }
}

export async function gather(
  desired: readonly Desired[],
  sources: Sources,
  memory: GatherMemory,
  running: ReadonlySet<string>,
): Promise<Gathered> {
  const faults = new Map<string, string>()
  const { requests, unreadable } = await gatherRequests(sources.state)
  const certificates: CertificateWorld[] = []
  for (const each of desired) {
    const entry = await sources.certificates.read(each.name)
    if (entry.state === 'unreadable') {
      faults.set(each.name, entry.fault)
      continue
    }
    const record = entry.state === 'there' ? entry.record : emptyCertificateRecord
    const request = requests.get(each.name)
    certificates.push({
      ...(await viewOf(each, record, sources, memory)),
      ...(request && { request }),
      running: running.has(each.name),
    })
  }
  const names = new Set(desired.map((each) => each.name))
  return {
    world: { now: sources.now(), certificates, holds: await gatherHolds(desired, sources) },
    faults,
    requests,
    strayRequests: new Map([
      ...[...requests.keys()]
        .filter((name) => !names.has(name) && !name.startsWith('account.'))
        .map((name) => [name, 'no certificate of this name is configured'] as const),
      ...unreadable.map((name) => [name, 'it is no request of this version'] as const),
    ]),
  }
}

async function viewOf(
  desired: Desired,
  record: CertificateRecord,
  sources: Sources,
  memory: GatherMemory,
): Promise<Omit<CertificateWorld, 'request' | 'running'>> {
  const destinations = sources.destinationsOf(desired.name)
  let installed = memory.installed.get(desired.name)
  // What was read belongs to the destinations of then: a new configuration may name others.
  if (installed?.map((view) => view.destination).join('\n') !== destinations.map(({ id }) => id).join('\n')) {
    installed = undefined
  }
  installed ??= await installedAt(destinations, desired.name, memory)
  memory.installed.set(desired.name, installed)
  return { desired, record, installed, ...storedView(record, memory) }
}

/** What each destination holds, read now. */
export function installedAt(
  destinations: readonly Destination[],
  name: string,
  memory: GatherMemory,
): Promise<readonly InstalledView[]> {
  return Promise.all(destinations.map((each) => readInstalled(each, name, memory)))
}

/** What the stored pairs say. */
export function storedView(
  record: CertificateRecord,
  memory: GatherMemory,
): Pick<CertificateWorld, 'stored' | 'olderFingerprints'> {
  const [pair, ...older] = record.pairs
  const fingerprints = older.map((each) => leafOf(each, memory)?.fingerprint)
  return {
    ...(pair && { stored: { pair, leaf: leafOf(pair, memory) } }),
    olderFingerprints: fingerprints.filter((each) => each !== undefined),
  }
}

async function readInstalled(
  destination: Destination,
  name: string,
  memory: GatherMemory,
): Promise<InstalledView> {
  try {
    const found = await destination.read(name)
    if (found.state === 'foreign')
      return { destination: destination.id, state: 'foreign', fault: found.fault }
    if (found.state === 'absent') return { destination: destination.id, state: 'absent' }
    return { destination: destination.id, state: 'present', leaf: leafOf(found.pair, memory) }
  } catch (error) {
    const fault = error instanceof Port80Failure ? error.failure.detail : 'could not be read'
    return { destination: destination.id, state: 'unreadable', fault }
  }
}

function leafOf(pair: { chainPem: string; keyPem: string }, memory: GatherMemory): Leaf | undefined {
  // By hash: the key is part of what is known (does it match?), and must not lie about as a Map key.
  const id = createHash('sha256').update(pair.chainPem).update(pair.keyPem).digest('base64')
  if (memory.leaves.has(id)) return memory.leaves.get(id)
  const leaf = readLeaf(pair)
  if (memory.leaves.size > 40_000) memory.leaves.clear()
  memory.leaves.set(id, leaf)
  return leaf
}

async function gatherHolds(
  desired: readonly Desired[],
  sources: Sources,
): Promise<ReadonlyMap<string, readonly Hold[]>> {
  const issuers = new Set(desired.flatMap((each) => Object.keys(each.directories)))
  const holds = new Map<string, readonly Hold[]>()
  for (const issuer of issuers) {
    const entry = await sources.holds.read(issuer)
    if (entry.state === 'there') holds.set(issuer, entry.record.holds)
    if (entry.state === 'unreadable') holds.set(issuer, [unknownLimits(issuer, entry.fault, sources.now())])
  }
  return holds
}

/** Limits that cannot be read are not "no limits": the issuer is left alone until somebody has mended or removed the record. */
function unknownLimits(issuer: string, fault: string, now: number): Hold {
  const detail = `its record of limits (holds/${issuer}) ${fault}; restore it or move it away`
  return { kind: 'issuer', until: now + unknownLimitsMs, since: now, reason: 'StoreFailed', detail }
}

/** Looked at again by every tick; only a moment that is ahead. */
const unknownLimitsMs = 60_000

interface Requests {
  readonly requests: Map<string, RequestRecord>
  /** Names whose request cannot be read. */
  readonly unreadable: readonly string[]
}

async function gatherRequests(state: StateStore): Promise<Requests> {
  const requests = new Map<string, RequestRecord>()
  const unreadable: string[] = []
  for (const key of await state.list('request')) {
    const found = await state.read(key)
    if (!found) continue
    const parsed = readRecord(requestRecord, found.text)
    const name = key.slice('request/'.length)
    if ('ok' in parsed) requests.set(name, parsed.ok)
    else unreadable.push(name)
  }
  return { requests, unreadable }
}
