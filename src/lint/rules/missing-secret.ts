/**
 * A Secret that a Gateway names and its pods do not find. Pure. P80-201: it is in another namespace; P80-202: nowhere. One
 * that port80 is going to write there is neither, and nothing is missing where not all Secrets were read.
 */
import type { Finding, Fix } from '../../finding/finding.ts'
import { named, useAnother } from '../certificate-names.ts'
import { credentialUses, type CredentialUse } from '../credential-uses.ts'
import { word } from '../kubectl-command.ts'
import { managerOf, namespacesOfPods } from '../managed-secrets.ts'
import type { LintScope, MeshObjects } from '../objects.ts'
import type { SecretFacts } from '../secret-facts.ts'

export function missingSecret(objects: MeshObjects, scope: LintScope): Finding[] {
  if (!scope.whole.has('secrets')) return []
  return credentialUses(objects, scope).flatMap((use): Finding[] => {
    const known = objects.secrets.filter(({ ref }) => ref.name === use.name)
    const places = use.namespaces.filter(
      (namespace) =>
        !known.some(({ ref }) => ref.namespace === namespace) &&
        !managerOf({ namespace, name: use.name }, objects, scope),
    )
    const [place] = places
    if (place === undefined) return []
    const elsewhere = use.kind === 'Gateway' ? known[0] : undefined
    return [
      elsewhere
        ? misplaced(use, elsewhere, { place, pods: ofPods(use, objects) })
        : missing(use, place, { objects, scope }),
    ]
  })
}

function misplaced(
  { gateway }: CredentialUse,
  secret: SecretFacts,
  { place, pods }: { readonly place: string; readonly pods: boolean },
): Finding {
  const who = pods ? 'the pods' : 'the pods, as the configuration has them,'
  return {
    code: 'P80-201',
    object: secret.ref,
    seen: `${who} of Gateway ${gateway.namespace}/${gateway.name} are in ${place}`.slice(0, 300),
    fix: { do: 'run', command: copied(secret, place) },
  }
}

/** Without owner, annotations or a look at the values; it does not overwrite what is there. */
function copied({ ref: { namespace, name }, keys }: SecretFacts, to: string): string {
  const values = keys.map((key) => `"${key}":"{{index .data "${key}"}}"`).join(',')
  const head = `"apiVersion":"v1","kind":"Secret","type":"{{.type}}","metadata":{"name":"{{.metadata.name}}"}`
  const template = word(`go-template={${head},"data":{${values}} }`)
  return `kubectl -n ${word(namespace)} get secret ${word(name)} -o ${template} | kubectl -n ${word(to)} create -f -`
}

function missing(
  use: CredentialUse,
  place: string,
  { objects, scope }: { readonly objects: MeshObjects; readonly scope: LintScope },
): Finding {
  const host = use.hosts.find((each) => scope.managed.hosts.includes(each))
  return {
    code: 'P80-202',
    object: { ...use.gateway, field: use.field },
    ...(host !== undefined && { host }),
    seen: `Secret ${place}/${use.name} is not there`.slice(0, 300),
    fix: fixOf(use, place, { objects, scope }),
  }
}

/** The Secret that port80 has for these hosts, or another that is there and names them. */
function fixOf(
  use: CredentialUse,
  place: string,
  { objects, scope }: { readonly objects: MeshObjects; readonly scope: LintScope },
): Fix {
  const certificate = scope.managed.certificates.find(({ hosts }) =>
    use.hosts.every((host) => hosts.includes(host)),
  )
  const own = certificate?.secrets.find(({ name }) => managerOf({ namespace: place, name }, objects, scope))
  if (own) return { do: 'run', command: named(use, own.name) }
  const words = 'let port80 manage the host with this Secret, or name one that is there'
  return useAnother(use, objects, scope.now) ?? { do: 'act', words }
}

function ofPods({ selector }: CredentialUse, { pods }: MeshObjects): boolean {
  return namespacesOfPods(pods, selector).length > 0
}
