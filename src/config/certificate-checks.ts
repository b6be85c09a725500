/** What the certificates of the file must be for each other, for the issuers and for what is known of those. Pure. */
import { parseDuration } from './duration.ts'
import { finding, formatPath, type Finding, type Path } from './fault.ts'
import { knownIssuer, issuerNames, type KnownProfile } from './known-issuers.ts'
import { nearest } from './nearest.ts'
import { defaultIssuer, defaultKeyType } from './schema.ts'
import type { Sketch } from './sketch.ts'

type SketchedCertificate = NonNullable<NonNullable<Sketch['certificates']>[number]>

/** One certificate with its place. */
interface Entry {
  readonly at: Path
  readonly certificate: SketchedCertificate
}

/** Checks of one certificate by itself, beside the issuers. */
const singleChecks: readonly ((entry: Entry, sketch: Sketch) => Finding[])[] = [
  unknownIssuers,
  fallbackIsIssuer,
  domainTwice,
  tooManyNames,
  renewsAlways,
]

export function certificateFindings(sketch: Sketch): Finding[] {
  const entries = (sketch.certificates ?? []).flatMap((certificate, index): Entry[] =>
    certificate === undefined ? [] : [{ at: ['certificates', index], certificate }],
  )
  return [
    ...nameTwice(entries),
    ...sameCertificateTwice(entries),
    ...entries.flatMap((entry) => singleChecks.flatMap((check) => check(entry, sketch))),
  ]
}

/** The name is the file name in every destination: two would overwrite each other. */
function nameTwice(entries: readonly Entry[]): Finding[] {
  const firsts = new Map<string, string>()
  return entries.flatMap(({ at, certificate: { name } }) => {
    if (name === undefined) return []
    const first = firsts.get(name)
    if (first === undefined) firsts.set(name, formatPath(at))
    return first === undefined
      ? []
      : [finding([...at, 'name'], name, `is also the name of ${first}; give each a name of its own`)]
  })
}

/**
 * Two certificates for one set of names at one issuer spend the CA's limit for such sets twice as fast, for the same
 * thing. An ECDSA and an RSA one, or one of each of two CAs, are not the same thing.
 */
function sameCertificateTwice(entries: readonly Entry[]): Finding[] {
  const firsts = new Map<string, string>()
  return entries.flatMap(({ at, certificate }) => {
    const { domains, keyType, profile } = certificate
    // A faulty entry: the set is not known.
    if (domains === undefined || domains.includes(undefined)) return []
    const same = JSON.stringify([
      [...domains].sort(),
      issuerOf(certificate),
      keyType ?? defaultKeyType,
      profile ?? '',
    ])
    const first = firsts.get(same)
    if (first === undefined) firsts.set(same, formatPath(at))
    return first === undefined
      ? []
      : [
          finding(
            [...at, 'domains'],
            domains,
            `has the same names, issuer and key type as ${first}; keep one of the two`,
          ),
        ]
  })
}

function unknownIssuers({ at, certificate }: Entry, sketch: Sketch): Finding[] {
  // The whole section is faulty: nobody knows which names it has.
  if ('issuers' in sketch && sketch.issuers === undefined) return []
  const names = issuerNames({ issuers: sketch.issuers ?? {} })
  return (['issuer', 'fallbackIssuer'] as const).flatMap((key) => {
    const name = certificate[key]
    if (name === undefined || names.includes(name)) return []
    const near = nearest(name, names)
    const meant = near === undefined ? '' : `did you mean ${near}? Otherwise `
    return [
      finding(
        [...at, key],
        name,
        `is no issuer; ${meant}write one of ${listed(names)}, or add it to issuers`,
      ),
    ]
  })
}

function fallbackIsIssuer({ at, certificate }: Entry): Finding[] {
  const fallback = certificate.fallbackIssuer
  if (fallback === undefined || fallback !== issuerOf(certificate)) return []
  return [
    finding([...at, 'fallbackIssuer'], fallback, 'is the issuer itself; write another one, or take it out'),
  ]
}

function domainTwice({ at, certificate }: Entry): Finding[] {
  const domains = certificate.domains ?? []
  return domains.flatMap((domain, index) => {
    const first = domains.indexOf(domain)
    if (domain === undefined || first === index) return []
    return [
      finding([...at, 'domains', index], domain, `stands twice, first as domains[${first}]; take one out`),
    ]
  })
}

/** Only for the first issuer: whether the fallback is ever asked is not known, and its own profile counts there. */
function tooManyNames({ at, certificate }: Entry, sketch: Sketch): Finding[] {
  const profile = profileOf(certificate, sketch)
  const domains = certificate.domains
  if (profile === undefined || domains === undefined || domains.length <= profile.maxNames) return []
  const fix = `has ${domains.length} names, and the profile allows ${profile.maxNames}; split the certificate`
  return [finding([...at, 'domains'], domains, fix)]
}

/** Renewing earlier than the lifetime is long means renewing at every look, until the CA's limit ends it. */
function renewsAlways({ at, certificate }: Entry, sketch: Sketch): Finding[] {
  const profile = profileOf(certificate, sketch)
  const written = certificate.renewal?.renewBefore
  const before = written === undefined ? undefined : parseDuration(written)
  if (profile === undefined || before === undefined || before < profile.lifetimeDays * 86_400_000) return []
  const lifetime = `${Math.floor(profile.lifetimeDays)} days`
  const fix = `is as long as the certificates live (${lifetime}); write a shorter one, or take it out`
  return [finding([...at, 'renewal', 'renewBefore'], written, fix)]
}

function profileOf(certificate: SketchedCertificate, sketch: Sketch): KnownProfile | undefined {
  const issuer = issuerOf(certificate)
  if (issuer === undefined) return undefined
  // One that port80 does not know may be new at the CA, which then knows best.
  const profiles = knownIssuer(issuer)?.profiles ?? {}
  const name = certificate.profile ?? sketch.issuers?.[issuer]?.profile ?? ''
  return Object.hasOwn(profiles, name) ? profiles[name] : undefined
}

/** The issuer as written, the default when none is; undefined when it is faulty. */
function issuerOf(certificate: SketchedCertificate): string | undefined {
  return 'issuer' in certificate ? certificate.issuer : defaultIssuer
}

/** A fault stays readable beside a hundred issuers. */
function listed(names: readonly string[]): string {
  const most = 12
  const more = names.length > most ? ` and ${names.length - most} more` : ''
  return names.slice(0, most).join(', ') + more
}
