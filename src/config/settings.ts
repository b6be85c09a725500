/**
 * The settings as data: the JSON Schema of the file, what a right value at a place is, which keys are known there. One
 * walk over the schema serves the faults, the "did you mean" and docs/configuration.md. Pure.
 */
import { z } from 'zod'
import type { Path } from './fault.ts'
import { configSchema } from './schema.ts'

/** JSON Schema as zod writes it: no references, no booleans in place of schemas but `additionalProperties: false`. */
export type Shape = z.core.JSONSchema.BaseSchema

/** One setting that has a value of its own. */
export interface Setting {
  /** `issuers.<name>.directory`, `certificates[].domains` */
  readonly path: string
  /** What a right value looks like. */
  readonly kind: string
  readonly description: string
  /** As written in the file; absent for settings without a default. */
  readonly default?: unknown
  readonly required: boolean
}

let cached: Shape | undefined
let listed: readonly Setting[] | undefined

/** Made at the first use: a start with a good configuration needs none. */
function root(): Shape {
  cached ??= z.toJSONSchema(configSchema, {
    io: 'input',
    override({ jsonSchema }) {
      // zod's own formats, unknown to other validators; their patterns stay.
      if (jsonSchema.format?.startsWith('cidr')) delete jsonSchema.format
    },
  })
  return cached
}

/** JSON Schema (2020-12) of the file, for editors and for other validators. Cross-checks are beyond it. */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = structuredClone(root())
  return { $schema, $id: 'urn:port80:configuration', title: 'port80 configuration', ...rest }
}

/** The shape of the setting at the place, or undefined when no setting stands there. */
export function shapeAt(at: Path): Shape | undefined {
  let shape: Shape | undefined = root()
  for (const part of at) {
    if (shape === undefined) return undefined
    shape = typeof part === 'number' ? entryShape(shape) : memberShape(shape, part)
  }
  return shape
}

/** The keys that may stand in the object at the place; none where any name may stand. */
export function knownKeys(at: Path): string[] {
  const shape = shapeAt(at)
  return shape ? alternatives(shape).flatMap((each) => Object.keys(each.properties ?? {})) : []
}

/** Whether what stands at the place is a secret, or may be one of the secrets that belong below it. */
export function mayBeSecret(at: Path): boolean {
  const shape = shapeAt(at)
  return shape !== undefined && holdsSecret(shape)
}

/** What a right value looks like, as a noun phrase: `a port from 0 to 65535`, `one of any, configured`. */
export function kindOf(shape: Shape): string {
  if (shape.title !== undefined) return shape.title
  if (shape.enum) return `one of ${shape.enum.map(String).join(', ')}`
  if (shape.const !== undefined) return String(shape.const)
  if (shape.anyOf) return either(shape.anyOf.map((each) => kindOf(asShape(each))))
  switch (shape.type) {
    case 'array':
      return `a list in which each entry is ${kindOf(asShape(shape.items))}`
    case 'boolean':
      return 'true or false'
    case 'integer':
    case 'number':
      return numberKind(shape)
    case 'object':
      return objectKind(shape)
    default:
      return shape.maxLength === undefined ? 'a text' : `a text of at most ${shape.maxLength} characters`
  }
}

/** Every setting, in the order of the schema. */
export function settings(): readonly Setting[] {
  listed ??= settingsOf(root(), '')
  return listed
}

function settingsOf(shape: Shape, path: string): Setting[] {
  const members = alternatives(shape).flatMap((each) => membersOf(each, path))
  return members.flatMap(({ shape: member, path: here, required }) => {
    const below = settingsOf(member, here)
    // A union such as selfCheck is a setting itself beside those inside it.
    if (below.length > 0 && member.anyOf === undefined) return below
    return [settingOf(member, here, required), ...below]
  })
}

interface Member {
  readonly path: string
  readonly shape: Shape
  readonly required: boolean
}

function membersOf(shape: Shape, path: string): Member[] {
  const dot = path === '' ? '' : `${path}.`
  const named = Object.entries(shape.properties ?? {}).map(([key, member]) => ({
    path: dot + key,
    shape: asShape(member),
    required: shape.required?.includes(key) ?? false,
  }))
  // Names with plain values (labels) are one setting, as a list of plain values is.
  if (typeof shape.additionalProperties === 'object' && asShape(shape.additionalProperties).properties) {
    named.push({ path: `${dot}<name>`, shape: shape.additionalProperties, required: false })
  }
  const entry = asShape(shape.items)
  // A list of objects is described by its entries; a list of plain values is one setting.
  if (entry.properties) return membersOf(entry, `${path}[]`)
  return named
}

function settingOf(shape: Shape, path: string, required: boolean): Setting {
  const { description = '', default: fallback } = shape
  const setting = { path, kind: kindOf(shape), description, required }
  return fallback === undefined ? setting : { ...setting, default: fallback }
}

function memberShape(shape: Shape, key: string): Shape | undefined {
  for (const each of alternatives(shape)) {
    const properties = each.properties ?? {}
    if (Object.hasOwn(properties, key)) return asShape(properties[key])
    if (typeof each.additionalProperties === 'object') return each.additionalProperties
  }
  return undefined
}

function entryShape(shape: Shape): Shape | undefined {
  const list = alternatives(shape).find((each) => each.items !== undefined)
  return list && asShape(list.items)
}

function alternatives(shape: Shape): Shape[] {
  return shape.anyOf ? shape.anyOf.map(asShape) : [shape]
}

function holdsSecret(shape: Shape): boolean {
  if (shape.writeOnly === true) return true
  return alternatives(shape)
    .flatMap((each) => [...Object.values(each.properties ?? {}), each.additionalProperties, each.items])
    .some((below) => typeof below === 'object' && holdsSecret(asShape(below)))
}

function numberKind(shape: Shape): string {
  const { minimum, maximum } = shape
  // zod bounds every whole number by what a double holds.
  const bounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER
  return bounded
    ? `a whole number from ${minimum ?? 0} to ${maximum}`
    : `a whole number of at least ${minimum ?? 0}`
}

function objectKind(shape: Shape): string {
  const keys = Object.keys(shape.properties ?? {})
  return keys.length === 0 ? 'an object of names' : `an object with ${keys.join(', ')}`
}

function either(kinds: readonly string[]): string {
  if (kinds.length < 2) return kinds.join()
  return `${kinds.slice(0, -1).join(', ')} or ${kinds.at(-1) ?? ''}`
}

function asShape(value: unknown): Shape {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Shape) : {}
}
