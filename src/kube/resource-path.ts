/** Where a resource is on the API server. Pure. */
import type { ResourceName } from './object.ts'

interface Place {
  readonly apiVersion: string
  readonly kind: string
}

const places: Readonly<Record<ResourceName, Place>> = {
  configmaps: { apiVersion: 'v1', kind: 'ConfigMap' },
  secrets: { apiVersion: 'v1', kind: 'Secret' },
  leases: { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' },
  pods: { apiVersion: 'v1', kind: 'Pod' },
  endpointslices: { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
  events: { apiVersion: 'v1', kind: 'Event' },
  'gateways.networking.istio.io': { apiVersion: 'networking.istio.io/v1', kind: 'Gateway' },
  'gateways.gateway.networking.k8s.io': { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway' },
  'referencegrants.gateway.networking.k8s.io': {
    apiVersion: 'gateway.networking.k8s.io/v1beta1',
    kind: 'ReferenceGrant',
  },
  services: { apiVersion: 'v1', kind: 'Service' },
  namespaces: { apiVersion: 'v1', kind: 'Namespace' },
  'roles.rbac.authorization.k8s.io': { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role' },
  'rolebindings.rbac.authorization.k8s.io': {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
  },
  'clusterroles.rbac.authorization.k8s.io': {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
  },
  'clusterrolebindings.rbac.authorization.k8s.io': {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
  },
  'virtualservices.networking.istio.io': { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService' },
  'sidecars.networking.istio.io': { apiVersion: 'networking.istio.io/v1', kind: 'Sidecar' },
  'destinationrules.networking.istio.io': { apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule' },
  'envoyfilters.networking.istio.io': { apiVersion: 'networking.istio.io/v1alpha3', kind: 'EnvoyFilter' },
  'authorizationpolicies.security.istio.io': {
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
  },
  'requestauthentications.security.istio.io': {
    apiVersion: 'security.istio.io/v1',
    kind: 'RequestAuthentication',
  },
  'peerauthentications.security.istio.io': { apiVersion: 'security.istio.io/v1', kind: 'PeerAuthentication' },
  'httproutes.gateway.networking.k8s.io': { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute' },
}

/** `apiVersion` and `kind` as they stand in an object of that resource. */
export function typeOf(resource: ResourceName): Place {
  return places[resource]
}

export interface ObjectsAt<R extends ResourceName = ResourceName> {
  readonly resource: R
  /** Undefined: all namespaces, which takes a cluster-wide right. */
  readonly namespace: string | undefined
  readonly labels?: Readonly<Record<string, string>>
  /** `metadata.name=x`: what a Role with resourceNames allows to be listed and watched. */
  readonly fields?: string
  /** Instead of the usual one, for a cluster that does not serve that yet: `v1beta1`. */
  readonly version?: string
}

export interface ObjectAt<R extends ResourceName = ResourceName> {
  readonly resource: R
  readonly namespace: string
  readonly name: string
}

/** Names and namespaces as the API server takes them; anything else would become another path. */
const nameSyntax = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/

/** `/api/v1/namespaces/NS/secrets/NAME`. Throws RangeError for what is no name. */
export function pathOf(at: ObjectAt): string {
  return `${pathOfAll(at)}/${named(at.name)}`
}

/** `/api/v1/namespaces/NS/secrets`, or `/api/v1/secrets` for all namespaces. */
export function pathOfAll(at: {
  resource: ResourceName
  namespace: string | undefined
  version?: string
}): string {
  const usual = places[at.resource].apiVersion
  const apiVersion = at.version === undefined ? usual : usual.replace(/[^/]+$/, named(at.version))
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const folder = at.namespace === undefined ? '' : `/namespaces/${named(at.namespace)}`
  const plural = at.resource.split('.', 1)[0] ?? ''
  return `${root}${folder}/${plural}`
}

/** `?labelSelector=…` and whatever else is given; empty when there is nothing. */
export function queryOf(
  at: Pick<ObjectsAt, 'labels' | 'fields'>,
  more: Readonly<Record<string, string | number | boolean | undefined>> = {},
): string {
  const query = new URLSearchParams()
  const labels = Object.entries(at.labels ?? {}).map(([key, value]) => `${key}=${value}`)
  if (labels.length > 0) query.set('labelSelector', labels.join(','))
  if (at.fields !== undefined) query.set('fieldSelector', at.fields)
  for (const [key, value] of Object.entries(more)) {
    if (value !== undefined) query.set(key, String(value))
  }
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}

/** `secrets book in namespace istio-system`, for messages. */
export function wordsFor(at: {
  readonly resource: ResourceName
  readonly namespace: string | undefined
  readonly name?: string
}): string {
  const where = at.namespace === undefined ? 'in all namespaces' : `in namespace ${at.namespace}`
  return `${at.resource}${at.name === undefined ? '' : ` ${at.name}`} ${where}`
}

function named(name: string): string {
  if (!nameSyntax.test(name)) throw new RangeError('not a name of a Kubernetes object')
  return name
}
