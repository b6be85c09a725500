/** What the public server needs of the configuration. Pure. */
import type { Config } from '../config/schema.ts'
import type { PublicSettings } from '../http/public.ts'

/** `internalHost`: the name by which a worker asks this responder (src/kube/responders.ts), where there is one. */
export function publicSettings(config: Config, internalHost?: string): PublicSettings {
  const { certificates, redirect, listeners } = config
  return {
    listener: listeners.public,
    redirect,
    configuredHosts: certificates.flatMap(({ domains }) => domains),
    statuses: new Map(
      certificates.flatMap(({ domains, redirect: own }) => {
        const status = own?.status
        return status === undefined ? [] : domains.map((domain) => [domain, status] as const)
      }),
    ),
    internalHost,
  }
}
