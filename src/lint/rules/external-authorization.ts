/** P80-112: a CUSTOM policy has a login asked about the challenge. What that login says of it is not in the objects. Pure. */
import type { Finding } from '../../finding/finding.ts'
import { forEachHost, seen } from '../istio/found.ts'
import { leaveOut } from '../istio/policy-fix.ts'
import { takes } from '../istio/policy-match.ts'
import { appliesTo } from '../istio/policy-scope.ts'
import type { Rule } from '../objects.ts'

export const externalAuthorization: Rule = (objects, scope) =>
  forEachHost(objects, scope, (host, { edge }) =>
    objects.authorizationPolicies.flatMap((policy): Finding[] => {
      const { ref, spec } = policy
      if (spec.action !== 'CUSTOM' || !appliesTo(policy, edge, scope)) return []
      const indexes = [...spec.rules.entries()].flatMap(([index, rule]) =>
        takes(rule, { host, token: false }) === 'yes' ? [index] : [],
      )
      const provider = spec.provider?.name ?? 'a provider'
      const [first] = indexes
      if (first === undefined) return []
      return [
        {
          code: 'P80-112',
          object: { ...ref, field: `spec.rules[${first}]` },
          host,
          seen: seen(`CUSTOM asks ${provider} about /.well-known/acme-challenge/ of ${host} too`),
          fix: leaveOut(policy, indexes, host),
        },
      ]
    }),
  )
