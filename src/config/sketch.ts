/**
 * What can be trusted of a file with faults, so that the cross-checks run beside the schema's findings and every fault
 * is told at once. Pure.
 */
import type { Path } from './fault.ts'
import type { ConfigInput } from './schema.ts'

/** The file as written, but anything in it may be missing: `undefined` stands where something faulty stood. */
export type Sketch = Partially<ConfigInput>

type Partially<T> = T extends readonly (infer Entry)[]
  ? readonly (Partially<Entry> | undefined)[]
  : T extends object
    ? { readonly [K in keyof T]?: Partially<T[K]> | undefined }
    : T

/** The places with faults, as a tree: a file may have thousands, and each is asked for many times. */
export interface FaultyPlaces {
  /** Everything at and below this place is faulty. */
  whole: boolean
  readonly below: Map<string | number, FaultyPlaces>
}

export function faultyPlaces(faulty: readonly Path[]): FaultyPlaces {
  const root: FaultyPlaces = { whole: false, below: new Map() }
  for (const at of faulty) {
    let place = root
    for (const part of at) {
      const next = place.below.get(part) ?? { whole: false, below: new Map() }
      place.below.set(part, next)
      place = next
    }
    place.whole = true
  }
  return root
}

/**
 * The data with `undefined` at the faulty places; keys and positions stay, so that paths stay right and a check can
 * tell "faulty" (the key is there) from "left out". Nothing is left when the whole file is faulty.
 *
 * Sound only with every finding of the schema: what is left has then been found to be of the right type.
 */
export function sketchOf(data: unknown, places: FaultyPlaces): Sketch {
  return blanked(data, places) ?? {}
}

function blanked(data: unknown, places: FaultyPlaces): unknown {
  if (places.whole) return undefined
  if (places.below.size === 0 || typeof data !== 'object' || data === null) return data
  const entry = (value: unknown, key: string | number) => {
    const inner = places.below.get(key)
    return inner ? blanked(value, inner) : value
  }
  if (Array.isArray(data)) return (data as unknown[]).map(entry)
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, entry(value, key)]))
}
