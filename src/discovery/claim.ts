/** What an object of the cluster asks for, as plain data. Pure. */
/** The object that asks; names are the API server's, and so are their bounds (at most 253 characters). */
export interface ObjectRef {
  readonly source: 'istio' | 'gatewayApi'
  readonly namespace: string
  readonly name: string
  /** Of the object itself, for Events on it. */
  readonly uid?: string
  /** Epoch milliseconds: of two that want different things, the older one wins. */
  readonly createdAt: number
}

/** The annotations of an object, as written. What is absent is no wish at all, not the default. */
export interface Wishes {
  readonly issuer?: string
  readonly fallbackIssuer?: string
  readonly profile?: string
  readonly keyType?: string
  readonly redirectStatus?: string
  readonly renewBefore?: string
}

/** Whose pods serve the certificate, and in which namespace the gateway looks for its Secret. */
export type Place =
  /** Istio: in the namespaces of the pods, whatever namespace the Gateway is in. */
  | { readonly by: 'pods'; readonly selector: Readonly<Record<string, string>> }
  /** Gateway API: where the reference says. */
  | {
      readonly by: 'reference'
      readonly namespace: string
      readonly selector: Readonly<Record<string, string>>
    }

/** One Secret that one object wants filled. */
export interface Claim {
  readonly secret: string
  readonly place: Place
  /** Valid identifiers, lower case, each once; at least one. */
  readonly domains: readonly string[]
  readonly wishes: Wishes
}

/** One managed object, read. */
export interface Reading {
  readonly object: ObjectRef
  readonly claims: readonly Claim[]
  /** What is left out, and why: the rest is wanted. */
  readonly notes: readonly string[]
  /** What is wrong with the object: nothing of it is wanted until that is mended. */
  readonly faults: readonly string[]
}

/** `Istio Gateway shop/web`, `Gateway shop/web`. */
export function wordsFor({ source, namespace, name }: ObjectRef): string {
  return `${source === 'istio' ? 'Istio Gateway' : 'Gateway'} ${namespace}/${name}`
}

/** One text for equal selectors, whatever the order of their labels. */
export function selectorKey(selector: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(selector).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** A text of the cluster in a message of ours: printable and short. */
export function shown(text: string): string {
  const plain = text.slice(0, 400).replace(/[^\x20-\x7e]/g, '?')
  return JSON.stringify(plain.length > 80 ? `${plain.slice(0, 79)}…` : plain)
}
