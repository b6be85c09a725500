/** When the worker reads and judges the cluster next. Pure; epoch milliseconds. */

/** The last time that it was tried. */
export interface Turn {
  /** What was in force then; compared by identity. */
  readonly settings: object
  readonly at: number
  /** Absent: the cluster could not be read. */
  readonly found?: number
}

/** While something is wrong somebody is mending it, and a cluster that could not be read may be back soon. */
const soonMs = 60_000

/**
 * At once when it never was, or was by other settings. Else after `every` milliseconds, a tenth more or less by `random`
 * (0 to 1), so that many instances do not ask an API server at the same moment.
 */
export function nextTurn(last: Turn | undefined, settings: object, every: number, random: number): number {
  if (last === undefined || last.settings !== settings) return 0
  const wait = last.found === 0 ? every : Math.min(every, soonMs)
  return last.at + wait * (0.9 + 0.2 * random)
}
