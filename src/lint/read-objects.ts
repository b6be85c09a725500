/** Objects of Kubernetes as they stand in a file or on the API server → what rules look at. Pure. */
import { z } from 'zod'
import { serviceSpec } from './core-specs.ts'
import { apiGatewaySpec, httpRouteSpec, referenceGrantSpec } from './gateway-api-specs.ts'
import * as istio from './istio-specs.ts'
import { labels, maybe, text, textOr } from './lenient.ts'
import type { MeshObjects, Read, Ref } from './objects.ts'
import { secretFacts, type SecretFacts } from './secret-facts.ts'

export interface ReadObjects {
  /** Pods, roles, bindings and namespaces are not read yet, and empty. */
  readonly objects: MeshObjects
  /** One line for each object that could not be read. */
  readonly remarks: readonly string[]
}

const head = z.object({
  apiVersion: text,
  kind: text,
  metadata: z.object({
    name: z.string().min(1),
    namespace: textOr('default'),
    labels,
    annotations: labels,
    creationTimestamp: maybe(z.string()),
  }),
  spec: z.unknown(),
})
type Head = z.output<typeof head>

/** Never throws: an object of which nothing can be made is a remark. */
export function readObjects(all: readonly unknown[]): ReadObjects {
  const remarks: string[] = []
  const heads: { readonly head: Head; readonly object: unknown }[] = []
  for (const object of all) {
    const parsed = head.safeParse(object)
    if (parsed.success) heads.push({ head: parsed.data, object })
    else remarks.push('an object without kind and metadata.name is left out')
  }
  const each = <S extends z.ZodType>(group: string, kind: string, spec: S): Read<z.output<S>>[] =>
    heads.flatMap(({ head }) => {
      if (head.kind !== kind || groupOf(head) !== group) return []
      const parsed = spec.safeParse(head.spec ?? {})
      if (parsed.success) return [readOf(head, parsed.data)]
      const path = (parsed.error.issues[0]?.path ?? []).map(String).join('.')
      remarks.push(`${kind} ${head.metadata.namespace}/${head.metadata.name} is left out: spec.${path}`)
      return []
    })
  const [networking, security] = ['networking.istio.io', 'security.istio.io']
  const gatewayApi = 'gateway.networking.k8s.io'
  const secrets = heads.flatMap(({ head, object }): SecretFacts[] => {
    const facts = head.kind === 'Secret' ? secretFacts(object, refOf(head)) : undefined
    return facts ? [facts] : []
  })
  const objects: MeshObjects = {
    gateways: each(networking, 'Gateway', istio.istioGatewaySpec),
    virtualServices: each(networking, 'VirtualService', istio.virtualServiceSpec),
    sidecars: each(networking, 'Sidecar', istio.sidecarSpec),
    destinationRules: each(networking, 'DestinationRule', istio.destinationRuleSpec),
    envoyFilters: each(networking, 'EnvoyFilter', istio.envoyFilterSpec),
    authorizationPolicies: each(security, 'AuthorizationPolicy', istio.authorizationPolicySpec),
    requestAuthentications: each(security, 'RequestAuthentication', istio.requestAuthenticationSpec),
    peerAuthentications: each(security, 'PeerAuthentication', istio.peerAuthenticationSpec),
    apiGateways: each(gatewayApi, 'Gateway', apiGatewaySpec),
    httpRoutes: each(gatewayApi, 'HTTPRoute', httpRouteSpec),
    referenceGrants: each(gatewayApi, 'ReferenceGrant', referenceGrantSpec),
    services: each('', 'Service', serviceSpec),
    ...{ secrets, pods: [], roles: [], bindings: [], namespaces: [] },
  }
  return { objects, remarks }
}

function groupOf({ apiVersion }: Head): string {
  return apiVersion.includes('/') ? (apiVersion.split('/', 1)[0] ?? '') : ''
}

function refOf({ kind, metadata: { namespace, name } }: Head): Ref {
  return { kind, namespace, name }
}

function readOf<Spec>(head: Head, spec: Spec): Read<Spec> {
  const { labels, annotations, creationTimestamp } = head.metadata
  const createdAt = Date.parse(creationTimestamp ?? '')
  return { ref: refOf(head), labels, annotations, spec, ...(createdAt > 0 && { createdAt }) }
}
