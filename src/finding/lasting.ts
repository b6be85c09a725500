/** Since when each finding of one source lasts. A finding that is not found again is forgotten. */
import type { Finding } from './finding.ts'
import { findingKey } from './merge.ts'
import type { LastingFinding } from './reported.ts'

/** `now` in epoch ms. Each call takes the whole of what is found now. */
export function lastingOf(
  from: LastingFinding['from'],
): (found: readonly Finding[], now: number) => LastingFinding[] {
  let since = new Map<string, number>()
  return (found, now) => {
    const next = new Map<string, number>()
    const lasting = found.map((finding) => {
      const key = findingKey(finding)
      const begun = since.get(key) ?? now
      next.set(key, begun)
      return { ...finding, since: begun, lastSeen: now, from }
    })
    since = next
    return lasting
  }
}
