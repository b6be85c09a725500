/** What is told of the budgets: each bucket that something was spent of, and what waits for it as findings. Pure. */
import type { Plan, Step, World } from '../certificate/plan.ts'
import type { Finding } from '../finding/finding.ts'
import type { BudgetStatus } from '../finding/reported.ts'
import { reservedOf, roomFor, usedOf, type Bucket } from './bucket.ts'
import type { Budget } from './budget.ts'
import { fullAtOf } from './ledger.ts'
import type { BucketName } from './limits.ts'

/** Those that hold something up first, then by how much of them is used. Epoch ms. */
export function bucketsOf(budgets: ReadonlyMap<string, Budget>, now: number): BudgetStatus[] {
  const all = [...budgets].flatMap(([issuer, budget]) =>
    'fault' in budget ? [] : bucketsOfIssuer(issuer, budget, now),
  )
  const rank = ({ used, limit, nextPossibleAt }: BudgetStatus) =>
    used / limit + (nextPossibleAt === undefined ? 0 : 1)
  return all.sort((one, other) => rank(other) - rank(one))
}

function bucketsOfIssuer(
  issuer: string,
  { limits, ledger }: Exclude<Budget, { fault: string }>,
  now: number,
): BudgetStatus[] {
  return (Object.entries(limits) as [BucketName, Bucket][]).flatMap(([name, bucket]) =>
    Object.entries(ledger[name] ?? {})
      .filter(([, fullAt]) => fullAt > now)
      .map(([of, fullAt]) => ({
        ...{ issuer, bucket: name, limit: bucket.limit, reserve: reservedOf(bucket) },
        ...(of !== '' && { of }),
        windowSeconds: bucket.windowMs / 1_000,
        ...spentOf(bucket, fullAtOf(bucket, fullAt, now), now),
      })),
  )
}

function spentOf(bucket: Bucket, fullAt: number | undefined, now: number) {
  const room = roomFor(bucket, fullAt, false, now)
  return { used: usedOf(bucket, fullAt, now), ...(!room.fits && { nextPossibleAt: room.nextPossibleAt }) }
}

/** P80-501 for each certificate whose order waits, P80-502 for each bucket that leaves nothing for new ones. */
export function budgetFindings(
  { certificates }: Pick<World, 'certificates'>,
  { steps }: Pick<Plan, 'steps'>,
  buckets: readonly BudgetStatus[],
): Finding[] {
  const hosts = new Map(certificates.map(({ desired }) => [desired.name, desired.domains[0]]))
  const used = buckets.flatMap((bucket) => (bucket.nextPossibleAt === undefined ? [] : usedUp(bucket)))
  return [...steps.flatMap((step) => waiting(step, hosts.get(step.certificate))), ...used]
}

function waiting(step: Step, host: string | undefined): Finding[] {
  if (step.do !== 'rest' || step.reason !== 'OverBudget' || host === undefined) return []
  const { issuer = '', detail = '', until } = step
  const seen = `Issuer ${issuer}: ${detail}${until === undefined ? '' : `; next possible at ${utc(until)}`}`
  const words =
    'wait: port80 orders by itself as soon as it fits (port80 plan); several hosts in one certificate take one order'
  return [
    {
      ...{ code: 'P80-501', object: { kind: 'Host', name: host }, host },
      ...{ seen: seen.slice(0, 300), fix: { do: 'act', words } },
    },
  ]
}

function usedUp({ issuer, bucket, of, used, limit, reserve, nextPossibleAt = 0 }: BudgetStatus): Finding {
  const what = of === undefined ? bucket : `${bucket} of ${of}`
  const field = `limits.${bucket}${of === undefined ? '' : `[${of}]`}`
  const kept = reserve > 0 ? `, ${reserve} kept for renewals` : ''
  const seen = `Issuer ${issuer}: ${used} of ${limit} ${what} used${kept}; room for a new certificate at ${utc(nextPossibleAt)}`
  const words =
    'put several hosts into one certificate, spread new ones over the window, or ask the CA for an override and write it into issuers.NAME.limits'
  return {
    ...{ code: 'P80-502', object: { kind: 'Issuer', name: issuer, field } },
    ...{ seen: seen.slice(0, 300), fix: { do: 'act', words } },
  }
}

/** To the minute that is not too early: `2026-11-26T08:00Z`. */
function utc(at: number): string {
  return `${new Date(Math.ceil(at / 60_000) * 60_000).toISOString().slice(0, 16)}Z`
}
