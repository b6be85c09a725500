/** P80-104: a route before that of port80 takes the challenge. Pure. */
import type { Finding } from '../../finding/finding.ts'
import { challengePath, challengePrefix } from '../istio/challenge-match.ts'
import { forEachHost, seen } from '../istio/found.ts'
import { destinationOf, type Responder } from '../istio/responder.ts'
import { isPlain80, serversAt, taking, virtualHost, type RoutePlace } from '../istio/virtual-host.ts'
import { patched } from '../kubectl-command.ts'
import type { MeshObjects, Rule } from '../objects.ts'

export const lostPrefix: Rule = (objects, scope) =>
  forEachHost(objects, scope, (host, view) => {
    const { responder } = scope
    const found = virtualHost(view, serversAt(view, isPlain80), host)
    if (!responder || !found || found.redirects.length > 0) return []
    const route = taking(found.routes, { scheme: 'http', host, path: challengePath })
    if (route === undefined || route === 'unsure' || route.toResponder) return []
    if (!found.routes.some(({ toResponder }) => toResponder)) return []
    return [findingOf(route, host, objects, responder)]
  })

function findingOf(place: RoutePlace, host: string, objects: MeshObjects, responder: Responder): Finding {
  const { service, index } = place
  return {
    code: 'P80-104',
    object: { ...service.ref, field: `spec.http[${index}]` },
    host,
    seen: seen(`${matchText(place)} is tried for ${host} before the route of port80`),
    fix: { do: 'run', command: challengeFirst(place, objects, responder) },
  }
}

function matchText({ match }: RoutePlace): string {
  const { exact, prefix, regex } = match?.uri ?? {}
  if (prefix !== undefined) return `prefix ${prefix}`
  if (regex !== undefined) return `regex ${regex}`
  return exact === undefined ? 'a route for every path' : `path ${exact}`
}

/** The challenge before that route: whatever else it takes stays as it is. */
export function challengeFirst(
  { service, index, at }: RoutePlace,
  objects: MeshObjects,
  to: Responder,
): string {
  const value = {
    name: 'port80-challenge',
    match: [{ uri: { prefix: challengePrefix }, port: at.server.port?.number ?? 80 }],
    route: [{ destination: destinationOf(objects, to) }],
  }
  return patched(service.ref, 'VirtualService', [{ op: 'add', path: `/spec/http/${index}`, value }])
}
