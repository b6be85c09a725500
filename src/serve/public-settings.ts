/** What the public server needs of the configuration. Pure. */
import type { Config } from '../config/schema.ts'
import type { PublicSettings } from '../http/public.ts'
import type { RedirectStatus } from '../http/redirect.ts'

/** A host that only the leader knows of (src/serve/heard-hosts.ts). */
export interface HeardHost {
  readonly host: string
  /** Of its own, where it has one. */
  readonly status?: RedirectStatus
}

/**
 * `internalHost`: the name by which a worker asks this responder (src/kube/responders.ts), where there is one. `heard`:
 * hosts beside those of the configuration; what the configuration says of a host goes before what was heard.
 */
export function publicSettings(
  config: Config,
  internalHost?: string,
  heard: readonly HeardHost[] = [],
): PublicSettings {
  const { certificates, redirect, listeners } = config
  const own = certificates.flatMap(({ domains, redirect: { status } = {} }) =>
    domains.map((host): HeardHost => (status === undefined ? { host } : { host, status })),
  )
  return {
    listener: listeners.public,
    redirect,
    configuredHosts: [...own, ...heard].map(({ host }) => host),
    statuses: statusesOf([...heard, ...own]),
    internalHost,
  }
}

/** Of a host that stands twice, the last one. */
function statusesOf(hosts: readonly HeardHost[]): ReadonlyMap<string, RedirectStatus> {
  return new Map(hosts.flatMap(({ host, status }) => (status === undefined ? [] : [[host, status] as const])))
}
