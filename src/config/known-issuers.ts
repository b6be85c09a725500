/** The issuers that port80 knows by name, and how a name becomes all that an order needs to know of its CA. Pure. */
import type { ResolvedIssuer } from '../acme/issuer.ts'
import { limitsOf, type Limits } from '../budget/limits.ts'
import type { Config } from './schema.ts'

/** What a CA says of one of its certificate profiles; bounds for checks, not promises. */
export interface KnownProfile {
  /** Identifiers in one certificate at the most. */
  readonly maxNames: number
  /** Longest lifetime of a certificate in days. */
  readonly lifetimeDays: number
}

export interface KnownIssuer {
  readonly directory: string
  /** By profile name; `''` is what an order without a profile gets. */
  readonly profiles: Readonly<Record<string, KnownProfile>>
}

// Let's Encrypt's documentation, 2026-07. Lifetimes only shrink, so that a figure which has become old lets too much
// pass, and the CA has the last word.
const letsEncryptProfiles = {
  '': { maxNames: 100, lifetimeDays: 90 },
  classic: { maxNames: 100, lifetimeDays: 90 },
  tlsserver: { maxNames: 25, lifetimeDays: 45 },
  shortlived: { maxNames: 25, lifetimeDays: 160 / 24 },
} as const

/** Usable without a word in the file. Staging issues certificates that no browser trusts, under generous limits. */
export const knownIssuers: Readonly<Record<string, KnownIssuer>> = {
  'letsencrypt-staging': {
    directory: 'https://acme-staging-v02.api.letsencrypt.org/directory',
    profiles: letsEncryptProfiles,
  },
  letsencrypt: {
    directory: 'https://acme-v02.api.letsencrypt.org/directory',
    profiles: letsEncryptProfiles,
  },
}

export function knownIssuer(name: string): KnownIssuer | undefined {
  return Object.hasOwn(knownIssuers, name) ? knownIssuers[name] : undefined
}

/**
 * Every issuer of the configuration: the known names first, with what the file adds to them, then its own.
 * An accepted configuration gives a directory to each.
 */
export function issuerNames(config: { readonly issuers: object }): string[] {
  return [...new Set([...Object.keys(knownIssuers), ...Object.keys(config.issuers)])]
}

/** The issuer of that name; undefined when neither the file nor port80 knows it (a record of an earlier configuration). */
export function findIssuer(config: Pick<Config, 'issuers'>, name: string): ResolvedIssuer | undefined {
  const written = Object.hasOwn(config.issuers, name) ? config.issuers[name] : undefined
  const directory = written?.directory ?? knownIssuer(name)?.directory
  if (directory === undefined) return undefined
  return { accountKeyType: 'ecdsa-p256', ...withoutUndefined(written ?? {}), name, directory }
}

/**
 * The issuer of a name that an accepted configuration uses. Throws RangeError for any other: parseConfig lets no
 * certificate name an issuer that does not resolve, so that this is a bug of the caller (`findIssuer` is for names
 * from elsewhere).
 */
export function resolveIssuer(config: Pick<Config, 'issuers'>, name: string): ResolvedIssuer {
  const issuer = findIssuer(config, name)
  if (!issuer) throw new RangeError('no issuer of this name is configured or known')
  return issuer
}

/** The buckets that are counted for an issuer; undefined: none, or no such issuer. */
export function issuerLimits(config: Pick<Config, 'issuers'>, name: string): Limits | undefined {
  const directory = findIssuer(config, name)?.directory
  const written = Object.hasOwn(config.issuers, name) ? config.issuers[name]?.limits : undefined
  return directory === undefined ? undefined : limitsOf(directory, written)
}

/** An absent setting and an undefined one are the same to us, and not to everyone who compares or hashes. */
function withoutUndefined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>
  }
}
