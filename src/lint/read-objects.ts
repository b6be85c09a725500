/** Objects of Kubernetes as they stand in a file or on the API server → what rules look at. Pure. */
import { z } from 'zod'
import { policyRules, roleRef, serviceSpec, subjects } from './core-specs.ts'
import { apiGatewaySpec, httpRouteSpec, referenceGrantSpec } from './gateway-api-specs.ts'
import * as istio from './istio-specs.ts'
import { labels, maybe, text } from './lenient.ts'
import { listItems } from './list-items.ts'
import type { BindingFacts, MeshObjects, PodFacts, Read, Ref, RoleFacts } from './objects.ts'
import { podFacts, templateFacts, workloadKinds } from './pod-facts.ts'
import { secretFacts, type SecretFacts } from './secret-facts.ts'

export interface ReadObjects {
  readonly objects: MeshObjects
  /** One line for each object that could not be read. */
  readonly remarks: readonly string[]
}

const head = z.object({
  apiVersion: text,
  kind: z.string().min(1),
  metadata: z.object({
    name: z.string().min(1),
    namespace: text,
    labels,
    annotations: labels,
    creationTimestamp: maybe(z.string()),
  }),
  spec: z.unknown().optional(),
})
type Head = z.output<typeof head>
interface Entry {
  readonly head: Head
  readonly object: unknown
  readonly ref: Ref
}

const role = z.object({ rules: policyRules })
const binding = z.object({ roleRef, subjects })

const clusterScoped: ReadonlySet<string> = new Set(['ClusterRole', 'ClusterRoleBinding', 'Namespace'])

export interface ReadingOptions {
  /** Of an object that names none; `default`, as kubectl has it. */
  readonly namespace?: string
  /** Where an object was found, before a remark about it: `shop.yaml:12: `. */
  readonly placeOf?: (object: unknown) => string
}

/**
 * Lists are their items; an object that stands twice counts as it stands last, as `kubectl apply` has it. Never throws: an
 * object of which nothing can be made is a remark.
 */
export function readObjects(all: readonly unknown[], options: ReadingOptions = {}): ReadObjects {
  const { namespace = 'default', placeOf = () => '' } = options
  const reading = new Reading(placeOf)
  const entries = new Map<string, Entry>()
  for (const { object } of all.flatMap((each) => listItems(each))) {
    const parsed = head.safeParse(object)
    if (parsed.success) {
      const entry = { head: parsed.data, object, ref: refOf(parsed.data, namespace) }
      const key = `${groupOf(entry.head)} ${entry.ref.kind} ${entry.ref.namespace} ${entry.ref.name}`
      entries.delete(key)
      entries.set(key, entry)
    } else reading.remarks.push(`${placeOf(object)}${notAnObject}`)
  }
  return { objects: reading.objectsOf([...entries.values()]), remarks: reading.remarks }
}

const notAnObject =
  'no object of Kubernetes, since kind or metadata.name is missing, and left out; write them, or take the document out'

class Reading {
  readonly remarks: string[] = []
  readonly #placeOf: (object: unknown) => string

  constructor(placeOf: (object: unknown) => string) {
    this.#placeOf = placeOf
  }

  objectsOf(entries: readonly Entry[]): MeshObjects {
    const each = <S extends z.ZodType>(group: string, kind: string, spec: S): Read<z.output<S>>[] =>
      kindOf(entries, group, kind).flatMap((entry) => this.#specOf(entry, spec))
    const [networking, security] = ['networking.istio.io', 'security.istio.io']
    const gatewayApi = 'gateway.networking.k8s.io'
    return {
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
      ...this.#core(entries),
    }
  }

  #core(
    entries: readonly Entry[],
  ): Pick<MeshObjects, 'secrets' | 'pods' | 'roles' | 'bindings' | 'namespaces'> {
    const rights = 'rbac.authorization.k8s.io'
    return {
      secrets: kindOf(entries, '', 'Secret').flatMap((entry) => this.#secretOf(entry)),
      pods: [
        ...kindOf(entries, '', 'Pod').flatMap((entry) => this.#podsOf(entry, podFacts)),
        ...[...workloadKinds].flatMap((kind) =>
          kindOf(entries, 'apps', kind).flatMap((entry) => this.#podsOf(entry, templateFacts)),
        ),
      ],
      roles: ['Role', 'ClusterRole'].flatMap((kind) =>
        kindOf(entries, rights, kind).flatMap((entry): RoleFacts[] =>
          this.#wholeOf(entry, role).map(({ rules }) => ({ ref: entry.ref, rules })),
        ),
      ),
      bindings: ['RoleBinding', 'ClusterRoleBinding'].flatMap((kind) =>
        kindOf(entries, rights, kind).flatMap((entry): BindingFacts[] =>
          this.#wholeOf(entry, binding).map(({ roleRef, subjects }) => ({
            ...{ ref: entry.ref, role: roleRef, subjects },
          })),
        ),
      ),
      namespaces: kindOf(entries, '', 'Namespace').map(({ head: { metadata } }) => ({
        ...{ name: metadata.name, labels: metadata.labels },
      })),
    }
  }

  #specOf<S extends z.ZodType>(entry: Entry, spec: S): Read<z.output<S>>[] {
    const parsed = spec.safeParse(entry.head.spec ?? {})
    if (parsed.success) return [readOf(entry, parsed.data)]
    return this.#leftOut(entry, ['spec', ...placeOf(parsed.error)].join('.'))
  }

  #wholeOf<S extends z.ZodType>(entry: Entry, schema: S): z.output<S>[] {
    const parsed = schema.safeParse(entry.object)
    return parsed.success ? [parsed.data] : this.#leftOut(entry, placeOf(parsed.error).join('.'))
  }

  #podsOf(entry: Entry, factsOf: typeof podFacts): readonly PodFacts[] {
    const facts = factsOf(entry.object, entry.ref)
    return typeof facts === 'string' ? this.#leftOut(entry, facts) : facts
  }

  #secretOf(entry: Entry): SecretFacts[] {
    const facts = secretFacts(entry.object, entry.ref)
    return facts ? [facts] : this.#leftOut(entry, 'data')
  }

  #leftOut({ object, ref: { kind, namespace, name } }: Entry, place: string): never[] {
    const where = namespace === '' ? name : `${namespace}/${name}`
    const fix = `${place} is not what Kubernetes takes there; kubectl explain ${kind.toLowerCase()} tells what is`
    this.remarks.push(`${this.#placeOf(object)}${kind} ${where} is left out: ${fix}`)
    return []
  }
}

function kindOf(entries: readonly Entry[], group: string, kind: string): readonly Entry[] {
  return entries.filter(({ head }) => head.kind === kind && groupOf(head) === group)
}

function placeOf(error: z.ZodError): string[] {
  return (error.issues[0]?.path ?? []).map(String)
}

function groupOf({ apiVersion }: Head): string {
  return apiVersion.includes('/') ? (apiVersion.split('/', 1)[0] ?? '') : ''
}

function refOf({ kind, metadata: { namespace, name } }: Head, usual: string): Ref {
  return { kind, name, namespace: clusterScoped.has(kind) ? '' : namespace || usual }
}

function readOf<Spec>({ head, ref }: Entry, spec: Spec): Read<Spec> {
  const { labels, annotations, creationTimestamp } = head.metadata
  const createdAt = Date.parse(creationTimestamp ?? '')
  return { ref, labels, annotations, spec, ...(createdAt > 0 && { createdAt }) }
}
