/** P80-206: keys `cert` and `key`, which Istio prefers to those that port80 writes. Pure. */
import type { Finding, Fix } from '../../finding/finding.ts'
import { adopting, kubectl, word } from '../kubectl-command.ts'
import { heldSecrets } from '../managed-secrets.ts'
import type { LintScope, MeshObjects } from '../objects.ts'
import { refusalOfFacts } from '../refusal-of-facts.ts'
import type { SecretFacts } from '../secret-facts.ts'

export function genericKeys(objects: MeshObjects, scope: LintScope): Finding[] {
  return heldSecrets(objects, scope).flatMap(({ secret, managed }): Finding[] => {
    const refusal = refusalOfFacts(secret, managed, scope)
    if (refusal?.reason !== 'generic keys' && refusal?.reason !== 'generic client CA') return []
    const has = namesOf(secret).filter((name) => generic.has(name))
    return [
      {
        code: 'P80-206',
        object: { ...secret.ref, field: 'data' },
        seen: `has ${has.join(' and ')}, which Istio prefers to tls.crt and tls.key`,
        fix: fixOf(secret),
      },
    ]
  })
}

const generic: ReadonlyMap<string, string> = new Map([
  ['cert', 'tls.crt'],
  ['key', 'tls.key'],
  ['cacert', 'ca.crt'],
])

/**
 * Nothing is thrown away: each value moves to the name that port80 and Istio both know, so that the gateway goes on with
 * what it serves, or beside it where that name is taken. A pair that still counts port80 replaces with consent only.
 */
function fixOf(secret: SecretFacts): Fix {
  if (secret.immutable)
    return { do: 'act', words: 'the Secret is immutable: name another one in the Gateway and in port80' }
  const taken = new Set(namesOf(secret))
  const free = ![...generic].some(([from, to]) => taken.has(from) && taken.has(to))
  const moves = [...generic].flatMap(([from, to]): Move[] =>
    taken.has(from)
      ? [{ op: 'move', from: `/data/${from}`, path: `/data/${free ? to : `${from}.before`}` }]
      : [],
  )
  const patch = kubectl(secret.ref, 'Secret', 'patch', '--type', 'json', '-p', word(JSON.stringify(moves)))
  return { do: 'run', command: `${patch} && ${adopting(secret.ref)}` }
}

type Move = { readonly op: 'move'; readonly from: string; readonly path: string }

function namesOf({ keys, emptyKeys }: SecretFacts): string[] {
  return [...keys, ...emptyKeys]
}
