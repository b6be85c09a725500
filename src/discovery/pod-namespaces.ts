/**
 * In which namespaces the pods of each selector run, remembered: a gateway that is rolled has no pod for a moment, and an
 * API server that is away has no answer, and for neither is a certificate dropped.
 */
import { Port80Failure } from '../reason.ts'
import { selectorKey, type Reading } from './claim.ts'
import type { Pods } from './view.ts'

/** Namespaces of the pods that have these labels now, each once. Throws Port80Failure when they cannot be listed. */
export type FindNamespaces = (selector: Readonly<Record<string, string>>) => Promise<readonly string[]>

/** More selectors than this at a time would be a burst on the API server. */
const atOnce = 4

export class PodNamespaces {
  readonly #find: FindNamespaces
  #known: ReadonlyMap<string, Pods> = new Map()

  constructor(find: FindNamespaces) {
    this.#find = find
  }

  /** For every selector of these; with `again` also for those that were looked up before. One call after another. */
  async look(readings: readonly Reading[], again: boolean): Promise<ReadonlyMap<string, Pods>> {
    const selectors = new Map(
      readings.flatMap(({ claims }) =>
        claims.flatMap(({ place }) =>
          place.by === 'pods' ? [[selectorKey(place.selector), place.selector]] : [],
        ),
      ) as [string, Readonly<Record<string, string>>][],
    )
    const left = [...selectors]
    const found = new Map<string, Pods>()
    const worker = async () => {
      for (let next = left.shift(); next; next = left.shift()) {
        const [key, selector] = next
        const known = again ? undefined : this.#known.get(key)
        found.set(key, known ?? this.#keep(key, await this.#lookFor(selector)))
      }
    }
    await Promise.all(Array.from({ length: atOnce }, worker))
    this.#known = found
    return found
  }

  async #lookFor(selector: Readonly<Record<string, string>>): Promise<Pods> {
    try {
      return { namespaces: [...(await this.#find(selector))].sort() }
    } catch (error) {
      if (!(error instanceof Port80Failure)) throw error
      return { fault: error.failure.detail }
    }
  }

  #keep(key: string, found: Pods): Pods {
    const before = this.#known.get(key)
    const hadPods = before !== undefined && 'namespaces' in before && before.namespaces.length > 0
    const hasPods = 'namespaces' in found && found.namespaces.length > 0
    return hadPods && !hasPods ? before : found
  }
}
