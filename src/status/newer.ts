/**
 * Lists that another port80 wrote, perhaps a newer one: in the middle of a roll-out an old responder reads what a new leader
 * tells. An item with a word that this version does not know (a code, a reason) is left out and counted; members that it does
 * not know are never read; anything else that is wrong is a fault of the whole. Pure.
 */
import { z } from 'zod'

export interface Known<Item> {
  readonly known: Item[]
  /** Items with a word of another version. */
  readonly unknown: number
}

/** No word of any version is longer. */
const longestWord = 100

/** A list of at most so many items, bounded as the shape of an item bounds them. */
export function knownOf<Item>(item: z.ZodType<Item>, most: number): z.ZodType<Known<Item>> {
  return z
    .array(z.unknown())
    .max(most)
    .transform((all, context) => {
      const known: Item[] = []
      for (const [index, each] of all.entries()) {
        const read = item.safeParse(each)
        if (read.success) known.push(read.data)
        else if (!isOfNewer(each, read.error.issues)) {
          const [first] = read.error.issues
          context.addIssue({ code: 'custom', message: first?.code ?? 'invalid', path: pathOf(index, first) })
          return z.NEVER
        }
      }
      return { known, unknown: all.length - known.length }
    })
}

/** The same where nobody counts. */
export function onlyKnown<Item>(item: z.ZodType<Item>, most: number): z.ZodType<Item[]> {
  return knownOf(item, most).transform(({ known }) => known)
}

function pathOf(index: number, issue: z.core.$ZodIssue | undefined): PropertyKey[] {
  return [index, ...(issue?.path ?? [])]
}

/** Whether nothing is wrong but that a closed set has a word more there than here. */
function isOfNewer(item: unknown, issues: readonly z.core.$ZodIssue[]): boolean {
  return issues.every(({ code, path }) => {
    // The second: no shape of a union has that word.
    if (code !== 'invalid_value' && code !== 'invalid_union') return false
    const word = valueAt(item, path)
    return typeof word === 'string' && word.length <= longestWord
  })
}

function valueAt(item: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null ? (at as Readonly<Record<PropertyKey, unknown>>)[key] : undefined,
    item,
  )
}
