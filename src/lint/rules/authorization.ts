/** P80-111 and P80-115: an AuthorizationPolicy refuses the CA; 115 where a token would have helped. Pure. */
import type { Finding } from '../../finding/finding.ts'
import { forEachHost, seen } from '../istio/found.ts'
import { leaveOut, letIn, type AuthorizationPolicy } from '../istio/policy-fix.ts'
import { takes } from '../istio/policy-match.ts'
import { appliesTo } from '../istio/policy-scope.ts'
import type { Rule } from '../objects.ts'

export const authorization: Rule = (objects, scope) =>
  forEachHost(objects, scope, (host, { edge }) => {
    const policies = objects.authorizationPolicies.filter((policy) => appliesTo(policy, edge, scope))
    return [
      ...policies.filter(({ spec }) => spec.action === 'DENY').flatMap((policy) => denied(policy, host)),
      ...notAllowed(
        policies.filter(({ spec }) => spec.action === 'ALLOW'),
        host,
      ),
    ]
  })

function denied(policy: AuthorizationPolicy, host: string): Finding[] {
  const { ref, spec } = policy
  const indexes = [...spec.rules.keys()].filter((index) => answer(policy, index, host, false) === 'yes')
  const [first] = indexes
  if (first === undefined) return []
  const wantsToken = indexes.every((index) => answer(policy, index, host, true) === 'no')
  return [
    {
      code: wantsToken ? 'P80-115' : 'P80-111',
      object: { ...ref, field: `spec.rules[${first}]` },
      host,
      seen: seen(
        `denies a stranger ${wantsToken ? 'without a token ' : ''}who GETs /.well-known/acme-challenge/ of ${host}`,
      ),
      fix: leaveOut(policy, indexes, host),
    },
  ]
}

/** Where there is any ALLOW policy, one of their rules has to take the request; the policy nearest to that is accused. */
function notAllowed(policies: readonly AuthorizationPolicy[], host: string): Finding[] {
  const allows = (policy: AuthorizationPolicy, token: boolean) =>
    [...policy.spec.rules.keys()].some((index) => answer(policy, index, host, token) !== 'no')
  if (policies.length === 0 || policies.some((policy) => allows(policy, false))) return []
  const withToken = policies.find((policy) => allows(policy, true))
  const policy = withToken ?? policies[0]
  if (!policy) return []
  const rules = policy.spec.rules.length === 0 ? 'has no rule, and so allows nobody' : 'has no rule that lets'
  const whom = withToken ? 'a stranger without a token' : 'a stranger'
  const what = `${rules === 'has no rule that lets' ? `${rules} ${whom}` : `${rules} to`} GET`
  return [
    {
      code: withToken ? 'P80-115' : 'P80-111',
      object: { ...policy.ref, field: 'spec.rules' },
      host,
      seen: seen(`${what} /.well-known/acme-challenge/ of ${host}`),
      fix: letIn(policy),
    },
  ]
}

function answer({ spec }: AuthorizationPolicy, index: number, host: string, token: boolean) {
  const rule = spec.rules[index]
  return rule ? takes(rule, { host, token }) : 'no'
}
