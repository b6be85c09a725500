/** Gather: everything the plan needs, read and parsed, nothing decided. */
import { createHash } from 'node:crypto'
import type { Destination } from '../destination/destination.ts'
import { Port80Failure } from '../reason.ts'
import { readLeaf, type Desired, type Leaf } from '../certificate/certificate.ts'
import type { InstalledView } from '../certificate/install.ts'
import type { CertificateWorld, World } from '../certificate/plan.ts'
import { standIn } from '../certificate/refused.ts'
import type { Journal } from '../state/journal.ts'
import {
  emptyCertificateRecord,
  readRecord,
  requestRecord,
  type CertificateRecord,
  type RequestRecord,
} from '../state/records.ts'
import type { StateStore } from '../state/store.ts'
import { gatherLimits, type LimitSources } from './gather-limits.ts'
import { atMost, eachOf } from './lanes.ts'
import { destinationDeadlineMs, readingsOf, type Readings } from './readings.ts'

export interface Sources extends LimitSources {
  readonly state: StateStore
  readonly certificates: Journal<CertificateRecord>
  /** Destinations of one certificate. */
  readonly destinationsOf: (name: string) => readonly Destination[]
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
  readonly installed: Readings
  /** So long, ms, one gather waits for readings that begin with it; then it goes on with what was known. */
  readonly patienceMs: number
}

/** `changed`: a reading told something new, which a gather may not have waited for. */
export function gatherMemory(
  terms: { readonly patienceMs?: number; readonly changed?: () => void } = {},
): GatherMemory {
  const { patienceMs = destinationDeadlineMs, changed } = terms
  const leaves: GatherMemory['leaves'] = new Map()
  const read = (destination: Destination, name: string) => readInstalled(destination, name, { leaves })
  return { leaves, patienceMs, installed: readingsOf({ read, ...(changed && { changed }) }) }
}

export async function gather(
  desired: readonly Desired[],
  sources: Sources,
  memory: GatherMemory,
  running: ReadonlySet<string>,
): Promise<Gathered> {
  const faults = new Map<string, string>()
  const { requests, unreadable } = await gatherRequests(sources.state)
  const entries = await eachOf(desired, storeReads, (each) => sources.certificates.read(each.name))
  const views = await gatherInstalled(desired, sources, memory)
  const certificates: CertificateWorld[] = []
  for (const [index, each] of desired.entries()) {
    const entry = entries[index] ?? { state: 'absent' }
    if (entry.state === 'unreadable') {
      faults.set(each.name, entry.fault)
      continue
    }
    const record = entry.state === 'there' ? entry.record : emptyCertificateRecord
    const request = requests.get(each.name)
    certificates.push({
      ...{ desired: each, record, installed: views[index] ?? [], ...storedView(record, memory) },
      ...(request && { request }),
      running: running.has(each.name),
    })
  }
  const names = new Set(desired.map((each) => each.name))
  return {
    world: { now: sources.now(), certificates, ...(await gatherLimits(desired, sources)) },
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

/** Records that are read at once. */
const storeReads = 16

/** What each destination of each certificate holds, as far as it is known by the end of patience. */
async function gatherInstalled(
  desired: readonly Desired[],
  sources: Sources,
  { installed, patienceMs }: GatherMemory,
): Promise<readonly (readonly InstalledView[])[]> {
  const looks = desired.map(({ name }) =>
    sources.destinationsOf(name).map((place) => installed.look(name, place)),
  )
  const begun = looks.flat().flatMap((look) => (look.begun ? [look.begun] : []))
  if (begun.length > 0) await atMost(patienceMs, Promise.all(begun))
  return looks.map((each) => each.map(({ view }) => view))
}

/** What the stored pairs say. */
export function storedView(
  record: CertificateRecord,
  memory: Pick<GatherMemory, 'leaves'>,
): Pick<CertificateWorld, 'stored' | 'placeholder' | 'standIn' | 'olderFingerprints'> {
  const { placeholder } = record
  const [pair, ...older] = record.pairs
  const [refusedAt] = record.refused?.destinations ?? []
  const other = refusedAt === undefined ? undefined : standIn(record, refusedAt)
  // Where another one stands in for the newest, the newest is the one that may be replaced.
  const others = other ? record.pairs : older
  const fingerprints = others.map((each) => leafOf(each, memory)?.fingerprint)
  return {
    ...(pair && { stored: { pair, leaf: leafOf(pair, memory) } }),
    ...(placeholder && { placeholder: leafOf(placeholder, memory) }),
    ...(other && { standIn: leafOf(other, memory) }),
    olderFingerprints: fingerprints.filter((each) => each !== undefined),
  }
}

/** What a destination holds, read now. Never rejects. */
export async function readInstalled(
  destination: Destination,
  name: string,
  memory: Pick<GatherMemory, 'leaves'>,
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

function leafOf(
  pair: { chainPem: string; keyPem: string },
  memory: Pick<GatherMemory, 'leaves'>,
): Leaf | undefined {
  // By hash: the key is part of what is known (does it match?), and must not lie about as a Map key.
  const id = createHash('sha256').update(pair.chainPem).update(pair.keyPem).digest('base64')
  if (memory.leaves.has(id)) return memory.leaves.get(id)
  const leaf = readLeaf(pair)
  if (memory.leaves.size > 40_000) memory.leaves.clear()
  memory.leaves.set(id, leaf)
  return leaf
}

interface Requests {
  readonly requests: Map<string, RequestRecord>
  /** Names whose request cannot be read. */
  readonly unreadable: readonly string[]
}

async function gatherRequests(state: StateStore): Promise<Requests> {
  const requests = new Map<string, RequestRecord>()
  const unreadable: string[] = []
  const keys = await state.list('request')
  const found = await eachOf(keys, storeReads, (key) => state.read(key))
  for (const [index, key] of keys.entries()) {
    const text = found[index]?.text
    if (text === undefined) continue
    const parsed = readRecord(requestRecord, text)
    const name = key.slice('request/'.length)
    if ('ok' in parsed) requests.set(name, parsed.ok)
    else unreadable.push(name)
  }
  return { requests, unreadable }
}
