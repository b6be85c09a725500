/** The Secrets that certificates of the file are for, and what an object may still say about those. Pure. */
import { formatDuration, parseDuration } from '../config/duration.ts'
import type { CertificateConfig, Config } from '../config/schema.ts'
import type { Wishes } from './claim.ts'
import type { LocatedClaim, Problem } from './located-claim.ts'
import { contradiction } from './secret-group.ts'

/** The certificate of the file that writes a Secret of this claim, if one does. */
export function configuredFor(claim: LocatedClaim, config: Config): CertificateConfig | undefined {
  return config.certificates.find((certificate) =>
    (certificate.destinations ?? config.destinations).some(({ secret }) => {
      if (!secret || (secret.name ?? certificate.name) !== claim.secret) return false
      return secret.gateway.namespaces.some((each) => claim.namespaces.includes(each))
    }),
  )
}

/** The file comes first: an object that wants no more than it gives is content, any other has a conflict. */
export function besideConfigured(claim: LocatedClaim, certificate: CertificateConfig): Problem {
  const by = `certificate ${certificate.name} of the configuration file`
  const missing = claim.domains.filter((each) => !certificate.domains.includes(each))
  if (missing.length > 0) {
    const names =
      missing.slice(0, 3).join(', ') + (missing.length > 3 ? ` and ${missing.length - 3} more` : '')
    return { state: 'conflict', detail: `its Secret is that of ${by}, which lacks ${names}` }
  }
  const different = contradiction(normal(claim.wishes), wishesOf(certificate))
  if (different === undefined) return { state: 'configured', detail: `its Secret is that of ${by}` }
  const { annotation, own, other } = different
  return {
    state: 'conflict',
    detail: `wants ${annotation} ${own}, and ${by}, which has the Secret, ${other}`,
  }
}

/** The settings of the file as the annotations would say them. */
function wishesOf({
  issuer,
  fallbackIssuer,
  profile,
  keyType,
  redirect,
  renewal,
}: CertificateConfig): Wishes {
  return {
    issuer,
    fallbackIssuer: fallbackIssuer ?? 'none',
    profile: profile ?? 'the one of the issuer',
    keyType,
    redirectStatus: String(redirect?.status ?? 'the one of the file'),
    renewBefore: renewal.renewBefore === undefined ? 'left to the CA' : formatDuration(renewal.renewBefore),
  }
}

/** `48h` and `2d` are one wish. */
function normal(wishes: Wishes): Wishes {
  const ms = parseDuration(wishes.renewBefore ?? '')
  return ms === undefined ? wishes : { ...wishes, renewBefore: formatDuration(ms) }
}
