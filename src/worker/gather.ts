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
  /** Requests for names that are not configured. */
  readonly strayRequests: readonly string[]
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
  const requests = await gatherRequests(sources.state)
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
    strayRequests: [...requests.keys()].filter((name) => !names.has(name) && !name.startsWith('account.')),
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
  }
  return holds
}

/** Requests of the command line; what cannot be parsed is left for `strayRequests`' sweep to report. */
async function gatherRequests(state: StateStore): Promise<Map<string, RequestRecord>> {
  const requests = new Map<string, RequestRecord>()
  for (const key of await state.list('request')) {
    const found = await state.read(key)
    const parsed = found && readRecord(requestRecord, found.text)
    if (parsed && 'ok' in parsed) requests.set(key.slice('request/'.length), parsed.ok)
  }
  return requests
}
