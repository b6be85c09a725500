/**
 * The virtual host that Envoy picks for a host on port 80 of a gateway, and its routes in their order. Pure. As Istio
 * builds it (pilot/pkg/networking/core/gateway.go): servers of all Gateways on the port, oldest Gateway first; for each the
 * VirtualServices bound to it; one virtual host for each host that both have. docs/istio-behaviour.md says what of it was seen.
 */
import type { LintScope, MeshObjects } from '../objects.ts'
import type { HttpMatch, IstioHttpRoute, IstioServer } from '../istio-specs.ts'
import { isCatchAll, matches, type Asked } from './challenge-match.ts'
import { landing, type Edge } from './edge.ts'
import { bare, common, hostsForNamespace, narrowest } from './host-pattern.ts'
import { leadsTo, type Responder } from './responder.ts'
import { visibilityTo } from './visibility.ts'

export type Gateway = MeshObjects['gateways'][number]
export type VirtualService = MeshObjects['virtualServices'][number]

export interface ServerPlace {
  readonly gateway: Gateway
  readonly index: number
  readonly server: IstioServer
}

export interface RoutePlace {
  readonly service: VirtualService
  /** Of `spec.http`, and of its `match` (undefined: it has none). */
  readonly index: number
  readonly matchIndex?: number
  readonly route: IstioHttpRoute
  readonly match?: HttpMatch
  readonly toResponder: boolean
  readonly at: ServerPlace
}

export interface VirtualHost {
  /** The name itself, `*.example.com` or `*`. */
  readonly pattern: string
  readonly routes: readonly RoutePlace[]
  /** Servers for whose sake everything is redirected before any route. */
  readonly redirects: readonly ServerPlace[]
}

export interface View {
  readonly objects: MeshObjects
  readonly scope: LintScope
  readonly edge: Edge
}

/** Of the Gateways that the pods of the edge serve, oldest first; `filter` by what the server is. */
export function serversAt({ objects, scope, edge }: View, filter: (server: IstioServer) => boolean) {
  const places = byAge(objects.gateways, (gateway) => bindsResponder(gateway, objects, scope.responder))
  return places.flatMap((gateway) => {
    const land = landing(gateway.spec.selector, edge)
    if (land !== 'yes' && edge.selector !== undefined) return []
    return gateway.spec.servers.flatMap((server, index): ServerPlace[] =>
      filter(server) ? [{ gateway, index, server }] : [],
    )
  })
}

export function isPlain80({ port }: IstioServer): boolean {
  return port?.number === 80 && isPlainHttp(port.protocol)
}

/** Also where the protocol is not said. */
export function isPlainHttp(protocol: string): boolean {
  return ['HTTP', 'HTTP2', 'GRPC', 'GRPC-WEB', ''].includes(protocol.toUpperCase())
}

/** Where TLS ends at the gateway, and routes are looked at. */
export function isHttps({ port, tls }: IstioServer): boolean {
  return port?.protocol.toUpperCase() === 'HTTPS' && tls !== undefined && !/PASSTHROUGH/.test(tls.mode)
}

/** Undefined when nothing of these servers has the host: 404, or no connection. */
export function virtualHost(
  view: View,
  servers: readonly ServerPlace[],
  host: string,
): VirtualHost | undefined {
  const hosts = virtualHosts(view, servers)
  const pattern = narrowest([...hosts.keys()], host)
  const found = pattern === undefined ? undefined : hosts.get(pattern)
  if (pattern === undefined || !found) return undefined
  const [last, first] = [found.routes.filter(isLast), found.routes.filter((route) => !isLast(route))]
  return { pattern, redirects: found.redirects, routes: [...first, ...last] }
}

const isLast = ({ match }: RoutePlace) => isCatchAll(match)

interface Parts {
  readonly routes: RoutePlace[]
  readonly redirects: ServerPlace[]
}

export function virtualHosts(view: View, servers: readonly ServerPlace[]): Map<string, Parts> {
  const hosts = new Map<string, Parts>()
  const partsOf = (pattern: string) => {
    const parts = hosts.get(pattern) ?? { routes: [], redirects: [] }
    hosts.set(pattern, parts)
    return parts
  }
  for (const at of servers) {
    const redirected = new Set<string>()
    for (const service of servicesOf(view, at.gateway)) {
      const routes = routesOf(view, service, at)
      for (const pattern of routes.length > 0 ? commonHosts(at, service) : []) {
        partsOf(pattern).routes.push(...routes)
        redirected.add(pattern)
      }
    }
    if (!at.server.tls?.httpsRedirect) continue
    for (const pattern of [...redirected, ...at.server.hosts.map(bare)]) {
      const { redirects } = partsOf(pattern)
      if (!redirects.includes(at)) redirects.push(at)
    }
  }
  return hosts
}

function commonHosts({ gateway, server }: ServerPlace, { ref, spec }: VirtualService): Set<string> {
  const offered = hostsForNamespace(server.hosts, gateway.ref.namespace, ref.namespace)
  const wanted = spec.hosts.map((host) => host.toLowerCase())
  const shared = offered.flatMap((one) => wanted.map((other) => common(one, other)))
  return new Set(shared.filter((pattern) => pattern !== undefined))
}

/** Bound to the Gateway and seen by the pods: what is exported to them alone first, then by age. */
export function servicesOf({ objects, scope, edge }: View, gateway: Gateway): VirtualService[] {
  const ours = ({ ref, spec }: VirtualService) =>
    spec.http.some((route) => leadsTo(route, ref.namespace, scope.responder))
  const seen = (wanted: readonly string[]) =>
    byAge(objects.virtualServices, ours).filter(
      ({ ref, spec }) =>
        binds(spec.gateways, ref.namespace, gateway) && wanted.includes(seenBy(spec.exportTo, ref.namespace)),
    )
  const seenBy = (exportTo: readonly string[], own: string) => {
    const visibility = visibilityTo(exportTo, own, edge.namespace)
    return visibility === 'some' && own === (edge.namespace ?? own) ? 'private' : visibility
  }
  return [...seen(['private']), ...seen(['some']), ...seen(['all'])]
}

export function binds(gateways: readonly string[], own: string, { ref }: Pick<Gateway, 'ref'>): boolean {
  return gateways.some((written) => {
    const [first = '', second = ''] = written.split('/', 2)
    if (written.includes('/')) return second === ref.name && (first === '.' ? own : first) === ref.namespace
    const [name, namespace = own] = written.split('.')
    return name === ref.name && namespace === ref.namespace
  })
}

/** Those of the port and the gateway, up to the first that takes everything. */
function routesOf(view: View, service: VirtualService, at: ServerPlace): RoutePlace[] {
  const { namespace } = service.ref
  const routes: RoutePlace[] = []
  for (const [index, route] of service.spec.http.entries()) {
    const toResponder = leadsTo(route, namespace, view.scope.responder)
    const place = { service, index, route, toResponder, at }
    if (route.match.length === 0) return [...routes, place]
    for (const [matchIndex, match] of route.match.entries()) {
      if (!isOf(match, namespace, at, view)) continue
      routes.push({ ...place, match, matchIndex })
      if (isCatchAll(match)) return routes
    }
  }
  return routes
}

function isOf(match: HttpMatch, own: string, { server, gateway }: ServerPlace, { edge }: View): boolean {
  const { port, gateways, sourceNamespace } = match
  if (port !== 0 && port !== server.port?.number) return false
  if (gateways.length > 0) return binds(gateways, own, gateway)
  return sourceNamespace === '' || sourceNamespace === (edge.namespace ?? sourceNamespace)
}

/**
 * The route that surely takes the request; `unsure` when one before it may take it and leads to the responder, or hands on
 * to another object; undefined when none does: 404.
 */
export function taking(routes: readonly RoutePlace[], asked: Asked): RoutePlace | 'unsure' | undefined {
  for (const place of routes) {
    const answer = place.match ? matches(place.match, asked) : 'yes'
    if (answer === 'no') continue
    if (place.route.delegate || (answer === 'maybe' && place.toResponder)) return 'unsure'
    if (answer === 'yes') return place
  }
  return undefined
}

/** Oldest first as Istio does, or those in doubt last where the age of any is not known: nothing is accused by its place then. */
function byAge<T extends Gateway | VirtualService>(all: readonly T[], first: (one: T) => boolean): T[] {
  if (all.some(({ createdAt }) => createdAt === undefined))
    return [...all.filter(first), ...all.filter((one) => !first(one))]
  const key = ({ ref }: T) => `${ref.name} ${ref.namespace}`
  return [...all].sort(
    (one, other) => (one.createdAt ?? 0) - (other.createdAt ?? 0) || (key(one) < key(other) ? -1 : 1),
  )
}

function bindsResponder(gateway: Gateway, objects: MeshObjects, responder: Responder | undefined): boolean {
  return objects.virtualServices.some(
    ({ ref, spec }) =>
      binds(spec.gateways, ref.namespace, gateway) &&
      spec.http.some((route) => leadsTo(route, ref.namespace, responder)),
  )
}
