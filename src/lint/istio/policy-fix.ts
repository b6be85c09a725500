/** What lets the CA through a policy, as a command. Pure. */
import type { Fix } from '../../finding/finding.ts'
import { merged, patched, type JsonPatch } from '../kubectl-command.ts'
import type { MeshObjects } from '../objects.ts'
import { challengePrefix } from './challenge-match.ts'
import { isTo } from './policy-match.ts'

export type AuthorizationPolicy = MeshObjects['authorizationPolicies'][number]

const prefix = `${challengePrefix}*`

/** One more rule: anybody may read what is under the prefix. */
export function letIn({ ref, spec }: AuthorizationPolicy): Fix {
  const rule = { to: [{ operation: { methods: ['GET'], paths: [prefix] } }] }
  const command =
    spec.rules.length === 0
      ? merged(ref, 'AuthorizationPolicy', { spec: { rules: [rule] } })
      : patched(ref, 'AuthorizationPolicy', [{ op: 'add', path: '/spec/rules/-', value: rule }])
  return { do: 'run', command }
}

/** The prefix is left out of those rules, whatever else they are about. */
export function leaveOut({ ref, spec }: AuthorizationPolicy, indexes: readonly number[], host: string): Fix {
  const operations = indexes.flatMap((index): JsonPatch[] => {
    const path = `/spec/rules/${index}/to`
    const to = spec.rules[index]?.to ?? []
    if (to.length === 0) return [{ op: 'add', path, value: [{ operation: { notPaths: [prefix] } }] }]
    return to.flatMap(({ operation }, place): JsonPatch[] => {
      const at = `${path}/${place}/operation`
      if (!operation) return [{ op: 'add', path: at, value: { notPaths: [prefix] } }]
      if (isTo(operation, { host, token: false }) !== 'yes') return []
      return operation.notPaths.length > 0
        ? [{ op: 'add', path: `${at}/notPaths/-`, value: prefix }]
        : [{ op: 'add', path: `${at}/notPaths`, value: [prefix] }]
    })
  })
  return { do: 'run', command: patched(ref, 'AuthorizationPolicy', operations) }
}
