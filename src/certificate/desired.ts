/** Configuration → the certificates that are wanted. Pure. */
import { createHash } from 'node:crypto'
import { resolveIssuer } from '../config/known-issuers.ts'
import type { CertificateConfig, Config, DestinationConfig } from '../config/schema.ts'
import type { Desired } from './certificate.ts'

/** One Desired a certificate, in the order of the file. The configuration has been checked: every issuer resolves. */
export function desiredOf(config: Config): Desired[] {
  return config.certificates.map((certificate) => desired(certificate, config))
}

function desired(certificate: CertificateConfig, config: Config): Desired {
  const { name, domains, issuer, fallbackIssuer, keyType, reuseKey, renewal, redirect } = certificate
  const profiles: Record<string, string> = {}
  const directories: Record<string, string> = {}
  const issuers = [issuer, ...(fallbackIssuer === undefined ? [] : [fallbackIssuer])].map((each) =>
    resolveIssuer(config, each),
  )
  for (const each of issuers) {
    directories[each.name] = each.directory
    // The certificate's own profile is for its first issuer; the fallback may not know it.
    const profile = each.name === issuer ? (certificate.profile ?? each.profile) : each.profile
    if (profile !== undefined) profiles[each.name] = profile
  }
  return {
    name,
    domains,
    issuer,
    ...(fallbackIssuer !== undefined && { fallbackIssuer }),
    keyType,
    reuseKey,
    profiles,
    directories,
    renewal: {
      ari: renewal.ari,
      ...(renewal.renewBefore !== undefined && { renewBefore: renewal.renewBefore }),
    },
    ...(redirect?.status !== undefined && { redirectStatus: redirect.status }),
    // Hashed, so that an EAB key can be part of it. Destinations and renewal times mend no failed order: left out.
    fingerprint: createHash('sha256')
      .update(JSON.stringify([domains, keyType, reuseKey, profiles, issuers]))
      .digest('hex')
      .slice(0, 16),
  }
}

/** Destinations per certificate name; a folder or a Secret that stands twice counts once. */
export function destinationsOf(config: Config): Map<string, readonly DestinationConfig[]> {
  return new Map(
    config.certificates.map((certificate) => {
      const all = certificate.destinations ?? config.destinations
      return [certificate.name, [...new Map(all.map((each) => [placeOf(each), each])).values()]]
    }),
  )
}

function placeOf({ directory, secret }: DestinationConfig): string {
  return directory ?? JSON.stringify(secret)
}
