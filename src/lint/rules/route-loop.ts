/**
 * P80-105 of the Gateway API: an HTTPRoute that names a listener for https redirects its requests to https once more. Pure.
 * One that names no listener and is on http too is P80-107.
 */
import type { Finding, Fix } from '../../finding/finding.ts'
import { attachments, isListenerFor, type Attachment, type HttpRoute } from '../gateway-api/attached.ts'
import { inLoops } from '../gateway-api/loops.ts'
import { challengePrefix } from '../istio/challenge-match.ts'
import { seen } from '../istio/found.ts'
import { patched, type JsonPatch } from '../kubectl-command.ts'
import type { MeshObjects, Rule } from '../objects.ts'

export const routeLoop: Rule = (objects, scope) =>
  inLoops(objects, scope, ({ route, host, at, plain, isNamed }) =>
    isNamed || plain.length === 0 ? [findingOf(route, host, at, fixOf(route, host, at, objects))] : [],
  )

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
