/** A wish, checked by the very schema and rules that the configuration file is checked by. Pure. */
import { certificateFindings } from '../config/certificate-checks.ts'
import { explain } from '../config/explain.ts'
import { formatPath, type Finding } from '../config/fault.ts'
import { configSchema, type CertificateConfig, type Config } from '../config/schema.ts'
import { faultyPlaces, sketchOf } from '../config/sketch.ts'
import { shown, type Wishes } from './claim.ts'
import { wishAnnotations } from './wishes.ts'

/** Identifiers in one certificate, as in the file: CAs take no more (Let's Encrypt's documentation). */
export const mostDomains = 100

const section = configSchema.pick({ certificates: true })

export type Checked = { readonly ok: CertificateConfig } | { readonly faults: readonly string[] }

/** The certificate as if it stood in the file, beside the issuers of the file; its destinations are not its business. */
export function checkWish(
  wanted: { readonly name: string; readonly domains: readonly string[]; readonly wishes: Wishes },
  config: Pick<Config, 'issuers' | 'discovery'>,
): Checked {
  const { name, domains, wishes } = wanted
  if (domains.length > mostDomains)
    return {
      faults: [`${domains.length} hosts are more than the ${mostDomains} that a certificate may have`],
    }
  const data = { certificates: [{ name, domains, ...settingsOf(wishes, config) }] }
  const parsed = section.safeParse(data)
  const found = parsed.success ? [] : parsed.error.issues.flatMap((each) => explain(each, data))
  const sketch = sketchOf(data, faultyPlaces(found.map(({ at }) => at)))
  const findings = [...found, ...certificateFindings({ ...sketch, issuers: profilesOf(config) })]
  const ok = parsed.data?.certificates[0]
  if (ok && findings.length === 0) return { ok }
  return { faults: [...new Set(findings.map(inWords))] }
}

/** What a certificate may know of the issuers: that they are there, and their profiles. */
function profilesOf({ issuers }: Pick<Config, 'issuers'>) {
  return Object.fromEntries(Object.entries(issuers).map(([name, { profile }]) => [name, { profile }]))
}

function settingsOf(wishes: Wishes, { discovery }: Pick<Config, 'discovery'>) {
  const { redirectStatus, renewBefore, ...plain } = wishes
  const fallbackIssuer = discovery?.fallbackIssuer
  return {
    ...(discovery?.issuer !== undefined && { issuer: discovery.issuer }),
    // Where the object takes the fallback for its issuer, the default has nothing to add.
    ...(fallbackIssuer !== undefined && fallbackIssuer !== wishes.issuer && { fallbackIssuer }),
    ...plain,
    ...(redirectStatus !== undefined && { redirect: { status: numberIn(redirectStatus) } }),
    ...(renewBefore !== undefined && { renewal: { renewBefore } }),
  }
}

/**
 * A wish that cannot be heeded, in words; empty where there is none. Where the gateway redirects, its routes were made
 * before the object was seen.
 */
export function ignoredWish({ redirectStatus }: Wishes, { redirect }: Pick<Config, 'redirect'>): string {
  if (redirect.by !== 'gateway' || redirectStatus === undefined) return ''
  if (redirectStatus === String(redirect.status)) return ''
  const { redirectStatus: annotation } = wishAnnotations
  return `${annotation} ${shown(redirectStatus)} is ignored: the gateway redirects (redirect.by), with ${redirect.status} (redirect.status)`
}

/** Annotations are texts; what is no number stays one, and is refused with its own words. */
function numberIn(text: string): number | string {
  return /^\d{1,9}$/.test(text) ? Number(text) : text
}

const annotationAt: Readonly<Record<string, string>> = {
  issuer: wishAnnotations.issuer,
  fallbackIssuer: wishAnnotations.fallbackIssuer,
  profile: wishAnnotations.profile,
  keyType: wishAnnotations.keyType,
  'redirect.status': wishAnnotations.redirectStatus,
  'renewal.renewBefore': wishAnnotations.renewBefore,
}

function inWords({ at, value, fix }: Finding): string {
  const [, , ...rest] = at
  const path = formatPath(rest)
  const where = annotationAt[path] ?? (path.startsWith('domains') ? 'hosts' : shown(path))
  return `${where}: ${value} ${fix}`.slice(0, 400)
}
