/** P80-203: certificate and key of a Secret do not belong together, or one of them cannot be read. Pure. */
import type { Finding, Fix } from '../../finding/finding.ts'
import { credentialUses, secretsOf } from '../credential-uses.ts'
import { adopting } from '../kubectl-command.ts'
import { heldSecrets, managerOf } from '../managed-secrets.ts'
import type { LintScope, MeshObjects } from '../objects.ts'
import type { SecretFacts } from '../secret-facts.ts'

export function mismatchedKey(objects: MeshObjects, scope: LintScope): Finding[] {
  const served = credentialUses(objects, scope).flatMap((use) => secretsOf(use, objects))
  const all = new Set([...heldSecrets(objects, scope).map(({ secret }) => secret), ...served])
  return [...all].flatMap((secret): Finding[] => {
    const seen = faultOf(secret)
    if (seen === undefined) return []
    return [
      {
        code: 'P80-203',
        object: { ...secret.ref, field: 'data["tls.key"]' },
        seen,
        fix: fixOf(secret, managerOf(secret.ref, objects, scope) !== undefined),
      },
    ]
  })
}

function faultOf({ leaf, certificateOnly, keys }: SecretFacts): string | undefined {
  if (leaf) return leaf.keyMatches ? undefined : 'is not the key of the certificate'
  // An empty or missing key is a Secret that waits for its pair; generic keys are P80-206.
  if (!certificateOnly || !keys.includes('tls.key') || keys.includes('cert')) return undefined
  return 'cannot be read as a private key'
}

/** port80 replaces a pair that does not fit, but for what has another owner: the annotation is the consent for that. */
function fixOf({ ref }: SecretFacts, managed: boolean): Fix {
  if (!managed)
    return {
      do: 'act',
      words: 'put the certificate and the key there that belong together, both in one change',
    }
  return { do: 'run', command: adopting(ref) }
}
