/** By which names a CA goes in CAA records. Pure. */
import type { Config } from '../config/schema.ts'
import { findIssuer } from '../config/known-issuers.ts'

/** ZeroSSL's certificates are Sectigo's, which goes on honouring the names of Comodo. */
const sectigo = [
  'sectigo.com',
  'zerossl.com',
  'trust-provider.com',
  'usertrust.com',
  'comodo.com',
  'comodoca.com',
]

/**
 * As the CAs' documentation names them, older names included: one too few would accuse a good record. A CA that is not
 * here is named by `caaIdentities` of the issuer, or not judged.
 */
const published: Readonly<Record<string, readonly string[]>> = {
  'acme-v02.api.letsencrypt.org': ['letsencrypt.org'],
  'acme-staging-v02.api.letsencrypt.org': ['letsencrypt.org'],
  'dv.acme-v02.api.pki.goog': ['pki.goog'],
  'acme.zerossl.com': sectigo,
  'acme.ssl.com': ['ssl.com'],
}

/** Undefined where nobody knows. */
export function caaIdentitiesOf(
  config: Pick<Config, 'issuers'>,
  issuer: string,
): readonly string[] | undefined {
  const own = Object.hasOwn(config.issuers, issuer) ? config.issuers[issuer]?.caaIdentities : undefined
  if (own) return own
  const directory = findIssuer(config, issuer)?.directory
  return directory === undefined ? undefined : published[new URL(directory).hostname]
}
