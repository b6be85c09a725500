/**
 * Where an HTTPRoute redirects https to https once more. Pure. Also where another route for the same hostname goes first
 * today: their order is age, and nothing to build on.
 */
import type { Finding } from '../../finding/finding.ts'
import { once } from '../istio/found.ts'
import type { LintScope, MeshObjects } from '../objects.ts'
import { attachments, isListenerFor, isOutdone, type Attachment, type HttpRoute } from './attached.ts'
import { isSameUrl, redirectsToHttps } from './redirects.ts'

export interface Loop {
  readonly route: HttpRoute
  readonly host: string
  /** The listener for https. */
  readonly at: Attachment
  /** Those for http that the same parentRef attaches to. */
  readonly plain: readonly Attachment[]
  /** Whether the parentRef names its listener. */
  readonly isNamed: boolean
}

/** What a rule finds in each loop of a managed host: at most one of each parentRef. */
export function inLoops(
  objects: MeshObjects,
  { managed }: LintScope,
  found: (loop: Loop) => Finding[],
): Finding[] {
  const loops = managed.hosts.flatMap((host) =>
    objects.httpRoutes.flatMap((route) => loopsOf(route, host, objects)),
  )
  return once(loops.flatMap(found))
}

function loopsOf(route: HttpRoute, host: string, objects: MeshObjects): Loop[] {
  const redirects = redirectsToHttps(route)
  if (redirects.length === 0) return []
  const all = attachments(route, host, objects)
  return [...route.spec.parentRefs.entries()].flatMap(([index, { sectionName }]) => {
    const here = all.filter(({ parent }) => parent === index)
    const at = here.find(
      (each) =>
        isListenerFor(each, 'HTTPS') &&
        redirects.some((place) => isSameUrl(place, host, each.listener.port)) &&
        !isOutdone(route, host, each, objects),
    )
    const plain = here.filter((each) => isListenerFor(each, 'HTTP'))
    return at ? [{ route, host, at, plain, isNamed: sectionName !== '' }] : []
  })
}
