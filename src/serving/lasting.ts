/** Since when each finding lasts. A finding that is not found again is forgotten. */
import { objectText, type Finding } from '../finding/finding.ts'
import type { LastingFinding } from '../finding/reported.ts'

export function lastingOf(): (found: readonly Finding[], now: number) => LastingFinding[] {
  let since = new Map<string, number>()
  return (found, now) => {
    const next = new Map<string, number>()
    const lasting = found.map((finding) => {
      const key = `${finding.code} ${objectText(finding.object)} ${finding.host ?? ''}`
      const from = since.get(key) ?? now
      next.set(key, from)
      return { ...finding, since: from, lastSeen: now, from: 'serving' as const }
    })
    since = next
    return lasting
  }
}
