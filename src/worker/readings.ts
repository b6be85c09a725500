/**
 * What destinations hold, read beside the worker's loop: each destination of each certificate by itself. A view is good
 * until it is forgotten; then the old one stands until the new reading ends. Nobody waits for a destination that hangs.
 */
import type { InstalledView } from '../certificate/install.ts'
import type { Destination } from '../destination/destination.ts'
import { laneOf, lanesOf, within, type Lanes } from './lanes.ts'

export interface Readings {
  /** The view of now, and, where a reading had to begin for it, the end of that reading (never rejects). */
  look(
    name: string,
    destination: Destination,
  ): { readonly view: InstalledView; readonly begun?: Promise<void> }
  delete(name: string): void
  clear(): void
}

export interface ReadingTerms {
  /** Never rejects: what cannot be read is a view, too. */
  readonly read: (destination: Destination, name: string) => Promise<InstalledView>
  /** A reading ended and says something else than the view before. */
  readonly changed?: () => void
  readonly deadlineMs?: number
  readonly lanes?: Lanes
}

/** A destination that needs longer is as good as none: it is asked again at the next tick. */
export const destinationDeadlineMs = 30_000
/** Readings, or installs, at once a lane. */
export const lanesWide = 16

interface Known {
  view: InstalledView
  stale: boolean
  reading: Promise<void> | undefined
}

export function readingsOf(terms: ReadingTerms): Readings {
  const { read, changed, deadlineMs = destinationDeadlineMs, lanes = lanesOf(lanesWide) } = terms
  const known = new Map<string, Map<string, Known>>()

  async function take(name: string, destination: Destination, entry: Known): Promise<void> {
    entry.stale = false
    const asked = () => within(deadlineMs, read(destination, name))
    const view = await lanes.run(laneOf(destination.id), asked).catch((error: Error) => ({
      destination: destination.id,
      state: 'unreadable' as const,
      fault: error.message,
    }))
    const differs = !sameView(entry.view, view)
    entry.view = view
    entry.reading = undefined
    if (differs) changed?.()
  }

  return {
    look(name, destination) {
      const ofName = known.get(name) ?? new Map<string, Known>()
      known.set(name, ofName)
      const entry = ofName.get(destination.id) ?? unread(destination)
      ofName.set(destination.id, entry)
      if (!entry.stale || entry.reading) return { view: entry.view }
      const begun = take(name, destination, entry)
      entry.reading = begun
      // Asked for after the reading has ended, it is what was read.
      return {
        get view() {
          return entry.view
        },
        begun,
      }
    },
    delete(name) {
      for (const entry of known.get(name)?.values() ?? []) entry.stale = true
    },
    clear() {
      for (const ofName of known.values()) for (const entry of ofName.values()) entry.stale = true
    },
  }
}

function unread({ id }: Destination): Known {
  const view = { destination: id, state: 'unreadable', fault: 'has not answered yet' } as const
  return { view, stale: true, reading: undefined }
}

function sameView(a: InstalledView, b: InstalledView): boolean {
  const sameLeaf = a.leaf?.fingerprint === b.leaf?.fingerprint && a.leaf?.keyMatches === b.leaf?.keyMatches
  return a.state === b.state && a.fault === b.fault && sameLeaf
}
