/** P80-208: one Secret on two Gateways of the same pods for other hosts. Pure. What istioctl calls IST0138. */
import type { Finding } from '../../finding/finding.ts'
import { isNamed, namesIn, useAnother } from '../certificate-names.ts'
import { credentialUses, secretsOf, type CredentialUse } from '../credential-uses.ts'
import { hasLabels } from '../managed-secrets.ts'
import type { LintScope, MeshObjects, Ref } from '../objects.ts'

export function sharedCertificate(objects: MeshObjects, scope: LintScope): Finding[] {
  const uses = credentialUses(objects, scope)
    .filter(({ kind }) => kind === 'Gateway')
    .sort(olderFirst)
  return uses.flatMap((use, index): Finding[] => {
    const first = uses.slice(0, index).find((one) => isShared(one, use, objects))
    const others = use.hosts.filter((host) => !first?.hosts.includes(host))
    if (!first || others.length === 0 || !others.some((host) => mayBeReused(host, use, objects))) return []
    const words = `put the hosts of both on one Gateway, or give this one a Secret of its own, for its hosts only`
    return [
      {
        code: 'P80-208',
        object: { ...use.gateway, field: use.field },
        seen: `${use.name} is also served by Gateway ${textOf(first.gateway)}, for other hosts`.slice(0, 300),
        fix: useAnother(use, objects, scope.now) ?? { do: 'act', words },
      },
    ]
  })
}

/** The older Gateway keeps what it has; of the same second that whose name comes first. */
function olderFirst(one: CredentialUse, other: CredentialUse): number {
  return one.createdAt - other.createdAt || (textOf(one.gateway) < textOf(other.gateway) ? -1 : 1)
}

function isShared(one: CredentialUse, other: CredentialUse, { pods }: MeshObjects): boolean {
  if (one.name !== other.name || one.port !== other.port) return false
  if (textOf(one.gateway) === textOf(other.gateway)) return false
  const selected = pods.filter((pod) => hasLabels(pod, one.selector))
  if (selected.length > 0) return selected.some((pod) => hasLabels(pod, other.selector))
  return Object.entries(one.selector).every(([key, value]) => other.selector[key] === value)
}

/** A browser takes the open connection only for hosts that the certificate names; P80-204 tells of the others. */
function mayBeReused(host: string, use: CredentialUse, objects: MeshObjects): boolean {
  const known = secretsOf(use, objects).flatMap((secret) => namesIn(secret) ?? [])
  return known.length === 0 || host.startsWith('*') || isNamed(known, host)
}

function textOf({ namespace, name }: Ref): string {
  return `${namespace}/${name}`
}
