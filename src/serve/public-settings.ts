/** What the public server needs of the configuration. Pure. */
import type { Config } from '../config/schema.ts'
import type { PublicSettings } from '../http/public.ts'

export function publicSettings(config: Config): PublicSettings {
  return {
    listener: config.listeners.public,
    redirect: config.redirect,
    configuredHosts: config.certificates.flatMap((certificate) => certificate.domains),
  }
}
