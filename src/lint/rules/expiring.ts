/** P80-205: the certificate in a Secret has expired, or nearly. Pure. */
import type { Finding, Fix } from '../../finding/finding.ts'
import { credentialUses, secretsOf } from '../credential-uses.ts'
import { adopting } from '../kubectl-command.ts'
import { heldSecrets, managerOf } from '../managed-secrets.ts'
import type { LintScope, MeshObjects } from '../objects.ts'
import { refusalOfFacts } from '../refusal-of-facts.ts'
import type { SecretFacts } from '../secret-facts.ts'

/** Of its lifetime; whoever renews does it with more than that left, also of certificates of six days. */
const late = 1 / 10
const hour = 3_600_000

export function expiring(objects: MeshObjects, scope: LintScope): Finding[] {
  const served = credentialUses(objects, scope).flatMap((use) => secretsOf(use, objects))
  const all = new Set([...heldSecrets(objects, scope).map(({ secret }) => secret), ...served])
  return [...all].flatMap((secret): Finding[] => {
    const seen = lateness(secret, scope.now)
    if (seen === undefined) return []
    return [{ code: 'P80-205', object: secret.ref, seen, fix: fixOf(secret, objects, scope) }]
  })
}

function lateness({ leaf, certificateOnly }: SecretFacts, now: number): string | undefined {
  const notAfter = leaf?.notAfter ?? certificateOnly?.notAfter
  if (notAfter === undefined || leaf?.placeholder) return undefined
  if (notAfter <= now) return `expired ${new Date(notAfter).toISOString().slice(0, 10)}`
  const lifetime = leaf ? leaf.notAfter - leaf.notBefore : 0
  const left = notAfter - now
  return left <= lifetime * late ? `expires in ${inWords(left)} of ${inWords(lifetime)}` : undefined
}

function inWords(ms: number): string {
  const hours = Math.round(ms / hour)
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`
}

function fixOf(secret: SecretFacts, objects: MeshObjects, scope: LintScope): Fix {
  const manager = managerOf(secret.ref, objects, scope)
  if (!manager) return { do: 'act', words: 'renew it where it comes from, or let port80 manage the host' }
  if (refusalOfFacts(secret, manager.managed, scope)) return { do: 'run', command: adopting(secret.ref) }
  return { do: 'act', words: 'port80 status says why it was not renewed' }
}
