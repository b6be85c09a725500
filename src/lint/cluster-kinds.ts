/** Which resources of the API server each list of objects is read from. Pure data. */
import type { ResourceName } from '../kube/object.ts'
import type { ObjectList } from './objects.ts'

export interface ClusterKind {
  readonly list: Exclude<ObjectList, 'secrets'>
  readonly resource: ResourceName
  /** Tried one after another: an older cluster serves the older ones only. Left out: the usual one. */
  readonly versions?: readonly string[]
}

const istio = ['v1', 'v1beta1']
const gatewayApi = ['v1', 'v1beta1']

/** Without Secrets, of which only those are read that a Gateway or the configuration names. */
export const clusterKinds: readonly ClusterKind[] = [
  { list: 'gateways', resource: 'gateways.networking.istio.io', versions: istio },
  { list: 'virtualServices', resource: 'virtualservices.networking.istio.io', versions: istio },
  { list: 'sidecars', resource: 'sidecars.networking.istio.io', versions: istio },
  { list: 'destinationRules', resource: 'destinationrules.networking.istio.io', versions: istio },
  { list: 'envoyFilters', resource: 'envoyfilters.networking.istio.io' },
  { list: 'authorizationPolicies', resource: 'authorizationpolicies.security.istio.io', versions: istio },
  { list: 'requestAuthentications', resource: 'requestauthentications.security.istio.io', versions: istio },
  { list: 'peerAuthentications', resource: 'peerauthentications.security.istio.io', versions: istio },
  { list: 'apiGateways', resource: 'gateways.gateway.networking.k8s.io', versions: gatewayApi },
  { list: 'httpRoutes', resource: 'httproutes.gateway.networking.k8s.io', versions: gatewayApi },
  {
    list: 'referenceGrants',
    resource: 'referencegrants.gateway.networking.k8s.io',
    versions: ['v1beta1', 'v1'],
  },
  { list: 'services', resource: 'services' },
  { list: 'pods', resource: 'pods' },
  { list: 'roles', resource: 'roles.rbac.authorization.k8s.io' },
  { list: 'roles', resource: 'clusterroles.rbac.authorization.k8s.io' },
  { list: 'bindings', resource: 'rolebindings.rbac.authorization.k8s.io' },
  { list: 'bindings', resource: 'clusterrolebindings.rbac.authorization.k8s.io' },
  { list: 'namespaces', resource: 'namespaces' },
]

/** In no namespace, so that there is nothing smaller to be read where the whole may not be. */
export const clusterWide: ReadonlySet<ResourceName> = new Set<ResourceName>([
  'clusterroles.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
  'namespaces',
])
