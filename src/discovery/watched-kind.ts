/** One kind of object in one namespace (or all), kept true by a watch; what was seen last stays while it cannot be read. */
import type { KubeClient } from '../kube/client.ts'
import type { CustomObject } from '../kube/object.ts'
import { watchObjects, type Watch } from '../kube/watch.ts'
import { wordsForEnd, type WatchEnd } from '../kube/watch-end.ts'
import type { Unreadable } from './view.ts'

export type WatchedResource =
  | 'gateways.networking.istio.io'
  | 'gateways.gateway.networking.k8s.io'
  | 'referencegrants.gateway.networking.k8s.io'

const words: Readonly<Record<WatchedResource, string>> = {
  'gateways.networking.istio.io': 'Gateways of Istio',
  'gateways.gateway.networking.k8s.io': 'Gateways of the Gateway API',
  'referencegrants.gateway.networking.k8s.io': 'ReferenceGrants of the Gateway API',
}

export interface WatchedKindOptions<T> {
  readonly client: KubeClient
  readonly resource: WatchedResource
  /** Undefined: all. */
  readonly namespace: string | undefined
  /** What is kept of an object; undefined: nothing. Never throws. */
  readonly read: (object: CustomObject) => T | undefined
  readonly changed: () => void
}

export class WatchedKind<T> {
  readonly #options: WatchedKindOptions<T>
  readonly #watch: Watch
  readonly #known = new Map<string, T>()
  #unreadable: Unreadable | undefined
  #answered = false

  constructor(options: WatchedKindOptions<T>) {
    this.#options = options
    const { client, resource, namespace } = options
    this.#watch = watchObjects({
      client,
      at: { resource, namespace },
      listed: (items) => {
        this.#known.clear()
        for (const each of items) this.#put(each)
        this.#tell(undefined)
      },
      changed: ({ type, object }) => {
        const concerns = type === 'DELETED' ? this.#known.delete(keyOf(object)) : this.#put(object)
        if (concerns) options.changed()
      },
      ended: (end) => this.#ended(end),
    })
  }

  values(): T[] {
    return [...this.#known.values()]
  }

  unreadable(): Unreadable | undefined {
    return this.#unreadable
  }

  /** It was listed, or it is known why not. */
  answered(): boolean {
    return this.#answered
  }

  stop(): Promise<void> {
    return this.#watch.stop()
  }

  /** False: it is and was none of ours. */
  #put(object: CustomObject): boolean {
    const value = this.#options.read(object)
    if (value === undefined) return this.#known.delete(keyOf(object))
    this.#known.set(keyOf(object), value)
    return true
  }

  /** An end that the next list mends at once is no news. */
  #ended(end: WatchEnd): void {
    if (end.end === 'failed' && end.failure.kind !== 'gone') this.#tell(this.#whyUnreadable(end))
    else if (end.end === 'refused') this.#tell(this.#whyUnreadable(end))
  }

  #whyUnreadable(end: WatchEnd): Unreadable {
    const { resource, namespace } = this.#options
    const what = words[resource] + (namespace === undefined ? '' : ` in namespace ${namespace}`)
    // A server that has just started answers 404 for a kind as well, so that nothing is forgotten for one.
    if (end.end === 'failed' && end.failure.kind === 'notFound') {
      const detail =
        'this cluster has no such kind (its CustomResourceDefinition is not installed); looked for again'
      return { what, state: 'absent', detail }
    }
    return { what, state: 'unreadable', detail: `${wordsForEnd(end)}; what was seen before still counts` }
  }

  #tell(unreadable: Unreadable | undefined): void {
    this.#answered = true
    this.#unreadable = unreadable
    this.#options.changed()
  }
}

function keyOf({ metadata }: CustomObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}`
}
