/** What port80 says of the mistake, told as it is found. */
import { setTimeout as sleep } from 'node:timers/promises'
import { catalogue } from '../../src/finding/catalogue.ts'
import { fixText, objectText, pageOf, type Finding } from '../../src/finding/finding.ts'
import type { CertificateStatus } from '../../src/status/snapshot.ts'
import type { Parts } from './parts.ts'
import { NotIssued, reasonsOf } from './issuance.ts'
import type { Scene } from './scene.ts'
import type { Story } from './story.ts'

const deadlineMs = 60_000

/**
 * Resolves when each certificate was refused by a look or an attempt, and why is told. Throws NotIssued when that takes
 * longer than a minute; rejects when port80 ends or the signal aborts.
 */
export async function awaitFindings(
  scene: Scene,
  { port80 }: Parts,
  { story, signal }: { story: Story; signal: AbortSignal },
): Promise<void> {
  const startedAt = performance.now()
  const waiting = new Set(scene.certificates.map(({ name }) => name))
  while (waiting.size > 0) {
    signal.throwIfAborted()
    const status = await Promise.race([port80.status(), port80.crashed])
    for (const certificate of status?.certificates ?? []) {
      if (!waiting.has(certificate.name)) continue
      const lines = linesOf(certificate, status?.findings ?? [])
      if (lines.length === 0) continue
      waiting.delete(certificate.name)
      story.failed(lines.join('\n'))
    }
    if (performance.now() - startedAt > deadlineMs)
      throw new NotIssued(reasonsOf(status?.certificates ?? [], waiting))
    await sleep(50)
  }
}

/** Pure. The findings of its names; without one, why the last attempt failed; nothing as long as neither is there. */
export function linesOf(
  { name, domains, attempts }: Pick<CertificateStatus, 'name' | 'domains' | 'attempts'>,
  findings: readonly Finding[],
): readonly string[] {
  const own = findings.filter(({ host }) => host !== undefined && domains.includes(host))
  if (own.length > 0) return own.flatMap(findingLines)
  const failure = attempts.find((each) => each.failure)?.failure
  if (!failure) return []
  return [`${failure.identifier ?? name}: ${failure.reason}: ${failure.detail}`]
}

/** Pure. The first line says what is wrong where; the others why that matters, how to mend it, and where to read on. */
export function findingLines(finding: Finding): readonly string[] {
  const { title, why } = catalogue[finding.code]
  return [
    `${finding.code} ${finding.host ?? objectText(finding.object)}: ${title}: ${finding.seen}`,
    `  why   ${why}`,
    `  fix   ${fixText(finding.fix)}`,
    `  more  docs/${pageOf(finding.code)}`,
  ]
}
