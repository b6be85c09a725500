/** Hostnames of HTTPRoutes and listeners: exact or `*.example.com`; none means every host. Pure. */
import { covers, narrowest } from '../istio/host-pattern.ts'

/** Of the names those that take the host, the narrowest; `*` for none at all; undefined: not for this host. */
export function hostnameFor(hostnames: readonly string[], host: string): string | undefined {
  if (hostnames.length === 0) return '*'
  return narrowest(
    hostnames.map((name) => name.toLowerCase()),
    host,
  )
}

/** How much of the host a pattern says: of two routes for it the one that says more has it. */
export function weightOf(pattern: string, host: string): number {
  if (pattern === host) return Infinity
  return covers(pattern, host) ? pattern.length : 0
}
