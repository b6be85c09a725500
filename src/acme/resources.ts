/**
 * The resources of a CA as we use them (RFC 8555 §7.1, RFC 9773 §4.2), read from its answers. Pure. An answer that lacks a
 * member throws CaAnswerUnusable and names the member: nothing further on has to doubt what it holds.
 */
import { z } from 'zod'
import type { Failure } from '../reason.ts'
import { httpsUrl } from './printable.ts'
import { unusable } from './network-failure.ts'
import { failureOf } from './problem.ts'
import type { RenewalInfo } from './renewal-info.ts'

/** RFC 8555 §7.1.1; profiles: draft-ietf-acme-profiles §3. */
export interface Directory {
  readonly newNonce: string
  readonly newAccount: string
  readonly newOrder: string
  readonly revokeCert: string
  readonly keyChange: string
  /** Absent: the CA has no renewal information (RFC 9773). */
  readonly renewalInfo?: string
  /** Names of the profiles that the CA offers; empty when it has none. */
  readonly profiles: readonly string[]
  readonly externalAccountRequired: boolean
  readonly termsOfService?: string
}

/** RFC 8555 §7.1.3. Times are epoch ms. */
export interface Order {
  readonly url: string
  readonly status: 'pending' | 'ready' | 'processing' | 'valid' | 'invalid'
  readonly identifiers: readonly string[]
  readonly authorizations: readonly string[]
  readonly finalize: string
  readonly expires?: number
  readonly certificate?: string
  readonly profile?: string
  readonly problem?: Failure
  /** The CA's Retry-After, from now. */
  readonly retryAfterMs?: number
}

/** RFC 8555 §7.1.4, with the one challenge that we answer (§8.3). */
export interface Authorization {
  readonly url: string
  readonly identifier: string
  readonly wildcard: boolean
  readonly status: 'pending' | 'valid' | 'invalid' | 'deactivated' | 'expired' | 'revoked'
  readonly expires?: number
  readonly http01?: Http01
  readonly retryAfterMs?: number
}

export interface Http01 {
  readonly url: string
  readonly token: string
  readonly status: 'pending' | 'processing' | 'valid' | 'invalid'
  readonly problem?: Failure
}

/** What surrounds a body: where it came from and when it is to be asked for again. */
export interface Context {
  /** What was asked, for the fault: `newOrder`. */
  readonly what: string
  readonly url: string
  /** Epoch ms. */
  readonly now: number
  readonly retryAfterMs?: number
}

const url = z.url({ protocol: /^https?$/ }).max(2_000)
const text = z.string().max(2_000)
/** RFC 3339; senseless dates are as good as none, nothing depends on `expires`. */
const time = text
  .transform((value) => Date.parse(value))
  .pipe(z.number())
  .optional()
  .catch(undefined)

const directorySchema = z.object({
  newNonce: url,
  newAccount: url,
  newOrder: url,
  revokeCert: url,
  keyChange: url,
  renewalInfo: url.optional().catch(undefined),
  meta: z
    .object({
      profiles: z.record(z.string(), z.unknown()).optional().catch(undefined),
      externalAccountRequired: z.boolean().optional().catch(undefined),
      termsOfService: url.optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
})

const identifier = z.object({ type: text, value: text.min(1).max(253) })

const orderSchema = z.object({
  status: z.enum(['pending', 'ready', 'processing', 'valid', 'invalid']),
  identifiers: z.array(identifier).max(1_000),
  authorizations: z.array(url).max(1_000),
  finalize: url,
  expires: time,
  certificate: url.optional(),
  profile: text.optional().catch(undefined),
  error: z.unknown().optional(),
})

const challengeSchema = z.object({
  url,
  // RFC 8555 §8.3: base64url, at least 128 bits. Checked here, because it becomes a path and a key of the store.
  token: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/),
  status: z.enum(['pending', 'processing', 'valid', 'invalid']),
  error: z.unknown().optional(),
})

const authorizationSchema = z.object({
  identifier,
  wildcard: z.boolean().optional().catch(undefined),
  status: z.enum(['pending', 'valid', 'invalid', 'deactivated', 'expired', 'revoked']),
  expires: time,
  challenges: z.array(z.looseObject({ type: text })).max(100),
})

const renewalInfoSchema = z.object({
  suggestedWindow: z.object({
    start: text.transform((value) => Date.parse(value)).pipe(z.number()),
    end: text.transform((value) => Date.parse(value)).pipe(z.number()),
  }),
  explanationURL: z.unknown().optional(),
})

const ordersSchema = z.object({ orders: z.array(url).max(10_000) })
const accountSchema = z.object({ orders: url.optional().catch(undefined) })

export function readDirectory(body: unknown, context: Context): Directory {
  const { meta, renewalInfo, ...resources } = parsed(directorySchema, body, context)
  return {
    ...resources,
    ...(renewalInfo !== undefined && { renewalInfo }),
    profiles: Object.keys(meta?.profiles ?? {}),
    externalAccountRequired: meta?.externalAccountRequired ?? false,
    ...(meta?.termsOfService !== undefined && { termsOfService: meta.termsOfService }),
  }
}

export function readOrder(body: unknown, context: Context): Order {
  const order = parsed(orderSchema, body, context)
  return {
    url: context.url,
    status: order.status,
    identifiers: order.identifiers.map(({ value }) => value.toLowerCase()),
    authorizations: order.authorizations,
    finalize: order.finalize,
    ...(order.expires !== undefined && { expires: order.expires }),
    ...(order.certificate !== undefined && { certificate: order.certificate }),
    ...(order.profile !== undefined && { profile: order.profile }),
    ...problemIn(order.error, context),
    ...retryIn(context),
  }
}

export function readAuthorization(body: unknown, context: Context): Authorization {
  const authorization = parsed(authorizationSchema, body, context)
  const offered = authorization.challenges.find(({ type }) => type === 'http-01')
  const { error, ...http01 } = offered ? parsed(challengeSchema, offered, context) : { error: undefined }
  return {
    url: context.url,
    identifier: authorization.identifier.value.toLowerCase(),
    wildcard: authorization.wildcard ?? false,
    status: authorization.status,
    ...(authorization.expires !== undefined && { expires: authorization.expires }),
    ...('token' in http01 && { http01: { ...http01, ...problemIn(error, context) } }),
    ...retryIn(context),
  }
}

/** RFC 9773 §4.2. The link is for people and may be anything: only https is passed on. */
export function readRenewalInfo(body: unknown, context: Context): RenewalInfo {
  const { suggestedWindow, explanationURL } = parsed(renewalInfoSchema, body, context)
  const explanationUrl = httpsUrl(explanationURL)
  return {
    window: suggestedWindow,
    ...(explanationUrl !== undefined && { explanationUrl }),
    ...retryIn(context),
  }
}

/** RFC 8555 §7.1.2.1: a page of the account's orders. */
export function readOrders(body: unknown, context: Context): readonly string[] {
  return parsed(ordersSchema, body, context).orders
}

/** RFC 8555 §7.1.2: where the account's orders are listed; many CAs (Boulder) do not say. */
export function readOrdersUrl(body: unknown, context: Context): string | undefined {
  return parsed(accountSchema, body, context).orders
}

function parsed<T>(schema: z.ZodType<T>, body: unknown, { what }: Context): T {
  const result = schema.safeParse(body)
  if (result.success) return result.data
  if (typeof body === 'string') throw unusable(`${what}: the answer is not JSON`)
  const [issue] = result.error.issues
  throw unusable(`${what}: ${issue?.path.join('.') || 'the answer'} is missing or not what RFC 8555 says`)
}

function problemIn(document: unknown, { now, url }: Context): { problem?: Failure } {
  return document === undefined || document === null ? {} : { problem: failureOf({ document, now, url }) }
}

function retryIn({ retryAfterMs }: Context): { retryAfterMs?: number } {
  return retryAfterMs === undefined ? {} : { retryAfterMs }
}
