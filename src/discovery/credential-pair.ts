/** Two Secrets for one set of hosts: an RSA and an ECDSA certificate, of which each client takes the one it knows. Pure. */
import type { Wishes } from './claim.ts'
import { wishAnnotations } from './wishes.ts'

export interface Credential {
  readonly secret: string
  readonly wishes: Wishes
}

/**
 * What is wished for each of one or two Secrets. The types of a pair are those of the annotation, `rsa-3072,ecdsa-p384`, in
 * the order of the names. Without it the Secret whose name says rsa gets that, and if neither does, the first.
 */
export function credentialsOf(
  names: readonly string[],
  wishes: Wishes,
): { readonly ok: readonly Credential[] } | { readonly fault: string } {
  const [first, second, third] = names
  if (first === undefined) return { ok: [] }
  if (third !== undefined) return { fault: 'more than two Secrets for one listener: a gateway takes two' }
  if (second === undefined || second === first) return { ok: [{ secret: first, wishes }] }
  const types = wishes.keyType?.split(',').map((each) => each.trim()) ?? usual(first, second)
  const [one, other] = types
  if (one === undefined || other === undefined || types.length > 2 || kindOf(one) === kindOf(other))
    return {
      fault: `${wishAnnotations.keyType} is for two Secrets here; write an RSA and an ECDSA type, such as rsa-2048,ecdsa-p256`,
    }
  return {
    ok: [
      { secret: first, wishes: { ...wishes, keyType: one } },
      { secret: second, wishes: { ...wishes, keyType: other } },
    ],
  }
}

function usual(first: string, second: string): string[] {
  return saysRsa(second) && !saysRsa(first) ? ['ecdsa-p256', 'rsa-2048'] : ['rsa-2048', 'ecdsa-p256']
}

/** Envoy takes one certificate of a kind. */
function kindOf(keyType: string): string {
  return keyType.split('-', 1)[0] ?? ''
}

function saysRsa(name: string): boolean {
  return name.split(/[-.]/).includes('rsa')
}
