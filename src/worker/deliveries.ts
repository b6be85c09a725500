/**
 * Pairs on their way to destinations, beside the worker's loop: certificates do not wait for each other. Each delivery looks
 * again before it writes and goes by the rule of the plan (certificate/install.ts): nothing valid is replaced by something
 * worse, however long ago the plan was made.
 */
import type { Logger } from 'pino'
import { installed } from '../certificate/attempt.ts'
import { installSteps, type InstalledView, type InstallStep } from '../certificate/install.ts'
import { pairFor } from '../certificate/refused.ts'
import type { Destination, Pair } from '../destination/destination.ts'
import type { Journal } from '../state/journal.ts'
import type { CertificateRecord } from '../state/records.ts'
import { failureOf } from './attempt.ts'
import { gatherMemory, readInstalled, storedView, type GatherMemory } from './gather.ts'
import { laneOf, lanesOf, within, type Lanes } from './lanes.ts'
import type { WorkerObserver } from './observer.ts'
import { destinationDeadlineMs, lanesWide } from './readings.ts'

export interface DeliveryShell {
  readonly certificates: Journal<CertificateRecord>
  destinationsOf(name: string): readonly Destination[]
  /** Throws LeadershipLost. */
  assertLeading(): Promise<void>
  /** What a destination holds has changed: the next gather reads it again. */
  readonly changedInstalled: (name: string) => void
  readonly observer: WorkerObserver
  readonly log: Logger
  now(): number
}

/**
 * - `deliver` brings every destination of the certificate up to date that can be: what fails is logged and told by the next
 *   reading. One at a time a certificate; who asks while one is running gets the one after it. Resolves with whether
 *   anything was put somewhere. Rejects when leadership is lost, when the store fails, and for bugs.
 * - `settled` resolves when nothing is under way.
 */
export interface Deliveries {
  deliver(name: string): Promise<boolean>
  busy(name: string): boolean
  settled(): Promise<void>
}

interface Delivering {
  readonly shell: DeliveryShell
  readonly deadlineMs: number
  readonly lanes: Lanes
  readonly memory: GatherMemory
  /** Writes that were given up and may still land: until one has, no other one goes the same way. */
  readonly late: Set<string>
}

interface Result {
  readonly what: InstallStep['what']
  readonly done: boolean
}

export function deliveriesOf(shell: DeliveryShell, deadlineMs = destinationDeadlineMs): Deliveries {
  const lanes = lanesOf(lanesWide)
  const delivering = { shell, deadlineMs, lanes, memory: gatherMemory(), late: new Set<string>() }
  const running = new Map<string, Promise<boolean>>()
  const next = new Map<string, Promise<boolean>>()

  function begin(name: string): Promise<boolean> {
    const end = deliverOnce(name, delivering).finally(() => running.delete(name))
    running.set(name, end)
    return end
  }

  function afterCurrent(name: string, current: Promise<boolean>): Promise<boolean> {
    const after = current
      .catch(() => undefined)
      .then(() => {
        next.delete(name)
        return begin(name)
      })
    next.set(name, after)
    return after
  }

  return {
    busy: (name) => running.has(name) || next.has(name),
    deliver(name) {
      const current = running.get(name)
      return next.get(name) ?? (current ? afterCurrent(name, current) : begin(name))
    },
    async settled() {
      while (running.size + next.size > 0) await Promise.allSettled([...running.values(), ...next.values()])
    },
  }
}

async function deliverOnce(name: string, delivering: Delivering): Promise<boolean> {
  const { shell, late } = delivering
  const entry = await shell.certificates.read(name)
  if (entry.state !== 'there') return false
  const wanted = shell.destinationsOf(name)
  const all = wanted.filter(({ id }) => !late.has(lateKey(name, id)))
  // Each by itself: what hangs does not keep the pair from the others.
  const ends = await Promise.allSettled(all.map((each) => bring(each, name, entry.record, delivering)))
  const results = ends.flatMap((end) => {
    if (end.status === 'rejected') throw end.reason
    return end.value ? [end.value] : []
  })
  const pairs = results.length > 0 && results.every(({ what, done }) => what === 'pair' && done)
  if (pairs && all.length === wanted.length) await noteInstalled(name, entry.record, shell)
  return results.some(({ done }) => done)
}

/** `undefined`: there is nothing to do, or nothing that may be done. */
async function bring(
  destination: Destination,
  name: string,
  record: CertificateRecord,
  delivering: Delivering,
): Promise<Result | undefined> {
  const { shell, memory } = delivering
  const view = await lookAt(destination, name, delivering)
  const [step] = installSteps({ desired: { name }, record, installed: [view], ...storedView(record, memory) })
  const pair = step?.what === 'placeholder' ? record.placeholder : pairFor(record, destination.id)
  if (!step || !pair) return undefined
  const { what } = step
  const about = { certificate: name, destination: destination.id, what }
  try {
    await put(destination, name, pair, delivering)
    shell.log.info(about, 'installed')
    return { what, done: true }
  } catch (error) {
    const { reason, detail } = failureOf(error, new AbortController().signal)
    if (reason === 'LeadershipLost') throw error
    shell.log.error({ ...about, reason, detail }, 'install failed')
    return { what, done: false }
  }
}

async function lookAt(
  destination: Destination,
  name: string,
  { lanes, memory, deadlineMs }: Delivering,
): Promise<InstalledView> {
  const asked = () => within(deadlineMs, readInstalled(destination, name, memory))
  return lanes
    .run(laneOf(destination.id), asked)
    .catch(() => ({ destination: destination.id, state: 'unreadable' }) as const)
}

/** Leadership is asked for at the last moment: what was read and queued before may have taken a whole term. */
function put(
  destination: Destination,
  name: string,
  pair: Pair,
  { shell, lanes, late, deadlineMs }: Delivering,
): Promise<void> {
  const key = lateKey(name, destination.id)
  return lanes.run(laneOf(destination.id), async () => {
    await shell.assertLeading()
    late.add(key)
    const act = destination.install(name, pair).finally(() => {
      late.delete(key)
      shell.changedInstalled(name)
    })
    await within(deadlineMs, act)
  })
}

function lateKey(name: string, destinationId: string): string {
  return `${name}\n${destinationId}`
}

async function noteInstalled(name: string, before: CertificateRecord, shell: DeliveryShell): Promise<void> {
  const now = shell.now()
  const { wantedSince } = before
  await shell.certificates.change(name, (record) => installed(record ?? before, now))
  if (wantedSince !== undefined) shell.observer.installed({ name, seconds: (now - wantedSince) / 1000 })
}
