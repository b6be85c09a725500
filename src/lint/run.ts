/** All rules over what was read: each finding once, errors first. Pure. */
import { inOrder, type Finding } from '../finding/finding.ts'
import { findingKey } from '../finding/merge.ts'
import type { LintScope, MeshObjects, Rule } from './objects.ts'

export interface Judgement {
  readonly findings: readonly Finding[]
  readonly remarks: readonly string[]
}

/** A rule that fails is a bug of ours: it is said so, and the others are heard all the same. Never throws. */
export function lint(objects: MeshObjects, scope: LintScope, rules: readonly Rule[]): Judgement {
  const remarks: string[] = []
  const found = new Map<string, Finding>()
  for (const rule of rules) {
    for (const finding of judged(rule, { objects, scope, remarks })) {
      const key = findingKey(finding)
      if (!found.has(key)) found.set(key, finding)
    }
  }
  return { findings: inOrder([...found.values()]), remarks }
}

function judged(
  rule: Rule,
  about: { readonly objects: MeshObjects; readonly scope: LintScope; readonly remarks: string[] },
): readonly Finding[] {
  try {
    return rule(about.objects, about.scope)
  } catch (error) {
    // The message of an error may quote what it was given.
    const what = error instanceof Error ? error.name : 'an error'
    about.remarks.push(
      `the rule ${rule.name || 'without a name'} failed (${what}), a bug of port80; please report it`,
    )
    return []
  }
}
