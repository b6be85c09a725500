/**
 * Where the requests of a host come in: the pods of a gateway in one namespace, as far as they are known. Pure.
 * A selector alone says less than pods do: two selectors with other keys may well mean the same pods.
 */
import type { LintScope, MeshObjects, PodFacts } from '../objects.ts'

export interface Edge {
  /** Labels by which the configuration finds the pods; undefined where nobody said. */
  readonly selector?: Readonly<Record<string, string>>
  /** Of the pods; undefined where unknown. */
  readonly namespace?: string
  /** Undefined where pods were not looked at. */
  readonly pods?: readonly PodFacts[]
}

type Labels = Readonly<Record<string, string>>

/** Whether pods of the edge have these labels. `unknown`: nothing speaks against it, nothing proves it. */
export type Landing = 'yes' | 'no' | 'unknown'

export function edgesOf(host: string, { pods }: MeshObjects, { managed, whole }: LintScope): Edge[] {
  const secrets = managed.certificates.flatMap(({ hosts, secrets }) => (hosts.includes(host) ? secrets : []))
  const edges = secrets.flatMap(({ selector, namespaces }): Edge[] => {
    if (selector === undefined) return [{}]
    const found = whole.has('pods') ? pods.filter(({ labels }) => isSubset(selector, labels)) : []
    const places = new Set([...namespaces, ...found.map(({ ref }) => ref.namespace)])
    if (places.size === 0) return [{ selector }]
    return [...places].map((namespace) => {
      const here = found.filter(({ ref }) => ref.namespace === namespace)
      return { selector, namespace, ...(here.length > 0 && { pods: here }) }
    })
  })
  const unlike = new Map(edges.map((edge) => [keyOf(edge), edge]))
  return unlike.size > 0 ? [...unlike.values()] : [{}]
}

export function landing(selector: Labels, edge: Edge): Landing {
  if (Object.keys(selector).length === 0) return 'yes'
  if (edge.pods) return edge.pods.some(({ labels }) => isSubset(selector, labels)) ? 'yes' : 'no'
  const known = edge.selector
  if (known === undefined) return 'unknown'
  if (isSubset(selector, known)) return 'yes'
  return Object.entries(selector).some(([key, value]) => key in known && known[key] !== value)
    ? 'no'
    : 'unknown'
}

export function isSubset(part: Labels, whole: Labels): boolean {
  return Object.entries(part).every(([key, value]) => whole[key] === value)
}

function keyOf({ selector = {}, namespace = '' }: Edge): string {
  return JSON.stringify([namespace, Object.entries(selector).sort()])
}
