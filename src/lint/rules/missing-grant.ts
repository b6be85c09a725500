/**
 * P80-108: an HTTPRoute leads to port80, or a listener names a Secret of port80, in another namespace that does not let it.
 * Pure. Only where all grants were read: one that was not given may well be there.
 */
import type { Finding } from '../../finding/finding.ts'
import { credentialUses } from '../credential-uses.ts'
import { granting, isGranted, type Reference } from '../gateway-api/grant.ts'
import { hostnameFor, weightOf } from '../gateway-api/hostnames.ts'
import { covers } from '../istio/host-pattern.ts'
import { once, seen } from '../istio/found.ts'
import { isBackend } from '../istio/responder.ts'
import type { LintScope, MeshObjects, Ref, Rule } from '../objects.ts'

export const missingGrant: Rule = (objects, scope) => {
  if (!scope.whole.has('referenceGrants')) return []
  const { hosts } = scope.managed
  const stated = hosts.flatMap((host) => [
    ...routesFor(host, objects, scope),
    ...secretsFor(host, objects, scope),
  ])
  return once(
    stated.filter(({ reference }) => !isGranted(reference, objects)).map((each) => findingOf(each, objects)),
  )
}

interface Stated {
  readonly host: string
  readonly object: Ref
  readonly field: string
  readonly reference: Reference
}

/** The way of the challenge: of the routes for the host those that name it best. One of them is enough to be told. */
function routesFor(host: string, { httpRoutes }: MeshObjects, { responder }: LintScope): Stated[] {
  if (!responder) return []
  const ways = httpRoutes.flatMap(({ ref, spec }) => {
    const pattern = hostnameFor(spec.hostnames, host)
    if (pattern === undefined) return []
    return spec.rules.flatMap(({ backendRefs }, index) =>
      backendRefs.flatMap((to, at) =>
        isBackend(to, ref.namespace, responder)
          ? [{ ref, weight: weightOf(pattern, host), field: `spec.rules[${index}].backendRefs[${at}]` }]
          : [],
      ),
    )
  })
  const best = Math.max(...ways.map(({ weight }) => weight))
  const first = new Map<string, Stated>()
  for (const { ref, weight, field } of ways) {
    const key = `${ref.namespace}/${ref.name}`
    if (weight < best || first.has(key)) continue
    const from = { kind: 'HTTPRoute', namespace: ref.namespace } as const
    const to = { kind: 'Service', namespace: responder.namespace, name: responder.service } as const
    first.set(key, { host, object: ref, field, reference: { from, to } })
  }
  return [...first.values()]
}

/** Secrets that port80 fills, of listeners for the host. */
function secretsFor(host: string, objects: MeshObjects, scope: LintScope): Stated[] {
  const names = new Set(
    scope.managed.certificates.flatMap(({ hosts, secrets }) =>
      hosts.includes(host) ? secrets.map(({ name }) => name) : [],
    ),
  )
  return credentialUses(objects, scope).flatMap(
    ({ kind, gateway, field, name, hosts, namespaces }): Stated[] => {
      const [namespace] = namespaces
      const ours = names.has(name) && hosts.some((pattern) => covers(pattern, host))
      if (kind !== 'ApiGateway' || !ours || namespace === undefined) return []
      const from = { kind: 'Gateway', namespace: gateway.namespace } as const
      const reference = { from, to: { kind: 'Secret', namespace, name } } as const
      return [{ host, object: gateway, field: field.replace(/\.name$/, ''), reference }]
    },
  )
}

function findingOf({ host, object, field, reference }: Stated, objects: MeshObjects): Finding {
  const { kind, namespace, name } = reference.to
  return {
    code: 'P80-108',
    object: { ...object, field },
    host,
    seen: seen(`${kind} ${namespace}/${name} is in another namespace, and no ReferenceGrant there lets it`),
    fix: { do: 'run', command: granting(reference, objects) },
  }
}
