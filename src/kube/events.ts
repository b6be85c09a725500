/**
 * Tells Events. Takes the rights to create and to patch events in the namespace of the object, and no right to read them:
 * the count of one that is there is in the answer to a patch.
 */
import type { ApiFailure } from './api-failure.ts'
import type { KubeClient } from './client.ts'
import { againPatch, eventName, newEvent, spent, type Budget } from './events-object.ts'
import type { News } from './events-of-change.ts'
import type { ObjectAt } from './resource-path.ts'
import type { ObjectReference } from './reporter.ts'

export interface EventTellerOptions {
  readonly client: KubeClient
  /** Who saw it: the name of the pod. */
  readonly instance: string
  /** Epoch ms. */
  readonly now?: () => number
}

export interface EventTeller {
  /** The failure, when it could not be told. Never rejects. An object that was told too much lately is told nothing. */
  tell(object: ObjectReference, news: News): Promise<ApiFailure | undefined>
}

export function eventTeller(options: EventTellerOptions): EventTeller {
  return new Teller(options)
}

/** Of objects and of Events; what is forgotten costs one request more. */
const longestMemory = 20_000

class Teller implements EventTeller {
  readonly #options: EventTellerOptions
  readonly #budgets = new Map<string, Budget>()
  /** Event → how often it was told so far, as the API server has it. */
  readonly #counts = new Map<string, number>()
  /** Event → how often it was not told, for want of budget. */
  readonly #untold = new Map<string, number>()

  constructor(options: EventTellerOptions) {
    this.#options = options
  }

  async tell(object: ObjectReference, news: News): Promise<ApiFailure | undefined> {
    const name = eventName(object, news.reason)
    const at: ObjectAt<'events'> = { resource: 'events', namespace: object.namespace, name }
    const key = `${object.namespace}/${name}`
    if (!this.#maySpend(`${object.kind} ${object.namespace}/${object.name}`)) {
      this.#untold.set(key, (this.#untold.get(key) ?? 0) + 1)
      return undefined
    }
    const more = 1 + (this.#untold.get(key) ?? 0)
    const failure = await this.#again(at, { key, news, more })
    const last = failure?.kind === 'notFound' ? await this.#first(at, { key, object, news, more }) : failure
    if (last === undefined) this.#untold.delete(key)
    return last
  }

  async #again(
    at: ObjectAt<'events'>,
    { key, news, more }: { key: string; news: News; more: number },
  ): Promise<ApiFailure | undefined> {
    const { client, now = Date.now } = this.#options
    const known = this.#counts.get(key)
    const patch = againPatch(news, now())
    const reply = await client.merge(
      at,
      known === undefined ? { ...patch } : { ...patch, count: known + more },
    )
    if ('failure' in reply) {
      this.#counts.delete(key)
      return reply.failure
    }
    this.#remember(key, reply.ok.count ?? 1)
    // Told by the leader before us: how often, its answer says.
    return known === undefined ? this.#again(at, { key, news, more }) : undefined
  }

  async #first(
    at: ObjectAt<'events'>,
    { key, object, news, more }: { key: string; object: ObjectReference; news: News; more: number },
  ): Promise<ApiFailure | undefined> {
    const { client, instance, now = Date.now } = this.#options
    const reply = await client.create(at, newEvent(object, news, { at: now(), count: more, instance }))
    if ('failure' in reply) return reply.failure
    this.#remember(key, more)
    return undefined
  }

  #remember(key: string, count: number): void {
    if (this.#counts.size >= longestMemory) this.#counts.clear()
    this.#counts.set(key, count)
  }

  #maySpend(object: string): boolean {
    const left = spent(this.#budgets.get(object), performance.now())
    if (left === undefined) return false
    if (this.#budgets.size >= longestMemory) this.#budgets.clear()
    this.#budgets.set(object, left)
    return true
  }
}
