/** Hosts of Gateways and VirtualServices: exact, `*.example.com` or `*`. Pure. */

/** Whether every name of `inner` is one of `outer`; both lower case. */
export function covers(outer: string, inner: string): boolean {
  if (outer === '*' || outer === inner) return true
  return outer.startsWith('*.') && inner.endsWith(outer.slice(1)) && inner.length >= outer.length
}

/** What both have: the narrower of the two; undefined when they have nothing in common. */
export function common(one: string, other: string): string | undefined {
  if (covers(one, other)) return other
  return covers(other, one) ? one : undefined
}

/** Of the patterns that cover the host the one that Envoy takes: the name itself, else the longest. */
export function narrowest(patterns: readonly string[], host: string): string | undefined {
  const covering = patterns.filter((pattern) => covers(pattern, host))
  return covering.sort((one, other) => weight(other, host) - weight(one, host))[0]
}

const weight = (pattern: string, host: string) => (pattern === host ? Infinity : pattern.length)

/** Hosts of a server that a VirtualService of that namespace may have; `./` is the Gateway's own namespace. */
export function hostsForNamespace(hosts: readonly string[], gateway: string, namespace: string): string[] {
  return hosts.flatMap((written) => {
    const slash = written.indexOf('/')
    const from = slash < 0 ? '*' : written.slice(0, slash)
    const owner = from === '.' ? gateway : from
    return owner === '*' || owner === namespace ? [bare(written)] : []
  })
}

/** `shop/Book.example.com` → `book.example.com`. */
export function bare(written: string): string {
  return written.slice(written.indexOf('/') + 1).toLowerCase()
}
