/** Which listeners an HTTPRoute attaches to, and which of several routes has a host there. Pure. https://gateway-api.sigs.k8s.io/reference/spec/#httproute */
import type { Listener, ParentRef } from '../gateway-api-specs.ts'
import { isSubset } from '../istio/edge.ts'
import { covers } from '../istio/host-pattern.ts'
import type { MeshObjects } from '../objects.ts'
import { hostnameFor, weightOf } from './hostnames.ts'

export type HttpRoute = MeshObjects['httpRoutes'][number]
export type ApiGateway = MeshObjects['apiGateways'][number]

export interface Attachment {
  /** Of `spec.parentRefs` of the route. */
  readonly parent: number
  readonly gateway: ApiGateway
  readonly listener: Listener
}

/** Of Gateways that are known, for the host. Where it hangs on labels of a namespace that is not known, it is left out. */
export function attachments(route: HttpRoute, host: string, objects: MeshObjects): Attachment[] {
  if (hostnameFor(route.spec.hostnames, host) === undefined) return []
  return route.spec.parentRefs.flatMap((parent, index) =>
    objects.apiGateways
      .filter(({ ref }) => isParent(parent, route.ref.namespace, ref))
      .flatMap((gateway) =>
        gateway.spec.listeners
          .filter((listener) => takes(listener, parent, host))
          .filter((listener) => allows(listener, gateway.ref.namespace, route.ref.namespace, objects))
          .map((listener) => ({ parent: index, gateway, listener })),
      ),
  )
}

export function isListenerFor({ listener }: Attachment, protocol: 'HTTP' | 'HTTPS'): boolean {
  return listener.protocol.toUpperCase() === protocol
}

/** Whether some Gateway that the route names is among the objects. */
export function isParentKnown({ ref, spec }: HttpRoute, { apiGateways }: MeshObjects): boolean {
  return spec.parentRefs.some((parent) =>
    apiGateways.some((gateway) => isParent(parent, ref.namespace, gateway.ref)),
  )
}

/** Whether another route there names the host better, and so has all of it. */
export function isOutdone(
  route: HttpRoute,
  host: string,
  { gateway, listener }: Attachment,
  objects: MeshObjects,
): boolean {
  const own = weight(route, host)
  return objects.httpRoutes.some(
    (other) =>
      weight(other, host) > own &&
      attachments(other, host, objects).some((at) => at.gateway === gateway && at.listener === listener),
  )
}

const weight = ({ spec }: HttpRoute, host: string) => {
  const pattern = hostnameFor(spec.hostnames, host)
  return pattern === undefined ? 0 : weightOf(pattern, host)
}

function isParent({ group, kind, name, namespace }: ParentRef, own: string, ref: ApiGateway['ref']): boolean {
  if (`${group}/${kind}` !== 'gateway.networking.k8s.io/Gateway') return false
  return name === ref.name && (namespace === '' ? own : namespace) === ref.namespace
}

function takes({ name, port, hostname }: Listener, parent: ParentRef, host: string): boolean {
  if (parent.sectionName !== '' && parent.sectionName !== name) return false
  if (parent.port !== 0 && parent.port !== port) return false
  return covers(hostname === '' ? '*' : hostname.toLowerCase(), host)
}

function allows(
  { allowedRoutes }: Listener,
  own: string,
  from: string,
  { namespaces }: MeshObjects,
): boolean {
  const allowed = allowedRoutes?.namespaces
  switch (allowed?.from ?? 'Same') {
    case 'All':
      return true
    case 'Same':
      return own === from
    case 'Selector':
      return isSelected(allowed?.selector, namespaces.find(({ name }) => name === from)?.labels)
    default:
      return false
  }
}

type Allowed = NonNullable<NonNullable<Listener['allowedRoutes']>['namespaces']>

function isSelected(selector: Allowed['selector'], labels: Readonly<Record<string, string>> | undefined) {
  if (!selector || labels === undefined || selector.matchExpressions.length > 0) return false
  return isSubset(selector.matchLabels, labels)
}
