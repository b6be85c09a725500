/** What rules have in common when they put a finding together. Pure. */
import type { Finding } from '../../finding/finding.ts'
import type { LintScope, MeshObjects } from '../objects.ts'
import { edgesOf } from './edge.ts'
import type { View } from './virtual-host.ts'

/** For each managed host and each place where it comes in; each finding once. */
export function forEachHost(
  objects: MeshObjects,
  scope: LintScope,
  look: (host: string, view: View) => readonly Finding[],
): Finding[] {
  const all = scope.managed.hosts.flatMap((host) =>
    edgesOf(host, objects, scope).flatMap((edge) => look(host, { objects, scope, edge })),
  )
  return once(all)
}

export function once(findings: readonly Finding[]): Finding[] {
  const keys = new Map(findings.map((finding) => [JSON.stringify([finding.object, finding.host]), finding]))
  return [...keys.values()]
}

/** At most 300 characters. */
export function seen(text: string): string {
  const plain = text.replace(/[^\x20-\x7e]/g, '?')
  return plain.length > 300 ? `${plain.slice(0, 297)}...` : plain
}
