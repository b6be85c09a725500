/**
 * The shape of a status that another process wrote, checked when it is read: whoever may write the object could write
 * anything into it, and a newer port80 may write what this one does not know. Pure.
 */
import { z } from 'zod'
import { sourceStates } from '../discovery/source-status.ts'
import {
  failureReasons,
  orderReasons,
  restReasons,
  type FailureReason,
  type OrderReason,
  type Reason,
} from '../reason.ts'
import type { StatusSnapshot } from './snapshot.ts'

/** No text of a status is longer; the writer cuts what is. */
export const longestText = 2_000

const text = z.string().max(longestText)
const time = z.number().int().nonnegative()
const count = z.number().int().nonnegative()
const failureReason = z.enum(failureReasons as unknown as [FailureReason, ...FailureReason[]])
const orderReason = z.enum(orderReasons as unknown as [OrderReason, ...OrderReason[]])
const reason = z.enum([...orderReasons, ...restReasons, ...failureReasons] as unknown as [
  Reason,
  ...Reason[],
])

const attempt = z.strictObject({
  at: time,
  endedAt: time.exactOptional(),
  why: orderReason,
  issuer: text,
  outcome: z.enum(['issued', 'failed', 'running']),
  failure: z
    .strictObject({
      reason: failureReason,
      detail: text,
      identifier: text.exactOptional(),
      helpUrl: text.exactOptional(),
    })
    .exactOptional(),
})

const current = z.strictObject({
  serial: text,
  issuedBy: text,
  issuer: text,
  notBefore: time,
  notAfter: time,
  keyType: text,
  profile: text.exactOptional(),
})

const renewal = z.strictObject({
  at: time,
  source: z.enum(['ari', 'fraction', 'renewBefore']),
  window: z.strictObject({ start: time, end: time, explanationUrl: text.exactOptional() }).exactOptional(),
})

const destination = z.strictObject({
  id: text,
  state: z.enum(['installed', 'placeholder', 'absent', 'differs', 'foreign', 'unreadable']),
  fault: text.exactOptional(),
})

export const certificateSchema = z.strictObject({
  name: text,
  domains: z.array(text).max(1_000),
  issuer: text,
  state: z.enum(['ready', 'placeholder', 'missing', 'expired']),
  reason,
  next: text,
  nextAt: time.exactOptional(),
  current: current.exactOptional(),
  renewal: renewal.exactOptional(),
  failures: count,
  attempts: z.array(attempt).max(10),
  wantedToInstalledSeconds: z.number().exactOptional(),
  destinations: z.array(destination).max(1_000),
}) satisfies z.ZodType<StatusSnapshot['certificates'][number]>

export const holdSchema = z.strictObject({
  issuer: text,
  covers: text,
  until: time,
  reason: failureReason,
  detail: text,
}) satisfies z.ZodType<StatusSnapshot['holds'][number]>

export const sourceSchema = z.strictObject({
  object: text,
  state: z.enum(sourceStates),
  secret: text.exactOptional(),
  certificate: text.exactOptional(),
  detail: text,
}) satisfies z.ZodType<NonNullable<StatusSnapshot['sources']>[number]>

export const configurationSchema = z.strictObject({
  path: text.exactOptional(),
  acceptedAt: time,
  faults: z.array(z.strictObject({ path: text, value: text, fix: text })).max(1_000),
}) satisfies z.ZodType<StatusSnapshot['configuration']>

export const workerSchema = z.strictObject({
  role: z.enum(['leader', 'standby', 'crashed', 'starting', 'off']),
  leader: text.exactOptional(),
  lastTickAt: time.exactOptional(),
  stuck: z.boolean(),
  restarts: count,
  nextWakeAt: time.exactOptional(),
  lastError: text.exactOptional(),
}) satisfies z.ZodType<StatusSnapshot['worker']>

export const storeSchema = z.strictObject({
  readable: z.boolean(),
  fault: text.exactOptional(),
  tokens: count,
}) satisfies z.ZodType<StatusSnapshot['store']>
