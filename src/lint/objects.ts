/**
 * What lint looks at, as plain data, and the shape of a rule. Pure. A rule knows nothing of files or API servers; objects
 * that could not be read are left out (read-object.ts says so in a remark), so that a rule takes nothing for granted but this.
 */
import type { z } from 'zod'
import type { Finding } from '../finding/finding.ts'
import type { policyRules, roleRef, serviceSpec, subjects } from './core-specs.ts'
import type { apiGatewaySpec, httpRouteSpec, referenceGrantSpec } from './gateway-api-specs.ts'
import type {
  authorizationPolicySpec,
  destinationRuleSpec,
  envoyFilterSpec,
  istioGatewaySpec,
  peerAuthenticationSpec,
  requestAuthenticationSpec,
  sidecarSpec,
  virtualServiceSpec,
} from './istio-specs.ts'
import type { SecretFacts } from './secret-facts.ts'

/** Good as `Finding.object`: `{ ...ref, field: 'spec.servers[0].hosts' }`. */
export interface Ref {
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

export interface Read<Spec> {
  readonly ref: Ref
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** Epoch milliseconds; of two VirtualServices with one host Istio lets the older go first. */
  readonly createdAt?: number
  readonly spec: Spec
}

/** A pod, or the template of a Deployment, StatefulSet or DaemonSet: what can be seen of pods in files. */
export interface PodFacts {
  /** Of the pod or of the workload. */
  readonly ref: Ref
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly serviceAccount: string
  /** Numbers of the ports that its containers declare. */
  readonly ports: readonly { readonly name: string; readonly number: number }[]
  /** Undefined: a template, and whether one is injected is decided when the pod is made. A gateway counts as `true`. */
  readonly sidecar?: boolean
  /** Only of a running pod. */
  readonly ready?: boolean
}

export interface RoleFacts {
  /** Kind Role or ClusterRole; the namespace of the latter is empty. */
  readonly ref: Ref
  readonly rules: z.output<typeof policyRules>
}

export interface BindingFacts {
  /** Kind RoleBinding or ClusterRoleBinding; the namespace of the latter is empty. */
  readonly ref: Ref
  readonly role: z.output<typeof roleRef>
  readonly subjects: z.output<typeof subjects>
}

export interface MeshObjects {
  readonly gateways: readonly Read<z.output<typeof istioGatewaySpec>>[]
  readonly virtualServices: readonly Read<z.output<typeof virtualServiceSpec>>[]
  readonly authorizationPolicies: readonly Read<z.output<typeof authorizationPolicySpec>>[]
  readonly requestAuthentications: readonly Read<z.output<typeof requestAuthenticationSpec>>[]
  readonly peerAuthentications: readonly Read<z.output<typeof peerAuthenticationSpec>>[]
  readonly sidecars: readonly Read<z.output<typeof sidecarSpec>>[]
  readonly destinationRules: readonly Read<z.output<typeof destinationRuleSpec>>[]
  readonly envoyFilters: readonly Read<z.output<typeof envoyFilterSpec>>[]
  readonly apiGateways: readonly Read<z.output<typeof apiGatewaySpec>>[]
  readonly httpRoutes: readonly Read<z.output<typeof httpRouteSpec>>[]
  readonly referenceGrants: readonly Read<z.output<typeof referenceGrantSpec>>[]
  readonly services: readonly Read<z.output<typeof serviceSpec>>[]
  readonly secrets: readonly SecretFacts[]
  readonly pods: readonly PodFacts[]
  readonly roles: readonly RoleFacts[]
  readonly bindings: readonly BindingFacts[]
  readonly namespaces: readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[]
}
export type ObjectList = keyof MeshObjects

/** A Secret that port80 fills. */
export interface ManagedSecret {
  readonly name: string
  /** Where it is (to be) written, as far as that is known; empty: wherever pods of the selector run. */
  readonly namespaces: readonly string[]
  /** Labels of the gateway pods. */
  readonly selector?: Readonly<Record<string, string>>
  /** The configuration says that port80 may write it, whoever owns it. */
  readonly takeOver?: boolean
}

export interface ManagedCertificate {
  /** As in the configuration; without one the name of the Secret. */
  readonly name: string
  /** Exact names, lower case. */
  readonly hosts: readonly string[]
  readonly secrets: readonly ManagedSecret[]
}

export interface Managed {
  /** Every host of the certificates, each once. */
  readonly hosts: readonly string[]
  readonly certificates: readonly ManagedCertificate[]
}

export interface LintScope {
  /** Epoch milliseconds. */
  readonly now: number
  readonly managed: Managed
  /** The Service that gateways route challenges to; undefined where no object tells. */
  readonly responder?: { readonly namespace: string; readonly service: string }
  /** Namespace of the responder's port80, as `port80.io/instance` on Secrets has it; undefined where unknown. */
  readonly instance?: string
  /** Where policies count for the whole mesh. */
  readonly rootNamespace: string
  /**
   * Kinds of which everything there is was read (a cluster, with the rights to list it). Of all others something that is
   * not in `objects` may exist all the same: that it is missing is no finding then.
   */
  readonly whole: ReadonlySet<ObjectList>
}

/** Pure; the order of its findings does not matter. */
export type Rule = (objects: MeshObjects, scope: LintScope) => Finding[]
