/** What the certificate in a Secret is good for. Pure. */
import { patched } from './kubectl-command.ts'
import type { CredentialUse } from './credential-uses.ts'
import type { MeshObjects } from './objects.ts'
import type { SecretFacts } from './secret-facts.ts'

/** Undefined: nothing that parses, or port80's stand-in. */
export function namesIn({ leaf, certificateOnly }: SecretFacts): readonly string[] | undefined {
  return leaf?.placeholder ? undefined : (leaf ?? certificateOnly)?.names
}

export function isNamed(names: readonly string[], host: string): boolean {
  return names.includes(host) || names.includes(host.replace(/^[^.]+/, '*'))
}

/** A command that lets the Gateway name another Secret that is there and good for all its hosts, if there is one. */
export function useAnother(
  use: CredentialUse,
  { secrets }: MeshObjects,
  now: number,
): { readonly do: 'run'; readonly command: string } | undefined {
  const fits = ({ ref, leaf }: SecretFacts) =>
    use.namespaces.includes(ref.namespace) &&
    ref.name !== use.name &&
    leaf?.keyMatches === true &&
    leaf.notAfter > now &&
    use.hosts.every((host) => isNamed(leaf.names, host))
  const other = secrets.find(fits)
  return other && { do: 'run', command: named(use, other.ref.name) }
}

export function named({ gateway, kind, pointer }: CredentialUse, value: string): string {
  return patched(gateway, kind, [{ op: 'replace', path: pointer, value }])
}
