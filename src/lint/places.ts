/** Object at fault → file and line that it was read from. Pure. */
import { z } from 'zod'
import type { Finding, FindingObject } from '../finding/finding.ts'
import type { FoundObject, Place } from './documents.ts'
import type { PlacedFinding } from './report-text.ts'

const head = z.object({
  kind: z.string(),
  metadata: z.object({ name: z.string(), namespace: z.string().optional() }),
})

interface Known {
  readonly place: Place
  /** Not of a Secret, of which nothing is kept. */
  readonly object?: unknown
}

/** `namespace` is that of objects without one, as for readObjects. */
export function placesOf(found: readonly FoundObject[], namespace = 'default'): Places {
  const known = new Map<string, Known[]>()
  for (const { object, place } of found) {
    const parsed = head.safeParse(object)
    if (!parsed.success) continue
    const { kind, metadata } = parsed.data
    const key = keyOf(kind, metadata.namespace || namespace, metadata.name)
    known.set(key, [...(known.get(key) ?? []), { place, ...(kind !== 'Secret' && { object }) }])
  }
  return new Places(known, namespace)
}

export class Places {
  readonly #known: ReadonlyMap<string, readonly Known[]>
  readonly #namespace: string

  constructor(known: ReadonlyMap<string, readonly Known[]>, namespace: string) {
    this.#known = known
    this.#namespace = namespace
  }

  /** Without a place where its object came from no file, or is none that is there. */
  placed(finding: Finding): PlacedFinding {
    const path = pathOf(finding.object.field ?? '')
    const known = this.#find(finding.object, path)
    if (!known) return { finding }
    const { file, lineOf } = known.place
    const line = lineOf(path)
    return { finding, place: { file, ...(line !== undefined && { line }) } }
  }

  /** Two kinds called Gateway may have one name: the one that has the field is meant. What stands last counts. */
  #find({ kind, namespace, name }: FindingObject, path: Path): Known | undefined {
    const candidates = this.#known.get(keyOf(kind, namespace || this.#namespace, name)) ?? []
    return candidates.findLast(({ object }) => has(object, path)) ?? candidates.at(-1)
  }
}

type Path = readonly (string | number)[]

function keyOf(kind: string, namespace: string, name: string): string {
  return `${kind} ${namespace}/${name}`
}

/** `spec.servers[0].tls`, `metadata.annotations["port80.io/adopt"]` → keys and positions. */
export function pathOf(field: string): Path {
  const steps = field.matchAll(/\[(\d+)\]|\["([^"]*)"\]|([^.[\]]+)/g)
  return [...steps].map(([, index, quoted, key]) =>
    index === undefined ? (quoted ?? key ?? '') : Number(index),
  )
}

function has(object: unknown, [step, ...rest]: Path): boolean {
  if (step === undefined) return true
  if (typeof object !== 'object' || object === null || !Object.hasOwn(object, step)) return false
  return has((object as Readonly<Record<string | number, unknown>>)[step], rest)
}
