/** P80-114: no Gateway of Istio has the host on port 80, or the one that has it is served by no pod. Pure. */
import type { Finding } from '../../finding/finding.ts'
import { listensFor } from '../istio/api-listeners.ts'
import { landing, type Edge } from '../istio/edge.ts'
import { forEachHost, seen } from '../istio/found.ts'
import { bare, covers } from '../istio/host-pattern.ts'
import { leadsTo } from '../istio/responder.ts'
import {
  binds,
  isPlain80,
  isPlainHttp,
  virtualHosts,
  type Gateway,
  type ServerPlace,
  type View,
  type VirtualService,
} from '../istio/virtual-host.ts'
import { patched } from '../kubectl-command.ts'
import type { Rule } from '../objects.ts'

export const notOnPort80: Rule = (objects, scope) =>
  forEachHost(objects, scope, (host, view) => {
    if (listensFor(objects, host)) return []
    const ours = objects.virtualServices.filter((service) => isForHost(service, host, view))
    const landed = objects.gateways.filter(({ spec }) => mayLand(spec.selector, view.edge))
    const servers = placesOf(landed)
    if (isServed(view, host, servers, ours)) return []
    const bound = objects.gateways.filter((gateway) => ours.some((one) => isBound(one, gateway)))
    const stray = placesOf(bound).find((at) => !landed.includes(at.gateway) && has(at, host))
    if (stray) return straying(stray, host, view)
    const named = new Set(ours.flatMap(({ spec }) => spec.gateways)).size
    const known = bound.length > 0 && bound.length === named && view.edge.selector !== undefined
    if (!known && !(scope.whole.has('gateways') && scope.whole.has('virtualServices'))) return []
    return [absent(host, bound)]
  })

/** One that leads challenges of the host to port80. */
function isForHost({ ref, spec }: VirtualService, host: string, { scope }: View): boolean {
  return (
    spec.hosts.some((pattern) => covers(pattern.toLowerCase(), host)) &&
    spec.http.some((route) => leadsTo(route, ref.namespace, scope.responder))
  )
}

const isBound = ({ ref, spec }: VirtualService, gateway: Gateway) =>
  binds(spec.gateways, ref.namespace, gateway)

/** What pods do not contradict: a selector alone proves nothing. */
function mayLand(selector: Readonly<Record<string, string>>, edge: Edge): boolean {
  return edge.pods === undefined || landing(selector, edge) === 'yes'
}

/** Servers for plain http; on another port than 80 too, which a Service may lead to. */
function placesOf(gateways: readonly Gateway[]): ServerPlace[] {
  return gateways.flatMap((gateway) =>
    gateway.spec.servers.flatMap((server, index) =>
      isPlain80(server) || (server.tls === undefined && isPlainHttp(server.port?.protocol ?? ''))
        ? [{ gateway, index, server }]
        : [],
    ),
  )
}

const has = ({ server }: ServerPlace, host: string) => server.hosts.some((one) => covers(bare(one), host))

/** By a virtual host of port80's or of whomever; without routes of port80 a server for the host is enough. */
function isServed(
  view: View,
  host: string,
  servers: readonly ServerPlace[],
  ours: readonly VirtualService[],
): boolean {
  if (ours.length === 0) return servers.some((at) => has(at, host))
  return [...virtualHosts(view, servers).keys()].some((pattern) => covers(pattern, host))
}

function straying({ gateway }: ServerPlace, host: string, { edge }: View): Finding[] {
  const { selector } = edge
  if (selector === undefined) return []
  const patch = [{ op: 'replace', path: '/spec/selector', value: selector } as const]
  return [
    {
      code: 'P80-114',
      object: { ...gateway.ref, field: 'spec.selector' },
      host,
      seen: seen(`its labels are not on the gateway pods of ${host}, which have ${JSON.stringify(selector)}`),
      fix: { do: 'run', command: patched(gateway.ref, 'Gateway', patch) },
    },
  ]
}

function absent(host: string, bound: readonly Gateway[]): Finding {
  const [at] = placesOf(bound)
  const name = at && `${at.gateway.ref.namespace}/${at.gateway.ref.name}`
  return {
    code: 'P80-114',
    object: { kind: 'Host', name: host },
    host,
    seen: seen(
      name === undefined
        ? 'no server on port 80 of a Gateway has it'
        : `Gateway ${name}, to which port80 is bound, does not take it from there`,
    ),
    fix: at
      ? {
          do: 'run',
          command: patched(at.gateway.ref, 'Gateway', [
            { op: 'add', path: `/spec/servers/${at.index}/hosts/-`, value: host },
          ]),
        }
      : { do: 'act', words: `Give ${host} a server on port 80: routes.kind istio of the chart makes one.` },
  }
}
