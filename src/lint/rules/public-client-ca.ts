/** P80-209: a server asks for client certificates and trusts a public CA. Pure. */
import type { Finding } from '../../finding/finding.ts'
import { credentialUses, isMutual, secretsOf } from '../credential-uses.ts'
import type { LintScope, MeshObjects } from '../objects.ts'
import type { SecretFacts } from '../secret-facts.ts'

export function publicClientCa(objects: MeshObjects, scope: LintScope): Finding[] {
  return credentialUses(objects, scope)
    .filter(isMutual)
    .flatMap((use) => {
      // Istio looks into a Secret of this name first.
      const apart = secretsOf({ ...use, name: `${use.name}-cacert` }, objects)
      const secrets = apart.length > 0 ? apart : secretsOf(use, objects)
      return secrets.flatMap((secret): Finding[] => {
        const ca = publicCaIn(secret)
        if (ca === undefined) return []
        const gateway = `Gateway ${use.gateway.namespace}/${use.gateway.name}`
        return [
          {
            code: 'P80-209',
            object: { ...secret.ref, field: 'data["ca.crt"]' },
            seen: `holds a CA of ${ca}, and ${gateway} has mode ${use.mode}`.slice(0, 300),
            fix: {
              do: 'act',
              words: `put the CA of your clients, and only that, into ca.crt of Secret ${use.name.slice(0, 200)}-cacert`,
            },
          },
        ]
      })
    })
}

function publicCaIn({ clientCas }: SecretFacts): string | undefined {
  return organisations.find((name) =>
    clientCas.some(({ subject, issuer }) => isOf(subject, name) || isOf(issuer, name)),
  )
}

function isOf(distinguishedName: string, organisation: string): boolean {
  return `, ${distinguishedName}, `.includes(`, O=${organisation}, `)
}

/** As their certificates write it: those that sell or give certificates to anybody. */
const organisations = [
  ...['Internet Security Research Group', "Let's Encrypt", 'ZeroSSL', 'The USERTRUST Network'],
  ...['Sectigo Limited', 'DigiCert Inc', 'Google Trust Services LLC', 'Google Trust Services'],
  ...['GlobalSign nv-sa', 'GlobalSign', 'Amazon', 'Buypass AS-983163327', 'SSL Corporation', 'IdenTrust'],
  ...['GoDaddy.com, Inc.', 'Starfield Technologies, Inc.', 'Entrust, Inc.', 'Certainly'],
]
