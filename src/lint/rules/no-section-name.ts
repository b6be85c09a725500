/**
 * P80-107: an HTTPRoute that redirects to https is on the listener for https too, since it names none. Pure. Also where
 * another route for the same hostname goes first today: their order is age, and nothing to build on.
 */
import type { Finding } from '../../finding/finding.ts'
import { attachments, isOutdone, type Attachment, type HttpRoute } from '../gateway-api/attached.ts'
import { isSameUrl, redirectsToHttps } from '../gateway-api/redirects.ts'
import { once, seen } from '../istio/found.ts'
import { patched, type JsonPatch } from '../kubectl-command.ts'
import type { MeshObjects, Rule } from '../objects.ts'

export const noSectionName: Rule = (objects, { managed }) =>
  once(managed.hosts.flatMap((host) => objects.httpRoutes.flatMap((route) => loopsOf(route, host, objects))))

function loopsOf(route: HttpRoute, host: string, objects: MeshObjects): Finding[] {
  const redirects = redirectsToHttps(route)
  if (redirects.length === 0) return []
  const all = attachments(route, host, objects)
  return [...route.spec.parentRefs.entries()].flatMap(([index, { sectionName }]) => {
    const here = all.filter(({ parent }) => sectionName === '' && parent === index)
    const plain = here.filter(({ listener }) => listener.protocol.toUpperCase() === 'HTTP')
    const looping = here.find(
      (at) =>
        at.listener.protocol.toUpperCase() === 'HTTPS' &&
        redirects.some((place) => isSameUrl(place, host, at.listener.port)) &&
        !isOutdone(route, host, at, objects),
    )
    return looping && plain.length > 0 ? [findingOf(route, host, looping, plain)] : []
  })
}

function findingOf(
  { ref, spec }: HttpRoute,
  host: string,
  { parent, gateway, listener }: Attachment,
  plain: readonly Attachment[],
): Finding {
  const path = `/spec/parentRefs/${parent}`
  const { name } = gateway.ref
  const [first, ...others] = plain.map((at) => at.listener.name)
  const operations: JsonPatch[] = [
    { op: 'add', path: `${path}/sectionName`, value: first },
    ...others.map((sectionName): JsonPatch => {
      const { namespace } = spec.parentRefs[parent] ?? {}
      return {
        op: 'add',
        path: '/spec/parentRefs/-',
        value: { name, ...(namespace && { namespace }), sectionName },
      }
    }),
  ]
  return {
    code: 'P80-107',
    object: { ...ref, field: `spec.parentRefs[${parent}]` },
    host,
    seen: seen(
      `no sectionName: https of ${host} is redirected to https once more on listener ${listener.name} of Gateway ${gateway.ref.namespace}/${name}`,
    ),
    fix: { do: 'run', command: patched(ref, 'HTTPRoute', operations) },
  }
}
