/** What is seen of the cluster at one moment, as plain data. Pure. */
import type { Reading } from './claim.ts'
import type { Grant } from './reference-grant.ts'

/** Where the pods of a selector run: looked up, not yet found, or not to be looked up. */
export type Pods =
  | { readonly namespaces: readonly string[] }
  /** One line for people. */
  | { readonly fault: string }

/** A kind of object that cannot be read at the moment; what was seen of it before still counts. */
export interface Unreadable {
  /** `Gateways of Istio`, and the namespace where it is one of several. */
  readonly what: string
  /** absent: the API server has no such kind, the CustomResourceDefinition is not installed. */
  readonly state: 'absent' | 'unreadable'
  readonly detail: string
}

export interface View {
  /** Managed objects. */
  readonly readings: readonly Reading[]
  /** By selectorKey. */
  readonly pods: ReadonlyMap<string, Pods>
  readonly grants: readonly Grant[]
  readonly unreadable: readonly Unreadable[]
}

export const emptyView: View = { readings: [], pods: new Map(), grants: [], unreadable: [] }
