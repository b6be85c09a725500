/** P80-207: a Secret of the configuration that port80 leaves alone, because it seems to be somebody else's. Pure. */
import type { RefusalReason } from '../../kube/secret-refusal.ts'
import type { Finding, Fix } from '../../finding/finding.ts'
import { adopting } from '../kubectl-command.ts'
import { heldSecrets } from '../managed-secrets.ts'
import type { LintScope, MeshObjects } from '../objects.ts'
import { refusalOfFacts } from '../refusal-of-facts.ts'
import type { SecretFacts } from '../secret-facts.ts'

export function foreignSecret(objects: MeshObjects, scope: LintScope): Finding[] {
  return heldSecrets(objects, scope).flatMap(({ secret, managed }): Finding[] => {
    const refusal = refusalOfFacts(secret, managed, scope)
    const field = refusal && fieldOf[refusal.reason]
    if (!refusal || field === undefined) return []
    return [
      {
        code: 'P80-207',
        object: { ...secret.ref, ...(field !== '' && { field }) },
        seen: refusal.words.slice(0, 300),
        fix: fixOf(secret, refusal.reason),
      },
    ]
  })
}

/** Undefined: another finding, or none. */
const fieldOf: Readonly<Record<RefusalReason, string | undefined>> = {
  'being deleted': undefined,
  'generic client CA': undefined,
  'generic keys': undefined,
  'other type': 'type',
  immutable: 'immutable',
  'other instance': 'metadata.annotations["port80.io/instance"]',
  'cert-manager': 'metadata.annotations["cert-manager.io/certificate-name"]',
  owner: 'metadata.ownerReferences[0]',
  'other manager': 'metadata.labels["app.kubernetes.io/managed-by"]',
  'something else': 'data',
  'valid pair of another': 'data["tls.crt"]',
}

function fixOf({ ref }: SecretFacts, reason: RefusalReason): Fix {
  if (reason === 'other type' || reason === 'immutable')
    return { do: 'act', words: 'no consent helps: name another Secret in the Gateway and in port80' }
  return { do: 'run', command: adopting(ref) }
}
