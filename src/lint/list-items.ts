/** The objects in what kubectl and the API server print: a list is its items. Pure. */

/** Lists in lists are for nobody; this is deep enough for `kubectl get -o yaml` of anything. */
const deepest = 3

/**
 * One entry for each object. Items of `kind: List` say themselves what they are; those of a typed list (`PodList`, as the
 * API server answers) take kind and version from it.
 */
export function listItems(object: unknown, depth = 0): readonly unknown[] {
  if (!isRecord(object)) return [object]
  const { kind, items, apiVersion } = object
  if (typeof kind !== 'string' || !kind.endsWith('List') || !Array.isArray(items)) return [object]
  if (depth >= deepest) return []
  const type = kind === 'List' ? {} : { apiVersion, kind: kind.slice(0, -'List'.length) }
  return items.flatMap((item: unknown) => listItems(isRecord(item) ? { ...type, ...item } : item, depth + 1))
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
