/**
 * What a leader reported, checked when another process reads it. Pure. A word that this port80 does not know (a newer
 * leader has it, in the middle of a roll-out) costs that one item and not the whole status (src/status/newer.ts).
 */
import { z } from 'zod'
import { findingCodes, type FindingCode } from './catalogue.ts'
import { lookNames } from './looks.ts'
import { reportedSources } from './merge.ts'
import { knownOf, onlyKnown } from '../status/newer.ts'
import type {
  BudgetStatus,
  CountedStatus,
  LastingFinding,
  LegStatus,
  LookTime,
  PlainHttpStatus,
  Reported,
  ServedStatus,
} from './reported.ts'

const text = z.string().max(2_000)
const time = z.number().int().nonnegative()
const amount = z.number().nonnegative()
const code = z.enum(findingCodes as unknown as [FindingCode, ...FindingCode[]])

const finding = z.object({
  code,
  object: z.object({
    kind: text,
    namespace: text.exactOptional(),
    name: text,
    field: text.exactOptional(),
  }),
  host: text.exactOptional(),
  seen: text,
  fix: z.discriminatedUnion('do', [
    z.object({ do: z.literal('run'), command: text }),
    z.object({ do: z.literal('edit'), yaml: text }),
    z.object({ do: z.literal('act'), words: text }),
  ]),
  since: time,
  lastSeen: time,
  from: z.enum(['lint', 'preflight', 'canary', 'serving', 'budget']),
}) satisfies z.ZodType<LastingFinding>

const leg = z.object({
  host: text,
  leg: z.enum(['inside', 'outside']),
  at: text,
  replica: text.exactOptional(),
  ok: z.boolean(),
  checkedAt: time,
  code: code.exactOptional(),
}) satisfies z.ZodType<LegStatus>

const served = z.object({
  certificate: text,
  observed: z.literal(true).exactOptional(),
  host: text,
  pod: text,
  serial: text.exactOptional(),
  notAfter: time.exactOptional(),
  matches: z.boolean(),
  checkedAt: time,
  fault: text.exactOptional(),
  pickupSeconds: amount.exactOptional(),
}) satisfies z.ZodType<ServedStatus>

const budget = z.object({
  issuer: text,
  bucket: text,
  of: text.exactOptional(),
  used: amount,
  limit: amount,
  reserve: amount,
  windowSeconds: amount,
  nextPossibleAt: time.exactOptional(),
}) satisfies z.ZodType<BudgetStatus>

const plainHttp = z.object({
  host: text,
  lastSeen: time.exactOptional(),
  days: z
    .array(
      z.object({
        day: z.string().regex(/^\d{4}-\d\d-\d\d$/),
        redirects: amount,
        reads: amount,
        agents: z.object({ browser: amount, bot: amount, library: amount, other: amount }),
      }),
    )
    .max(31),
}) satisfies z.ZodType<PlainHttpStatus>

const lookTime = z.object({
  look: z.enum(lookNames),
  issuer: text.exactOptional(),
  at: time,
}) satisfies z.ZodType<LookTime>
const counted = z.object({
  since: time,
  asked: z
    .object({
      at: time,
      replicas: amount,
      silent: z.array(z.object({ replica: text, seen: text })).max(100),
    })
    .exactOptional(),
  folded: amount.exactOptional(),
  fault: text.exactOptional(),
}) satisfies z.ZodType<CountedStatus>

const left = z.number().int().nonnegative().exactOptional()

const parts = z.object({
  findings: knownOf(finding, 10_000).exactOptional(),
  legs: knownOf(leg, 10_000).exactOptional(),
  served: knownOf(served, 10_000).exactOptional(),
  budget: knownOf(budget, 10_000).exactOptional(),
  plainHttp: knownOf(plainHttp, 10_000).exactOptional(),
  counted: counted.exactOptional(),
  looked: onlyKnown(z.enum(reportedSources), 100).exactOptional(),
  lookedAt: onlyKnown(lookTime, 1_000).exactOptional(),
  leftOut: z
    .object({ findings: left, legs: left, served: left, budget: left, plainHttp: left })
    .exactOptional(),
})

/** And how many items were of a newer port80. */
export const reportedSchema = parts.transform(
  ({
    looked,
    lookedAt,
    counted,
    leftOut,
    ...lists
  }): { readonly reported: Reported; readonly unknown: number } => {
    const { findings, legs, served, budget, plainHttp } = lists
    const reported = {
      ...(findings && { findings: findings.known }),
      ...(legs && { legs: legs.known }),
      ...(served && { served: served.known }),
      ...(budget && { budget: budget.known }),
      ...(plainHttp && { plainHttp: plainHttp.known }),
      ...(counted && { counted }),
      ...(looked && { looked }),
      ...(lookedAt && { lookedAt }),
      ...(leftOut && { leftOut }),
    }
    const all = [findings, legs, served, budget, plainHttp]
    return { reported, unknown: all.reduce((sum, each) => sum + (each?.unknown ?? 0), 0) }
  },
)
