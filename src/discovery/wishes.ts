/** The annotations of a managed object. Pure. Their values are checked as those of the file are: src/discovery/check.ts. */
import { nearest } from '../config/nearest.ts'
import type { ObjectMeta } from '../kube/object.ts'
import { shown, type Wishes } from './claim.ts'

const prefix = 'port80.io/'
const managed = `${prefix}managed`

export const wishAnnotations = {
  issuer: `${prefix}issuer`,
  fallbackIssuer: `${prefix}fallback-issuer`,
  profile: `${prefix}profile`,
  keyType: `${prefix}key-type`,
  redirectStatus: `${prefix}redirect-status`,
  renewBefore: `${prefix}renew-before`,
} as const satisfies Record<keyof Wishes, string>

const wishes = Object.entries(wishAnnotations) as [keyof Wishes, string][]
const known = [managed, ...wishes.map(([, annotation]) => annotation)]

/** Whether the object says anything about being managed; what else it says than "true" or "false" is a fault. */
export function isAddressed({ labels = {}, annotations = {} }: ObjectMeta): boolean {
  return [labels[managed], annotations[managed]].some((value) => value !== undefined && value !== 'false')
}

export interface ReadWishes {
  readonly wishes: Wishes
  readonly faults: readonly string[]
}

/** Never throws: what cannot be read is a fault of this object, in words for whoever wrote it. */
export function readWishes(metadata: ObjectMeta): ReadWishes {
  const { annotations = {} } = metadata
  const found = wishes.flatMap(([key, annotation]) => {
    const value = annotations[annotation]
    return value === undefined ? [] : [[key, value] as const]
  })
  return {
    wishes: Object.fromEntries(found),
    faults: [...managedFaults(metadata), ...unknownFaults(annotations)],
  }
}

/** Label and annotation are two ways to say one thing; "yes" in either is neither. */
function managedFaults({ labels = {}, annotations = {} }: ObjectMeta): string[] {
  const values = [labels[managed], annotations[managed]].filter((value) => value !== undefined)
  const odd = values.find((value) => value !== 'true' && value !== 'false')
  if (odd !== undefined) return [`${managed}: ${shown(odd)} is neither "true" nor "false"; write one of them`]
  if (values.includes('true') && values.includes('false'))
    return [`${managed} is "true" in one of label and annotation and "false" in the other; keep one`]
  return []
}

/** A misspelt wish must not pass for none: it may be the one that names the CA. */
function unknownFaults(annotations: Readonly<Record<string, string>>): string[] {
  return Object.keys(annotations)
    .filter((key) => key.startsWith(prefix) && !known.includes(key))
    .slice(0, 5)
    .map((key) => {
      const near = nearest(
        key.slice(prefix.length),
        known.map((each) => each.slice(prefix.length)),
      )
      const mend =
        near === undefined ? `take it out (known: ${known.join(', ')})` : `did you mean ${prefix}${near}?`
      return `annotation ${shown(key)} is none of port80's; ${mend}`
    })
}
