/** Since when each finding lasts. A finding that is not found again is forgotten. */
import type { Finding } from '../finding/finding.ts'
import { findingKey } from '../finding/merge.ts'
import type { LastingFinding } from '../finding/reported.ts'

export function lastingOf(): (found: readonly Finding[], now: number) => LastingFinding[] {
  let since = new Map<string, number>()
  return (found, now) => {
    const next = new Map<string, number>()
    const lasting = found.map((finding) => {
      const key = findingKey(finding)
      const from = since.get(key) ?? now
      next.set(key, from)
      return { ...finding, since: from, lastSeen: now, from: 'serving' as const }
    })
    since = next
    return lasting
  }
}
