/**
 * The Kubernetes objects that port80 reads and writes, as they look on the wire (JSON), with the fields it uses. Pure.
 * The generated types of @kubernetes/client-node describe what its own deserialiser makes (dates, renamed members); this
 * is what the API server sends. Members that are not named here stay in the object and are never touched by a patch.
 */

export interface OwnerReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
  readonly controller?: boolean
}

export interface ObjectMeta {
  readonly name?: string
  readonly namespace?: string
  readonly uid?: string
  /** Opaque; changes with every write of the object, and is never used twice in one cluster. */
  readonly resourceVersion?: string
  readonly creationTimestamp?: string
  readonly deletionTimestamp?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly ownerReferences?: readonly OwnerReference[]
  /** Who set which members last (https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management). */
  readonly managedFields?: readonly {
    readonly manager?: string
    readonly fieldsV1?: Readonly<Record<string, unknown>>
  }[]
}

export interface KubeObject {
  readonly apiVersion?: string
  readonly kind?: string
  readonly metadata: ObjectMeta
}

export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>
  /** Values are base64 of the bytes. */
  readonly binaryData?: Readonly<Record<string, string>>
}

export interface Secret extends KubeObject {
  readonly type?: string
  readonly immutable?: boolean
  /** Values are base64 of the bytes. */
  readonly data?: Readonly<Record<string, string>>
}

/** coordination.k8s.io/v1. Times are RFC 3339 with exactly six digits of a second. */
export interface Lease extends KubeObject {
  readonly spec?: {
    readonly holderIdentity?: string
    readonly leaseDurationSeconds?: number
    readonly acquireTime?: string
    readonly renewTime?: string
    readonly leaseTransitions?: number
  }
}

export interface Pod extends KubeObject {
  readonly spec?: { readonly nodeName?: string }
  readonly status?: {
    readonly phase?: string
    readonly podIP?: string
    readonly conditions?: readonly { readonly type: string; readonly status: string }[]
  }
}

/** discovery.k8s.io/v1. */
export interface EndpointSlice extends KubeObject {
  readonly addressType: string
  readonly endpoints?: readonly Endpoint[] | null
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[] | null
}

export interface Endpoint {
  readonly addresses: readonly string[]
  readonly conditions?: {
    readonly ready?: boolean
    readonly serving?: boolean
    readonly terminating?: boolean
  }
  readonly targetRef?: { readonly kind?: string; readonly name?: string }
}

/** v1 (what `kubectl describe` shows). */
export interface KubeEvent extends KubeObject {
  readonly involvedObject: {
    readonly apiVersion?: string
    readonly kind?: string
    readonly namespace?: string
    readonly name?: string
    readonly uid?: string
    readonly resourceVersion?: string
  }
  readonly reason?: string
  readonly message?: string
  readonly type?: 'Normal' | 'Warning'
  readonly source?: { readonly component?: string }
  readonly reportingComponent?: string
  readonly reportingInstance?: string
  readonly firstTimestamp?: string
  readonly lastTimestamp?: string
  readonly count?: number
}

/** Of a kind that a CustomResourceDefinition adds. What reads the spec (src/discovery) takes nothing in it for granted. */
export interface CustomObject extends KubeObject {
  readonly spec?: unknown
}

/** Every resource that port80 talks about, and its type; with its group where the plural alone could be another's. */
export interface Resources {
  readonly configmaps: ConfigMap
  readonly secrets: Secret
  readonly leases: Lease
  readonly pods: Pod
  readonly endpointslices: EndpointSlice
  readonly events: KubeEvent
  readonly 'gateways.networking.istio.io': CustomObject
  readonly 'gateways.gateway.networking.k8s.io': CustomObject
  readonly 'referencegrants.gateway.networking.k8s.io': CustomObject
  // What lint alone reads: src/lint takes nothing in them for granted.
  readonly services: KubeObject
  readonly namespaces: KubeObject
  readonly 'roles.rbac.authorization.k8s.io': KubeObject
  readonly 'rolebindings.rbac.authorization.k8s.io': KubeObject
  readonly 'clusterroles.rbac.authorization.k8s.io': KubeObject
  readonly 'clusterrolebindings.rbac.authorization.k8s.io': KubeObject
  readonly 'virtualservices.networking.istio.io': CustomObject
  readonly 'sidecars.networking.istio.io': CustomObject
  readonly 'destinationrules.networking.istio.io': CustomObject
  readonly 'envoyfilters.networking.istio.io': CustomObject
  readonly 'authorizationpolicies.security.istio.io': CustomObject
  readonly 'requestauthentications.security.istio.io': CustomObject
  readonly 'peerauthentications.security.istio.io': CustomObject
  readonly 'httproutes.gateway.networking.k8s.io': CustomObject
}
export type ResourceName = keyof Resources
