/** What the public server needs of the configuration. Pure. */
import type { Config } from '../config/schema.ts'
import type { PublicSettings } from '../http/public.ts'

/**
 * `internalHost`: the name by which a worker asks this responder (src/kube/responders.ts), where there is one. `heard`:
 * hosts beside those of the configuration (src/serve/heard-hosts.ts).
 */
export function publicSettings(
  config: Config,
  internalHost?: string,
  heard: readonly string[] = [],
): PublicSettings {
  const { certificates, redirect, listeners } = config
  return {
    listener: listeners.public,
    redirect,
    configuredHosts: [...certificates.flatMap(({ domains }) => domains), ...heard],
    statuses: new Map(
      certificates.flatMap(({ domains, redirect: own }) => {
        const status = own?.status
        return status === undefined ? [] : domains.map((domain) => [domain, status] as const)
      }),
    ),
    internalHost,
  }
}
