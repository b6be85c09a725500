/**
 * The limits of a CA: which buckets it counts by, and what is known of Let's Encrypt's. Pure. Figures: letsencrypt.org,
 * "Rate Limits" (2026-08) and "Staging Environment". A CA that port80 does not know has none until they are written.
 */
import type { Bucket } from './bucket.ts'

/** Of the configuration, of metrics and of status. */
export const bucketNames = [
  'newAccounts', // per address; here: per issuer
  'newOrders', // per account
  'certificatesPerDomain', // per registered domain
  'certificatesPerNames', // per exact set of names
  'failedValidations', // per name and account
] as const
export type BucketName = (typeof bucketNames)[number]

/** Those that are missing are not counted. */
export type Limits = Readonly<Partial<Record<BucketName, Bucket>>>

/** As the configuration has them; `window` in milliseconds. */
export interface WrittenLimits extends Partial<
  Record<BucketName, 'off' | { readonly limit: number; readonly window: number } | undefined>
> {
  /** Percent. */
  readonly reserve?: number | undefined
}

type Figures = Readonly<Record<BucketName, { readonly limit: number; readonly window: number }>>

const hour = 3_600_000
const week = 7 * 24 * hour

const production: Figures = {
  newAccounts: { limit: 10, window: 3 * hour },
  newOrders: { limit: 300, window: 3 * hour },
  certificatesPerDomain: { limit: 50, window: week },
  certificatesPerNames: { limit: 5, window: week },
  failedValidations: { limit: 5, window: hour },
}

const staging: Figures = {
  newAccounts: { limit: 50, window: 3 * hour },
  newOrders: { limit: 1_500, window: 3 * hour },
  certificatesPerDomain: { limit: 30_000, window: week },
  certificatesPerNames: { limit: 30_000, window: week },
  failedValidations: { limit: 60, window: hour },
}

/** By directory: an issuer of another name that points to the same CA has the same limits. */
const published: Readonly<Record<string, Figures>> = {
  'https://acme-v02.api.letsencrypt.org/directory': production,
  'https://acme-staging-v02.api.letsencrypt.org/directory': staging,
}

export const defaultReservePercent = 10

/** The buckets of an issuer: what is written wins over what its CA publishes; undefined: nothing is counted. */
export function limitsOf(directory: string, written?: 'off' | WrittenLimits): Limits | undefined {
  if (written === 'off') return undefined
  const known = Object.hasOwn(published, directory) ? published[directory] : undefined
  const reserve = (written?.reserve ?? defaultReservePercent) / 100
  const entries = bucketNames.flatMap((name) => {
    const figures = written?.[name] ?? known?.[name]
    if (figures === undefined || figures === 'off') return []
    // Nobody renews an account.
    const kept = name === 'newAccounts' ? 0 : reserve
    return [[name, { limit: figures.limit, windowMs: figures.window, reserve: kept }] as const]
  })
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}
