/**
 * What the leader before told, while the new one has not looked yet: a finding must not end because a pod was replaced. Each
 * part goes when whoever looks for it has told something of its own. Pure.
 */
import { findingKey, type Part, type ReportedSource } from './merge.ts'
import type { LastingFinding, Reported } from './reported.ts'

/** Milliseconds after which nothing of it is believed any more: a look that was turned off meanwhile replaces nothing. */
export const inheritedMs = 3_600_000

/** Preflight and canary write on one board (src/reach/look-board.ts). */
const toldBy: Readonly<Record<LastingFinding['from'], readonly ReportedSource[]>> = {
  lint: ['lint'],
  preflight: ['preflight', 'canary'],
  canary: ['canary'],
  serving: ['serving'],
  budget: ['budget'],
}

/** What is left of it once these have told. */
export function stillInherited(before: Reported, told: ReadonlySet<ReportedSource>): Reported {
  const { lookedAt } = before
  // Of each look the newest time counts, whoever took it.
  const open = openParts(before, told)
  return { ...open, ...(lookedAt && { lookedAt }), ...leftOutOf(open, before) }
}

/** What had no room is still missing while its part stands. */
function leftOutOf(open: Reported, { leftOut = {} }: Reported): Pick<Reported, 'leftOut'> {
  const still = Object.entries(leftOut).filter(([part]) => open[part as Part] !== undefined)
  return still.length === 0 ? {} : { leftOut: Object.fromEntries(still) }
}

function openParts(before: Reported, told: ReadonlySet<ReportedSource>): Reported {
  const open = (...sources: readonly ReportedSource[]) => !sources.some((source) => told.has(source))
  const findings = before.findings?.filter(({ from }) => open(...toldBy[from])) ?? []
  return {
    ...(findings.length > 0 && { findings }),
    ...(before.legs && open('canary', 'preflight') && { legs: before.legs }),
    ...(before.served && open('serving') && { served: before.served }),
    ...(before.budget && open('budget') && { budget: before.budget }),
    ...(open('usage') && usageOf(before)),
  }
}

function usageOf({ plainHttp, counted }: Reported): Reported {
  return { ...(plainHttp && { plainHttp }), ...(counted && { counted }) }
}

/** A finding that is seen again has lasted since the leader before saw it first. */
export function sinceBefore(found: readonly LastingFinding[], before: Reported): readonly LastingFinding[] {
  if (!before.findings || before.findings.length === 0) return found
  const known = new Map(before.findings.map((each) => [findingKey(each), each.since]))
  return found.map((each) => {
    const since = Math.min(each.since, known.get(findingKey(each)) ?? each.since)
    return since === each.since ? each : { ...each, since }
  })
}
