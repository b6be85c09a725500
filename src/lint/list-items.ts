/** The objects in what kubectl and the API server print: a list is its items. Pure. */

export interface ListedItem {
  readonly object: unknown
  /** Where it stands in what it was found in: `['items', 3]`; empty for what is no list. */
  readonly at: readonly (string | number)[]
}

/** Lists in lists are for nobody; this is deep enough for `kubectl get -o yaml` of anything. */
const deepest = 3

/**
 * One entry for each object. Items of `kind: List` say themselves what they are; those of a typed list (`PodList`, as the
 * API server answers) take kind and version from it. A plain array is a list too (`jq -s`).
 */
export function listItems(object: unknown, at: ListedItem['at'] = []): readonly ListedItem[] {
  const depth = at.filter((step) => typeof step === 'number').length
  if (Array.isArray(object)) return depth < deepest ? itemsOf(object, {}, at) : []
  if (!isRecord(object)) return [{ object, at }]
  const { kind, items, apiVersion } = object
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items)) return [{ object, at }]
  if (depth >= deepest) return []
  const type = kind === 'List' ? {} : { apiVersion, kind: kind.slice(0, -'List'.length) }
  return itemsOf(items, type, [...at, 'items'])
}

function itemsOf(items: readonly unknown[], type: object, at: ListedItem['at']): ListedItem[] {
  return items.flatMap((item, index) =>
    listItems(isRecord(item) ? { ...type, ...item } : item, [...at, index]),
  )
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
