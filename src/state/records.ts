/**
 * What the state store holds, one JSON document a key (docs/state.md lists them): shapes and their safe reading. Pure.
 * Everything is validated on reading: a torn or foreign document is a fault, never a crash and never "nothing there". Members
 * and words of a newer version are neither: they are kept (newer.ts).
 */
import { z } from 'zod'
import { bucketNames, type BucketName } from '../budget/limits.ts'
import { failureReasons, orderReasons } from '../reason.ts'
import { grown, wordOf } from './newer.ts'

const time = z.number().int().nonnegative()
const reasonOfFailure = wordOf(failureReasons)
const reasonOfOrder = wordOf(orderReasons)

/** `account/ISSUER`: written with the key alone before newAccount, with the URL after it. */
export const accountRecord = grown({
  v: z.literal(1),
  directory: z.string(),
  keyPem: z.string(),
  url: z.string().optional(),
  /** What was registered, so that a changed contact is sent once. */
  email: z.string().optional(),
  externalAccountKeyId: z.string().optional(),
  /** Key roll-over (RFC 8555 §7.3.5) in flight: durable before keyChange, becomes keyPem after it. */
  nextKeyPem: z.string().optional(),
  createdAt: time,
})
export type AccountRecord = z.infer<typeof accountRecord>

const pair = grown({
  chainPem: z.string(),
  keyPem: z.string(),
  issuer: z.string(),
  directory: z.string(),
  profile: z.string().optional(),
  orderUrl: z.string().optional(),
  issuedAt: time,
  revokedAt: time.optional(),
})
export type StoredPair = z.infer<typeof pair>

const renewalInfo = grown({
  /** RFC 9773 §4.1 certificate id that the window belongs to. */
  certId: z.string(),
  window: grown({ start: time, end: time, explanationUrl: z.string().optional() }).optional(),
  /** The random moment inside the window; kept while the window holds it. */
  chosenAt: time.optional(),
  checkedAt: time,
  /** Not before this moment is the CA asked again (its Retry-After, at most half a day). */
  askAgainAt: time,
  error: z.string().optional(),
})
export type RenewalInfoRecord = z.infer<typeof renewalInfo>

const failure = grown({
  reason: reasonOfFailure,
  detail: z.string(),
  identifier: z.string().optional(),
  retryAt: time.optional(),
  helpUrl: z.string().optional(),
})

export const attemptOutcomes = ['issued', 'failed', 'running'] as const

const attempt = grown({
  at: time,
  endedAt: time.optional(),
  why: reasonOfOrder,
  issuer: z.string(),
  outcome: wordOf(attemptOutcomes),
  failure: failure.optional(),
})
export type AttemptRecord = z.infer<typeof attempt>

/** An order that the CA knows of: everything needed to go on with it after a crash. */
const inFlight = grown({
  issuer: z.string(),
  directory: z.string(),
  domains: z.array(z.string()),
  profile: z.string().optional(),
  why: reasonOfOrder,
  replaces: z.string().optional(),
  /** Absent only between the decision to order and the answer to newOrder. */
  orderUrl: z.string().optional(),
  /** PEM PKCS#8 of the certificate; durable before newOrder already, so that no answer can outrun it. */
  keyPem: z.string(),
  keyType: z.string(),
  createdAt: time,
})
export type InFlightRecord = z.infer<typeof inFlight>

/** Of one issuer and one certificate. */
const backOff = grown({
  /** In a row. */
  failures: z.number().int().nonnegative(),
  /** Not asked before this moment. */
  notBefore: time.optional(),
  /** It said "stop": not asked again under this configuration. */
  stopped: z.boolean().optional(),
})
export type BackOffRecord = z.infer<typeof backOff>

/** The newest pair, where a gateway did not take it, and the older one that was put back (src/certificate/refused.ts). */
const refused = grown({
  /** Upper-case hex, of the refused pair. */
  serial: z.string(),
  /** The same of the one that stands in its place. */
  kept: z.string(),
  at: time,
  /** Not tried again before this moment, unless something changes. */
  until: time,
  destinations: z.array(z.string()).max(20),
  /** Those that refused it: `namespace/name`. */
  pods: z.array(z.string()).max(20),
  /** Fingerprint of the configuration of the certificate. */
  config: z.string(),
})
export type RefusedRecord = z.infer<typeof refused>

/** `certificate/NAME`. */
export const certificateRecord = grown({
  v: z.literal(1),
  /** Since when this certificate is wanted and not installed; gone once it is. */
  wantedSince: time.optional(),
  wantedToInstalledSeconds: z.number().optional(),
  /** Newest first; the first is the one to serve; at most three. */
  pairs: z.array(pair).max(3),
  placeholder: grown({ chainPem: z.string(), keyPem: z.string() }).optional(),
  refused: refused.optional(),
  inFlight: inFlight.optional(),
  renewalInfo: renewalInfo.optional(),
  /** In a row, of all its issuers together. */
  failures: z.number().int().nonnegative(),
  /** The one that failed last. */
  failingIssuer: z.string().optional(),
  /** By issuer; absent in records from before each was counted. */
  backOff: z.record(z.string(), backOff).optional(),
  /** No order before this moment: the earliest of the issuers whose turn it can be. */
  notBefore: time.optional(),
  /** Fingerprint of the configuration for which the last failure said "stop". */
  stoppedFor: z.string().optional(),
  /** The same of the first issuer alone: only the fallback is asked then. */
  primaryStoppedFor: z.string().optional(),
  /** Fingerprint of the configuration that the failures belong to; another one does not wait for their back-off. */
  failedFor: z.string().optional(),
  /** Newest first, at most ten. */
  attempts: z.array(attempt).max(10),
})
export type CertificateRecord = z.infer<typeof certificateRecord>

/** `holds/ISSUER`: what the CA asked us to leave alone, and until when. */
export const holdsRecord = grown({
  v: z.literal(1),
  holds: z
    .array(
      grown({
        kind: wordOf(['issuer', 'registeredDomain', 'identifier', 'identifierSet'] as const),
        value: z.string().optional(),
        until: time,
        since: time,
        reason: reasonOfFailure,
        detail: z.string(),
      }),
    )
    .max(1_000),
})
export type HoldsRecord = z.infer<typeof holdsRecord>

/** What a newer version counts beside these is in it, too, and is no concern of ours. */
const fullAt: z.ZodType<Partial<Record<BucketName, Record<string, number>>>> = z.record(
  wordOf(bucketNames),
  z.record(z.string(), time),
)

/** `budget/ISSUER`: what was spent of the limits of its CA, by bucket and by what that is of (src/budget/ledger.ts). */
export const budgetRecord = grown({
  v: z.literal(1),
  /** Of the CA; what was spent at another one is forgotten. */
  directory: z.string(),
  /** When each would be full again if nothing more were spent. */
  fullAt,
})
export type BudgetRecord = z.infer<typeof budgetRecord>

/**
 * `request/NAME`: written by the command line, carried out and removed by the worker. What it says is done whole or not at
 * all, so that one with a member or word of a newer version cannot be read, and is dropped with a line in the log.
 */
export const requestRecord = z.strictObject({
  v: z.literal(1),
  do: z.enum(['issue', 'renew', 'revoke', 'rollover']),
  at: time,
  /** RFC 5280 §5.3.1 code, for revoke. */
  revocationReason: z.number().int().min(0).max(10).optional(),
  /** Serial (upper-case hex) of the certificate that was in use when its revocation was asked for. */
  serial: z
    .string()
    .regex(/^[0-9A-F]{1,64}$/)
    .optional(),
})
export type RequestRecord = z.infer<typeof requestRecord>

export const emptyCertificateRecord: CertificateRecord = { v: 1, pairs: [], failures: 0, attempts: [] }

/** The record, or the fault in words that name no content (it may hold a key). */
export function readRecord<T>(schema: z.ZodType<T>, text: string): { ok: T } | { fault: string } {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch {
    return { fault: 'is not JSON (torn or foreign)' }
  }
  const result = schema.safeParse(data)
  if (result.success) return { ok: result.data }
  const first = result.error.issues[0]
  return {
    fault: `is not a record of this version: ${first?.path.join('.') || 'document'} (${first?.code ?? 'invalid'})`,
  }
}
