/**
 * What objects of the cluster ask for, kept up to date: Gateways and ReferenceGrants are watched, pods are looked up. The
 * result is a View; what follows from it is decided by discover().
 */
import type { DiscoveryConfig } from '../config/discovery-schema.ts'
import type { KubeClient } from '../kube/client.ts'
import { namespacesOf } from '../kube/gateway-pod.ts'
import { findGatewayPods } from '../kube/gateways.ts'
import type { CustomObject } from '../kube/object.ts'
import { readApiGateway } from './api-gateway.ts'
import type { ObjectRef, Reading } from './claim.ts'
import { readIstioGateway } from './istio-gateway.ts'
import { PodNamespaces, type FindNamespaces } from './pod-namespaces.ts'
import { readGrants, type Grant } from './reference-grant.ts'
import { emptyView, type View } from './view.ts'
import { WatchedKind, type WatchedResource } from './watched-kind.ts'
import { isAddressed, readWishes } from './wishes.ts'

export interface DiscoverySourceOptions {
  readonly client: KubeClient
  readonly settings: DiscoveryConfig
  /** The view is another one now. Called at most once in `debounceMs`, never before every kind was listed or refused. */
  readonly onChange: (view: View) => void
  /** Left out: the pods are listed where `settings.gateway` says. */
  readonly findNamespaces?: FindNamespaces
  /** Changes of this many milliseconds become one. */
  readonly debounceMs?: number
  /** How often pods are looked up, in milliseconds; those of a new selector are at once. */
  readonly lookEveryMs?: number
  /** A bug of ours while looking; the last view stays. */
  readonly failed?: (error: unknown) => void
}

export interface DiscoverySource {
  /** The last; empty before the first. It stays as it is while the API server cannot be asked. */
  view(): View
  /** Ends the watches; what is wanted stays wanted, and nothing is deleted. */
  stop(): Promise<void>
}

/** Starts at once. Never gives up. */
export function discoverySource(options: DiscoverySourceOptions): DiscoverySource {
  return new Source(options)
}

const defaultDebounceMs = 250
const defaultLookEveryMs = 15_000

class Source implements DiscoverySource {
  readonly #options: DiscoverySourceOptions
  readonly #objects: readonly WatchedKind<Reading>[]
  readonly #grants: readonly WatchedKind<readonly Grant[]>[]
  readonly #pods: PodNamespaces
  readonly #every: NodeJS.Timeout
  #view = emptyView
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> = Promise.resolve()
  #lookAgain = false
  #told: string | undefined
  #stopped = false

  constructor(options: DiscoverySourceOptions) {
    this.#options = options
    const { client, settings, lookEveryMs = defaultLookEveryMs } = options
    this.#pods = new PodNamespaces(options.findNamespaces ?? finder(client, settings))
    const { istio, gatewayApi, gateway } = settings
    this.#objects = [
      ...this.#watch('gateways.networking.istio.io', istio?.namespaces, (object) =>
        managed(object, 'istio', (ref) => readIstioGateway(object, ref, gateway.selector)),
      ),
      ...this.#watch('gateways.gateway.networking.k8s.io', gatewayApi?.namespaces, (object) =>
        managed(object, 'gatewayApi', (ref) => readApiGateway(object, ref, gateway.selector)),
      ),
    ]
    this.#grants = this.#watch(
      'referencegrants.gateway.networking.k8s.io',
      gatewayApi?.namespaces,
      readGrants,
    )
    this.#every = setInterval(() => {
      this.#lookAgain = true
      this.#soon()
    }, lookEveryMs)
    this.#every.unref()
  }

  view(): View {
    return this.#view
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#every)
    clearTimeout(this.#timer)
    await Promise.all([...this.#objects, ...this.#grants].map((each) => each.stop()))
    await this.#looking
  }

  #watch<T>(
    resource: WatchedResource,
    namespaces: 'all' | readonly string[] | undefined,
    read: (object: CustomObject) => T | undefined,
  ): WatchedKind<T>[] {
    const { client } = this.#options
    const places = namespaces === 'all' ? [undefined] : [...new Set(namespaces ?? [])]
    return places.map(
      (namespace) => new WatchedKind({ client, resource, namespace, read, changed: () => this.#soon() }),
    )
  }

  /** Not put off by the next change: a cluster in which something changes all the time is looked at as well. */
  #soon(): void {
    if (this.#timer !== undefined || this.#stopped) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#looking = this.#looking.then(() => this.#look()).catch((error) => this.#options.failed?.(error))
    }, this.#options.debounceMs ?? defaultDebounceMs)
  }

  async #look(): Promise<void> {
    const kinds = [...this.#objects, ...this.#grants]
    if (this.#stopped || !kinds.every((each) => each.answered())) return
    const readings = this.#objects.flatMap((each) => each.values())
    const again = this.#lookAgain
    this.#lookAgain = false
    const view: View = {
      readings,
      pods: await this.#pods.look(readings, again),
      grants: this.#grants.flatMap((each) => each.values().flat()),
      unreadable: kinds.flatMap((each) => each.unreadable() ?? []),
    }
    const text = JSON.stringify([view, [...view.pods]])
    if (text === this.#told || this.#stopped) return
    this.#told = text
    this.#view = view
    this.#options.onChange(view)
  }
}

function managed(
  object: CustomObject,
  source: ObjectRef['source'],
  read: (ref: ObjectRef) => Reading,
): Reading | undefined {
  const { name, namespace, uid, creationTimestamp = '' } = object.metadata
  if (name === undefined || namespace === undefined || !isAddressed(object.metadata)) return undefined
  const createdAt = Date.parse(creationTimestamp) || 0
  const ref: ObjectRef = { source, namespace, name, createdAt, ...(uid !== undefined && { uid }) }
  const { faults } = readWishes(object.metadata)
  return faults.length > 0 ? { object: ref, claims: [], notes: [], faults } : read(ref)
}

function finder(client: KubeClient, { gateway: { namespaces = [] } }: DiscoveryConfig): FindNamespaces {
  return async (selector) => namespacesOf(await findGatewayPods(client, { selector, namespaces }), [])
}
