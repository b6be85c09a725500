/** What the schema found, said so that the reader can mend it: each zod issue → findings. Pure. */
import type { z } from 'zod'
import { finding, type Finding, type Path } from './fault.ts'
import { nearest } from './nearest.ts'
import { kindOf, knownKeys, mayBeSecret, settings, shapeAt, type Shape } from './settings.ts'

type Issue = z.core.$ZodIssue
type IssueOf<Code extends Issue['code']> = Extract<Issue, { code: Code }>

/** Where an issue stands: the place, what stands there, and what should. */
interface Spot {
  readonly at: Path
  readonly value: unknown
  readonly shape: Shape
  readonly data: unknown
}

/**
 * The findings of one issue. `data` is the whole file, in which values are looked up; `base` is the place that the
 * issue's path starts at (branches of a union have paths of their own).
 */
export function explain(issue: Issue, data: unknown, base: Path = []): Finding[] {
  const at = [...base, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))]
  const spot: Spot = { at, value: valueAt(data, at), shape: shapeAt(at) ?? {}, data }
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => finding([...at, key], undefined, unknownKeyFix(at, key)))
    case 'invalid_union':
      return unionFindings(issue, spot)
    case 'invalid_key':
      return [finding(at, undefined, `is no right name; write ${keyKind(at)}`)]
    default:
      return [say(spot, valueFix(issue, spot))]
  }
}

type ValueIssue = Exclude<Issue, IssueOf<'unrecognized_keys' | 'invalid_union' | 'invalid_key'>>

function valueFix(issue: ValueIssue, spot: Spot): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeFix(spot)
    case 'invalid_value':
      return choiceFix(spot)
    case 'too_small':
    case 'too_big':
      return sizeFix(issue, spot)
    case 'custom':
      return issue.message
    case 'invalid_format':
    case 'not_multiple_of':
    case 'invalid_element':
      return `does not have the right form; write ${kindOf(spot.shape)}`
  }
}

/** What stands at a place of the data; undefined when nothing does. */
export function valueAt(data: unknown, at: Path): unknown {
  let value = data
  for (const part of at) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Record<string | number, unknown>)[part]
  }
  return value
}

function say(spot: Spot, fix: string): Finding {
  return finding(spot.at, spot.value, fix, mayBeSecret(spot.at))
}

function unknownKeyFix(at: Path, key: string): string {
  const known = knownKeys(at)
  const near = nearest(key, known)
  if (near !== undefined) return `is no setting; did you mean ${near}? Write that instead`
  // A known word at the wrong place. Only when there is one right place is it worth naming.
  const homes = settings().filter((setting) => setting.path.endsWith(`.${key}`))
  if (homes.length === 1) return `is no setting here; move it to ${homes[0]?.path ?? ''}`
  return `is no setting here; take it out (known: ${known.join(', ')})`
}

function typeFix({ at, value, shape, data }: Spot): string {
  const kind = kindOf(shape)
  if (value === undefined) return at.length === 0 ? `is empty; write ${kind}` : `is required; write ${kind}`
  if (value === null) {
    const optional = at.length > 0 && !requiredAt(at, data)
    // Not taken for "left out": half a file ends like this as well.
    return `stands without a value; write ${kind}${optional ? ', or take the key out' : ''}`
  }
  if (typeof value !== 'string' && new RegExp(shape.pattern ?? '^(?!)').test(scalarText(value))) {
    return `is ${typeName(value)}; put it in quotes`
  }
  if (shape.type === 'integer' && typeof value === 'string' && /^\d{1,15}$/.test(value)) {
    return `is text; write the number without quotes`
  }
  return `is ${typeName(value)}; write ${kind}`
}

function requiredAt(at: Path, data: unknown): boolean {
  const last = at.at(-1)
  if (typeof last === 'number') return true
  return last === undefined || data === undefined || (shapeAt(at.slice(0, -1))?.required ?? []).includes(last)
}

function choiceFix({ value, shape }: Spot): string {
  const near = typeof value === 'string' ? nearest(value, (shape.enum ?? []).map(String)) : undefined
  if (value === undefined) return `is required; write ${kindOf(shape)}`
  return near === undefined
    ? `is no choice here; write ${kindOf(shape)}`
    : `is no choice here; did you mean ${near}? Write ${kindOf(shape)}`
}

function sizeFix(issue: IssueOf<'too_small' | 'too_big'>, { shape }: Spot): string {
  const bound = issue.code === 'too_small' ? Number(issue.minimum) : Number(issue.maximum)
  switch (issue.origin) {
    case 'string':
      return issue.code === 'too_small'
        ? `is too short; write ${kindOf(shape)}`
        : `is longer than ${bound} characters; write ${kindOf(shape)}`
    case 'array':
      return issue.code === 'too_small'
        ? `has too few entries; write at least ${bound}`
        : `has too many entries; write at most ${bound}`
    default:
      return `is too ${issue.code === 'too_small' ? 'small' : 'large'}; write ${kindOf(shape)}`
  }
}

/**
 * A union says "off, or an object". When the value is of one branch's type, that branch's own findings are what helps;
 * otherwise one finding names every branch.
 */
function unionFindings(issue: IssueOf<'invalid_union'>, spot: Spot): Finding[] {
  const meant = issue.errors.filter((branch) => branch.every((inner) => inner.path.length > 0))
  const only = meant.length === 1 ? meant[0] : undefined
  if (only) return only.flatMap((inner) => explain(inner, spot.data, spot.at))
  return [say(spot, unionFix(spot))]
}

function unionFix(spot: Spot): string {
  return spot.value === null || spot.value === undefined
    ? typeFix(spot)
    : `is no right value; write ${kindOf(spot.shape)}`
}

function keyKind(at: Path): string {
  const names = shapeAt(at.slice(0, -1))?.propertyNames
  return kindOf(typeof names === 'object' ? names : {})
}

function typeName(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return 'text'
    case 'number':
      return Number.isInteger(value) ? 'a whole number' : 'a number'
    case 'boolean':
      return 'true or false without quotes'
    default:
      return 'of the wrong kind'
  }
}

function scalarText(value: unknown): string {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}
