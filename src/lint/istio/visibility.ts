/** Which namespaces see an object: `exportTo` of VirtualServices, DestinationRules and Services. Pure. */

/** `all` for everybody, `some` by namespace; an empty list is the mesh's default, everybody unless somebody changed that. */
export type Visibility = 'all' | 'some' | 'none'

/** For a proxy in that namespace; undefined: of the object's own, as nobody knows better. */
export function visibilityTo(
  exportTo: readonly string[],
  own: string,
  viewer: string | undefined,
): Visibility {
  if (exportTo.length === 0 || exportTo.includes('*')) return 'all'
  if (exportTo.includes('~')) return 'none'
  const place = viewer ?? own
  return exportTo.some((to) => (to === '.' ? own : to) === place) ? 'some' : 'none'
}
