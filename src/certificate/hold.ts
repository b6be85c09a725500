/** What a limit of the CA covers (a durable schedule, never a sleep). Pure; times are epoch ms. */
import type { Failure, FailureReason, LimitScope } from '../reason.ts'
import type { HoldsRecord } from '../state/records.ts'
import type { Desired } from './certificate.ts'

export type Hold = HoldsRecord['holds'][number]

/** No known limit is longer; a moment beyond it is a mistake of the CA or of a clock, and must not stop us for ever. */
const longestHoldMs = 7 * 86_400_000

/** The latest hold of this issuer that covers the certificate now, or undefined. With several, the furthest counts. */
export function coveringHold(
  holds: readonly Hold[],
  desired: Pick<Desired, 'domains'>,
  now: number,
): Hold | undefined {
  let latest: Hold | undefined
  for (const hold of holds) {
    if (hold.until <= now || !covers(hold, desired.domains)) continue
    if (!latest || hold.until > latest.until) latest = hold
  }
  return latest
}

/** The key of an exact set of identifiers, independent of their order. */
export function identifierSetKey(domains: readonly string[]): string {
  return [...new Set(domains)].sort().join(',')
}

/** The holds after a failure that names a limit: expired ones dropped, the same limit kept once with its later end. */
export function withHold(
  holds: readonly Hold[],
  failure: Failure,
  domains: readonly string[],
  now: number,
): Hold[] {
  const alive = holds.filter((hold) => hold.until > now)
  const { scope, retryAt } = failure
  if (!scope || retryAt === undefined || retryAt <= now) return alive
  const value = scopeValue(scope, domains)
  const until = Math.min(retryAt, now + longestHoldMs)
  const added = newHold(scope, value, { reason: failure.reason, detail: failure.detail, until, now })
  const same = (hold: Hold) => hold.kind === added.kind && hold.value === added.value
  const known = alive.find(same)
  if (known && known.until >= added.until) return alive
  // Bounded by dropping what ends first: 1,000 holds at once mean that nothing is ordered anyway.
  return [...alive.filter((hold) => !same(hold)), added].sort((a, b) => b.until - a.until).slice(0, 1_000)
}

function newHold(
  scope: LimitScope,
  value: string | undefined,
  facts: { reason: FailureReason; detail: string; until: number; now: number },
): Hold {
  const hold: Hold = {
    kind: scope.kind,
    until: Math.round(facts.until),
    since: facts.now,
    reason: facts.reason,
    detail: facts.detail,
  }
  return value === undefined ? hold : { ...hold, value }
}

function scopeValue(scope: LimitScope, domains: readonly string[]): string | undefined {
  switch (scope.kind) {
    case 'issuer':
      return undefined
    case 'identifierSet':
      return identifierSetKey(domains)
    case 'registeredDomain':
    case 'identifier':
      return scope.value
  }
}

function covers(hold: Hold, domains: readonly string[]): boolean {
  switch (hold.kind) {
    case 'issuer':
      return true
    case 'identifierSet':
      return hold.value === identifierSetKey(domains)
    case 'identifier':
      return domains.some((name) => name === hold.value)
    case 'registeredDomain':
      return domains.some((name) => name === hold.value || name.endsWith(`.${hold.value}`))
    // A newer version knows what it covers; here it may be everything of the issuer.
    default:
      return true
  }
}
