/**
 * P80-105 of the Gateway API: an HTTPRoute that names a listener for https redirects its requests to https once more. Pure.
 * One that names no listener and is on http too is P80-107. Also where another route for the same hostname goes first today:
 * their order is age, and nothing to build on.
 */
import type { Finding, Fix } from '../../finding/finding.ts'
import { attachments, isOutdone, type Attachment, type HttpRoute } from '../gateway-api/attached.ts'
import { isSameUrl, redirectsToHttps } from '../gateway-api/redirects.ts'
import { challengePrefix } from '../istio/challenge-match.ts'
import { once, seen } from '../istio/found.ts'
import { patched, type JsonPatch } from '../kubectl-command.ts'
import type { MeshObjects, Rule } from '../objects.ts'

export const routeLoop: Rule = (objects, { managed }) =>
  once(managed.hosts.flatMap((host) => objects.httpRoutes.flatMap((route) => loopsOf(route, host, objects))))

function loopsOf(route: HttpRoute, host: string, objects: MeshObjects): Finding[] {
  const redirects = redirectsToHttps(route)
  if (redirects.length === 0) return []
  const all = attachments(route, host, objects)
  return [...route.spec.parentRefs.entries()].flatMap(([index, { sectionName }]) => {
    const here = all.filter(({ parent }) => parent === index)
    if (sectionName === '' && here.some(isPlain)) return []
    const looping = here.find(
      (at) =>
        isListenerFor(at, 'HTTPS') &&
        redirects.some((place) => isSameUrl(place, host, at.listener.port)) &&
        !isOutdone(route, host, at, objects),
    )
    return looping ? [findingOf(route, host, looping, fixOf(route, host, looping, objects))] : []
  })
}

const isListenerFor = ({ listener }: Attachment, protocol: 'HTTP' | 'HTTPS') =>
  listener.protocol.toUpperCase() === protocol
const isPlain = (at: Attachment) => isListenerFor(at, 'HTTP')

function findingOf(
  { ref }: HttpRoute,
  host: string,
  { parent, gateway, listener }: Attachment,
  fix: Fix,
): Finding {
  const { namespace, name } = gateway.ref
  return {
    code: 'P80-105',
    object: { ...ref, field: `spec.parentRefs[${parent}]` },
    host,
    seen: seen(
      `redirects https of ${host} to https once more: it is on listener ${listener.name} of Gateway ${namespace}/${name}`,
    ),
    fix,
  }
}

/** Off this listener: onto one for http of the same Gateway, where the route is not there yet. */
function fixOf(route: HttpRoute, host: string, { parent, gateway }: Attachment, objects: MeshObjects): Fix {
  const path = `/spec/parentRefs/${parent}`
  const own = attachments(route, host, objects).filter(isPlain)
  if (!servesMore(route) && own.some((at) => at.gateway === gateway))
    return { do: 'run', command: patched(route.ref, 'HTTPRoute', [{ op: 'remove', path }]) }
  const parentRefs = route.spec.parentRefs.slice(parent, parent + 1)
  const free = parentRefs.map((each) => ({ ...each, sectionName: '', port: 0 }))
  const anywhere = { ...route, spec: { ...route.spec, parentRefs: free } }
  const plain = attachments(anywhere, host, objects).find(isPlain)
  if (servesMore(route) || !plain) return apart
  const operations: JsonPatch[] = [
    { op: 'add', path: `${path}/sectionName`, value: plain.listener.name },
    ...(parentRefs[0]?.port === 0 ? [] : [{ op: 'remove', path: `${path}/port` } as const]),
  ]
  return { do: 'run', command: patched(route.ref, 'HTTPRoute', operations) }
}

const apart: Fix = {
  do: 'act',
  words:
    'Take the redirect out of this HTTPRoute, and put it into one of its own with the sectionName of a listener for http.',
}

/** Besides redirects and challenges, so that it must not go from https as a whole. */
function servesMore({ spec }: HttpRoute): boolean {
  return spec.rules.some(
    ({ matches, backendRefs }) =>
      backendRefs.length > 0 &&
      !(
        matches.length > 0 &&
        matches.every(({ path }) => path?.value.startsWith(challengePrefix.slice(0, -1)))
      ),
  )
}
