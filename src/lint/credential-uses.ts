/** Every Secret that a Gateway of Istio or of the Gateway API names for a server, and where its pods look for it. Pure. */
import { namespacesOfPods } from './managed-secrets.ts'
import type { LintScope, MeshObjects, Ref } from './objects.ts'
import type { SecretFacts } from './secret-facts.ts'

export interface CredentialUse {
  readonly kind: 'Gateway' | 'ApiGateway'
  readonly gateway: Ref
  readonly createdAt: number
  /** Path and RFC 6901 pointer of the name in the Gateway. */
  readonly field: string
  readonly pointer: string
  readonly name: string
  /** Where it is looked up; empty where nobody says where the pods are. */
  readonly namespaces: readonly string[]
  /** Labels of the pods, of Istio's Gateways. */
  readonly selector: Readonly<Record<string, string>>
  /** Exact, `*.example.com` or `*`; lower case. */
  readonly hosts: readonly string[]
  readonly port: number
  /** SIMPLE, MUTUAL, OPTIONAL_MUTUAL …; `Terminate` of the Gateway API. */
  readonly mode: string
}

export function credentialUses(objects: MeshObjects, scope: LintScope): CredentialUse[] {
  return [
    ...objects.gateways.flatMap((gateway) => usesOfIstio(gateway, objects, scope)),
    ...objects.apiGateways.flatMap(usesOfApi),
  ]
}

/** What the pods get. Where they are unknown: the only Secret of that name, if it is the only one. */
export function secretsOf(use: CredentialUse, { secrets }: MeshObjects): SecretFacts[] {
  const named = secrets.filter(({ ref }) => ref.name === use.name)
  if (use.namespaces.length > 0) return named.filter(({ ref }) => use.namespaces.includes(ref.namespace))
  return named.length === 1 ? named : []
}

/** In MUTUAL modes the client CA may be in a Secret of its own. */
export const isMutual = ({ mode }: CredentialUse) => mode === 'MUTUAL' || mode === 'OPTIONAL_MUTUAL'

function usesOfIstio(
  { ref, createdAt = 0, spec }: MeshObjects['gateways'][number],
  objects: MeshObjects,
  scope: LintScope,
): CredentialUse[] {
  const { selector } = spec
  return spec.servers.flatMap(({ tls, hosts, port }, index) => {
    if (!tls) return []
    const one = tls.credentialName === '' ? [] : [{ name: tls.credentialName, at: 'credentialName' }]
    const more = tls.credentialNames.map((name, at) => ({ name, at: `credentialNames[${at}]` }))
    return [...one, ...more].flatMap(({ name, at }): CredentialUse[] =>
      // `sds://…` and the like are no Secrets.
      name.includes(':')
        ? []
        : [
            {
              ...{ kind: 'Gateway', gateway: ref, createdAt, name, selector },
              field: `spec.servers[${index}].tls.${at}`,
              pointer: `/spec/servers/${index}/tls/${at.replace(/\[(\d+)\]/, '/$1')}`,
              namespaces: placesOf(name, selector, { objects, scope }),
              hosts: hosts.map(bare),
              ...{ port: port?.number ?? 0, mode: tls.mode },
            },
          ],
    )
  })
}

/** Of the pods that are known; else what the configuration says of the same pods. */
function placesOf(
  name: string,
  selector: Readonly<Record<string, string>>,
  { objects, scope }: { readonly objects: MeshObjects; readonly scope: LintScope },
): string[] {
  if (Object.keys(selector).length === 0) return []
  const running = namespacesOfPods(objects.pods, selector)
  if (running.length > 0) return running
  const same = scope.managed.certificates
    .flatMap(({ secrets }) => secrets)
    .filter((secret) => secret.name === name && secret.selector && sameLabels(secret.selector, selector))
  return [...new Set(same.flatMap(({ namespaces }) => namespaces))]
}

function usesOfApi({ ref, createdAt = 0, spec }: MeshObjects['apiGateways'][number]): CredentialUse[] {
  return spec.listeners.flatMap(({ tls, hostname, port }, index) =>
    (tls?.certificateRefs ?? []).flatMap(({ kind, group, name, namespace }, at): CredentialUse[] =>
      kind !== 'Secret' || group !== ''
        ? []
        : [
            {
              ...{ kind: 'ApiGateway', gateway: ref, createdAt, name, port, selector: {} },
              field: `spec.listeners[${index}].tls.certificateRefs[${at}].name`,
              pointer: `/spec/listeners/${index}/tls/certificateRefs/${at}/name`,
              namespaces: [namespace || ref.namespace],
              hosts: [hostname === '' ? '*' : hostname.toLowerCase()],
              mode: tls?.mode ?? 'Terminate',
            },
          ],
    ),
  )
}

/** `shop/Book.example.com` → `book.example.com`. */
function bare(host: string): string {
  return host.slice(host.indexOf('/') + 1).toLowerCase()
}

function sameLabels(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const entries = Object.entries(one)
  return entries.length === Object.keys(other).length && entries.every(([key, value]) => other[key] === value)
}
