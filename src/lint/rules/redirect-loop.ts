/**
 * P80-105: a redirect to https that https requests get too. Pure. Also where another VirtualService for the host goes first
 * today: their order is age, and nothing to build on.
 */
import type { Finding } from '../../finding/finding.ts'
import { forEachHost, seen } from '../istio/found.ts'
import {
  isHttps,
  serversAt,
  taking,
  virtualHost,
  type RoutePlace,
  type ServerPlace,
} from '../istio/virtual-host.ts'
import { patched, type JsonPatch } from '../kubectl-command.ts'
import type { Rule } from '../objects.ts'

export const redirectLoop: Rule = (objects, scope) =>
  forEachHost(objects, scope, (host, view) =>
    // Each has routes of its own: TLS tells them apart by name.
    serversAt(view, isHttps).flatMap((at) => {
      const { routes = [] } = virtualHost(view, [at], host) ?? {}
      const looping = routes.filter((place) => loops(place, routes, host, at))
      const first = looping.filter(({ service, index }, place) => {
        const same = (one: RoutePlace) => one.service === service && one.index === index
        return looping.findIndex(same) === place
      })
      return first.map((place) => findingOf(place, host, at))
    }),
  )

function loops(place: RoutePlace, routes: readonly RoutePlace[], host: string, at: ServerPlace): boolean {
  if (!isSameUrl(place, host, at)) return false
  const { exact, prefix } = place.match?.uri ?? {}
  const own = routes.filter(({ service }) => service === place.service)
  return taking(own, { scheme: 'https', host, path: exact ?? prefix ?? '/' }) === place
}

/** https again, and nothing else is changed. */
function isSameUrl({ route }: RoutePlace, host: string, { server }: ServerPlace): boolean {
  const { redirect } = route
  if (redirect?.scheme.toLowerCase() !== 'https' || redirect.uri !== '') return false
  if (redirect.port !== 0 && redirect.port !== server.port?.number) return false
  return redirect.authority === '' || redirect.authority.toLowerCase() === host
}

function findingOf({ service, index, route }: RoutePlace, host: string, { server }: ServerPlace): Finding {
  const path = `/spec/http/${index}/match`
  const operations: JsonPatch[] =
    route.match.length === 0
      ? [{ op: 'add', path, value: [{ port: 80 }] }]
      : [...route.match.entries()].flatMap(([place, { port }]): JsonPatch[] =>
          port === 80 ? [] : [{ op: 'add', path: `${path}/${place}/port`, value: 80 }],
        )
  return {
    code: 'P80-105',
    object: { ...service.ref, field: `spec.http[${index}].redirect` },
    host,
    seen: seen(`sends https of ${host} to https once more: it is on port ${server.port?.number ?? 443} too`),
    fix: { do: 'run', command: patched(service.ref, 'VirtualService', operations) },
  }
}
