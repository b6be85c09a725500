/** The Service of port80 as a destination of routes. Pure. */
import type { LintScope, MeshObjects } from '../objects.ts'
import type { BackendRef } from '../gateway-api-specs.ts'
import type { IstioHttpRoute } from '../istio-specs.ts'

export type Responder = NonNullable<LintScope['responder']>

/** As the gateway of any cluster domain would write it. */
export function isResponder(host: string, from: string, responder: Responder | undefined): boolean {
  if (!responder) return false
  const { namespace, service } = responder
  const full = `${service}.${namespace}.svc`
  return host === full || host.startsWith(`${full}.`) || (host === service && from === namespace)
}

/** Whether the route leads there, or some of it does. */
export function leadsTo({ route }: IstioHttpRoute, from: string, responder: Responder | undefined): boolean {
  return route.some(({ destination }) => isResponder(destination?.host ?? '', from, responder))
}

export function serviceOf({ services }: MeshObjects, { namespace, service }: Responder) {
  return services.find(({ ref }) => ref.namespace === namespace && ref.name === service)
}

/** Numbers of its ports that routes of Istio or of the Gateway API lead to, as far as they say one. */
export function portsOfRoutes(
  { virtualServices, httpRoutes }: MeshObjects,
  responder: Responder,
): ReadonlySet<number> {
  const ofIstio = virtualServices.flatMap(({ ref, spec }) =>
    spec.http.flatMap(({ route }) =>
      route.flatMap(({ destination }) =>
        isResponder(destination?.host ?? '', ref.namespace, responder)
          ? [destination?.port?.number ?? 0]
          : [],
      ),
    ),
  )
  const ofApi = httpRoutes.flatMap(({ ref, spec }) =>
    spec.rules.flatMap(({ backendRefs }) =>
      backendRefs.flatMap((to) => (isBackend(to, ref.namespace, responder) ? [to.port] : [])),
    ),
  )
  return new Set([...ofIstio, ...ofApi].filter((port) => port !== 0))
}

/** As an HTTPRoute of that namespace names it. */
export function isBackend(
  { group, kind, name, namespace }: BackendRef,
  from: string,
  responder: Responder,
): boolean {
  if (group !== '' || kind !== 'Service') return false
  return name === responder.service && (namespace === '' ? from : namespace) === responder.namespace
}

/** Name and port for a route; 80, the chart's, where the Service is not known. */
export function destinationOf(
  objects: MeshObjects,
  responder: Responder,
): { host: string; port: { number: number } } {
  const ports = serviceOf(objects, responder)?.spec.ports ?? []
  const port = ports.find(({ name }) => name.startsWith('http')) ?? ports[0]
  return { host: fullName(responder), port: { number: port?.port ?? 80 } }
}

export function fullName({ service, namespace }: Responder): string {
  return `${service}.${namespace}.svc.cluster.local`
}
