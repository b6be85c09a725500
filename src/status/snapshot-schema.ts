/**
 * The shape of a status that another process wrote, checked when it is read: whoever may write the object could write
 * anything into it, and a newer port80 may write what this one does not know. Members that nobody here knows are not read;
 * for words see newer.ts. Pure.
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
import { lookNames, lookStates } from '../finding/looks.ts'
import { onlyKnown } from './newer.ts'
import type { CertificateState, StatusSnapshot } from './snapshot.ts'

/** No text of a status is longer; the writer cuts what is. */
export const longestText = 2_000

const text = z.string().max(longestText)
const time = z.number().int().nonnegative()
const count = z.number().int().nonnegative()
const failureReason = z.enum(failureReasons as unknown as [FailureReason, ...FailureReason[]])
const orderReason = z.enum(orderReasons as unknown as [OrderReason, ...OrderReason[]])
const reasons: readonly string[] = [...orderReasons, ...restReasons, ...failureReasons]
const word = z.string().max(100)

/** What the state alone says, where a newer leader has a reason that is none here. */
const reasonOfState: Readonly<Record<CertificateState, Reason>> = {
  ready: 'UpToDate',
  placeholder: 'Placeholder',
  missing: 'Missing',
  expired: 'Expired',
}

const attempt = z.object({
  at: time,
  endedAt: time.exactOptional(),
  why: orderReason,
  issuer: text,
  outcome: z.enum(['issued', 'failed', 'running']),
  failure: z
    .object({
      reason: failureReason,
      detail: text,
      identifier: text.exactOptional(),
      helpUrl: text.exactOptional(),
    })
    .exactOptional(),
})

const current = z.object({
  serial: text,
  issuedBy: text,
  issuer: text,
  notBefore: time,
  notAfter: time,
  keyType: text,
  profile: text.exactOptional(),
})

const renewal = z.object({
  at: time,
  source: z.enum(['ari', 'fraction', 'renewBefore']),
  window: z.object({ start: time, end: time, explanationUrl: text.exactOptional() }).exactOptional(),
})

const redirectStatus = z.union([z.literal(301), z.literal(302), z.literal(308)])

const destinationStates = ['installed', 'placeholder', 'absent', 'differs', 'foreign', 'unreadable'] as const
type DestinationState = (typeof destinationStates)[number]

const destination = z
  .object({ id: text, state: word, fault: text.exactOptional() })
  .transform(({ state, ...rest }) => {
    const known = destinationStates.find((each) => each === state)
    return known ? { ...rest, state: known } : { ...rest, state: 'unreadable' as DestinationState }
  })

export const certificateSchema = z
  .object({
    name: text,
    domains: z.array(text).max(1_000),
    issuer: text,
    state: z.enum(['ready', 'placeholder', 'missing', 'expired']),
    reason: word,
    next: text,
    nextAt: time.exactOptional(),
    current: current.exactOptional(),
    renewal: renewal.exactOptional(),
    redirectStatus: redirectStatus.exactOptional(),
    failures: count,
    attempts: onlyKnown(attempt, 10),
    wantedToInstalledSeconds: z.number().exactOptional(),
    destinations: z.array(destination).max(1_000),
  })
  .transform(({ reason, ...rest }) => ({
    ...rest,
    reason: reasons.includes(reason) ? (reason as Reason) : reasonOfState[rest.state],
  })) satisfies z.ZodType<StatusSnapshot['certificates'][number]>

export const holdSchema = z.object({
  issuer: text,
  covers: text,
  until: time,
  reason: failureReason,
  detail: text,
}) satisfies z.ZodType<StatusSnapshot['holds'][number]>

export const sourceSchema = z.object({
  object: text,
  state: z.enum(sourceStates),
  secret: text.exactOptional(),
  certificate: text.exactOptional(),
  detail: text,
}) satisfies z.ZodType<NonNullable<StatusSnapshot['sources']>[number]>

export const lookSchema = z.object({
  look: z.enum(lookNames),
  issuer: text.exactOptional(),
  state: z.enum(lookStates),
  everyMs: count.exactOptional(),
}) satisfies z.ZodType<NonNullable<StatusSnapshot['looks']>[number]>

export const configurationSchema = z.object({
  path: text.exactOptional(),
  acceptedAt: time,
  faults: z.array(z.object({ path: text, value: text, fix: text })).max(1_000),
}) satisfies z.ZodType<StatusSnapshot['configuration']>

export const workerSchema = z.object({
  role: z.enum(['leader', 'standby', 'crashed', 'starting', 'off']),
  leader: text.exactOptional(),
  lastTickAt: time.exactOptional(),
  stuck: z.boolean(),
  restarts: count,
  nextWakeAt: time.exactOptional(),
  lastError: text.exactOptional(),
}) satisfies z.ZodType<StatusSnapshot['worker']>

export const storeSchema = z.object({
  readable: z.boolean(),
  fault: text.exactOptional(),
  tokens: count,
}) satisfies z.ZodType<StatusSnapshot['store']>
