/**
 * What a leader reported, checked when another process reads it. Pure. A code that this port80 does not know (a newer
 * leader has it, in the middle of a roll-out) costs that one finding and not the whole status.
 */
import { z } from 'zod'
import { findingCodes, type FindingCode } from './catalogue.ts'
import { reportedSources } from './merge.ts'
import type {
  BudgetStatus,
  LastingFinding,
  LegStatus,
  PlainHttpStatus,
  Reported,
  ServedStatus,
} from './reported.ts'

const text = z.string().max(2_000)
const time = z.number().int().nonnegative()
const amount = z.number().nonnegative()
const code = z.enum(findingCodes as unknown as [FindingCode, ...FindingCode[]])

const finding = z.strictObject({
  code,
  object: z.strictObject({
    kind: text,
    namespace: text.exactOptional(),
    name: text,
    field: text.exactOptional(),
  }),
  host: text.exactOptional(),
  seen: text,
  fix: z.discriminatedUnion('do', [
    z.strictObject({ do: z.literal('run'), command: text }),
    z.strictObject({ do: z.literal('edit'), yaml: text }),
    z.strictObject({ do: z.literal('act'), words: text }),
  ]),
  since: time,
  lastSeen: time,
  from: z.enum(['lint', 'preflight', 'canary', 'serving', 'budget']),
}) satisfies z.ZodType<LastingFinding>

const leg = z.strictObject({
  host: text,
  leg: z.enum(['inside', 'outside']),
  at: text,
  replica: text.exactOptional(),
  ok: z.boolean(),
  checkedAt: time,
  code: code.exactOptional(),
}) satisfies z.ZodType<LegStatus>

const served = z.strictObject({
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

const budget = z.strictObject({
  issuer: text,
  bucket: text,
  of: text.exactOptional(),
  used: amount,
  limit: amount,
  reserve: amount,
  windowSeconds: amount,
  nextPossibleAt: time.exactOptional(),
}) satisfies z.ZodType<BudgetStatus>

const plainHttp = z.strictObject({
  host: text,
  lastSeen: time.exactOptional(),
  days: z
    .array(
      z.strictObject({
        day: z.string().regex(/^\d{4}-\d\d-\d\d$/),
        redirects: amount,
        reads: amount,
        agents: z.strictObject({ browser: amount, bot: amount, library: amount, other: amount }),
      }),
    )
    .max(31),
}) satisfies z.ZodType<PlainHttpStatus>

/** Items that do not fit the shape are dropped; that there is no list at all is a fault. */
function list<Item>(item: z.ZodType<Item>, most: number): z.ZodType<Item[]> {
  return z
    .array(z.unknown())
    .max(most)
    .transform((all) =>
      all.flatMap((each) => {
        const read = item.safeParse(each)
        return read.success ? [read.data] : []
      }),
    )
}

const left = z.number().int().nonnegative().exactOptional()

export const reportedSchema = z.object({
  findings: list(finding, 10_000).exactOptional(),
  legs: list(leg, 10_000).exactOptional(),
  served: list(served, 10_000).exactOptional(),
  budget: list(budget, 10_000).exactOptional(),
  plainHttp: list(plainHttp, 10_000).exactOptional(),
  looked: list(z.enum(reportedSources), 100).exactOptional(),
  leftOut: z
    .object({ findings: left, legs: left, served: left, budget: left, plainHttp: left })
    .exactOptional(),
}) satisfies z.ZodType<Reported>
