/** P80-204: the certificate does not name a host that a Gateway serves with it. Pure. */
import type { Finding, Fix } from '../../finding/finding.ts'
import { isNamed, namesIn, useAnother } from '../certificate-names.ts'
import { credentialUses, secretsOf, type CredentialUse } from '../credential-uses.ts'
import { managerOf } from '../managed-secrets.ts'
import type { LintScope, MeshObjects, Ref } from '../objects.ts'

export function otherNames(objects: MeshObjects, scope: LintScope): Finding[] {
  return credentialUses(objects, scope).flatMap((use) =>
    secretsOf(use, objects).flatMap((secret): Finding[] => {
      const names = namesIn(secret)
      // A key that does not fit is P80-203, and comes first.
      if (!names || secret.leaf?.keyMatches === false) return []
      const manager = managerOf(secret.ref, objects, scope)
      // port80 orders what its configuration has more than the certificate. A server for `*` has no host of its own.
      const [host, ...more] = use.hosts.filter(
        (each) => !each.includes('*') && !isNamed(names, each) && !manager?.certificate.hosts.includes(each),
      )
      if (host === undefined) return []
      const gateway = `Gateway ${use.gateway.namespace}/${use.gateway.name}`
      const further = more.length > 0 ? ` and ${more.length} more` : ''
      return [
        {
          code: 'P80-204',
          object: secret.ref,
          ...(scope.managed.hosts.includes(host) && { host }),
          seen: `is for ${few(names)}; ${gateway} serves ${host}${further} with it`.slice(0, 300),
          fix: fixOf(
            use,
            { ref: secret.ref, hosts: manager && [...manager.certificate.hosts, host, ...more] },
            {
              objects,
              scope,
            },
          ),
        },
      ]
    }),
  )
}

/** `hosts` is what the certificate of port80 would have to name. */
function fixOf(
  use: CredentialUse,
  { ref, hosts }: { readonly ref: Ref; readonly hosts: readonly string[] | undefined },
  { objects, scope }: { readonly objects: MeshObjects; readonly scope: LintScope },
): Fix {
  const another = useAnother(use, objects, scope.now)
  if (another) return another
  if (hosts) return { do: 'edit', yaml: `domains: [${hosts.join(', ')}]` }
  const words = `name another Secret in ${use.field}, or put a certificate with these names into ${ref.name}`
  return { do: 'act', words }
}

function few(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => name.slice(0, 60))
  return names.length > 3 ? `${shown.join(', ')} …` : shown.join(', ') || 'no name'
}
