/** Which Secrets are worth reading: those that a Gateway or the configuration names. Pure. */
import { objectName } from '../config/kubernetes-schema.ts'
import type { Config } from '../config/schema.ts'
import { configuredCertificates } from './managed.ts'
import type { MeshObjects } from './objects.ts'

export interface NamedSecrets {
  /** In whatever namespace: one in the wrong place is a finding. `sds://…` and the like are no Secrets. */
  readonly names: ReadonlySet<string>
  /** Where gateways would look for them, as far as objects and configuration tell. */
  readonly namespaces: ReadonlySet<string>
}

export function namedSecrets(
  { gateways, apiGateways, pods }: MeshObjects,
  config: Config | undefined,
): NamedSecrets {
  const managed = config ? configuredCertificates(config).flatMap(({ secrets }) => secrets) : []
  const istio = gateways.flatMap(({ spec }) =>
    spec.servers.flatMap(({ tls }) => {
      if (!tls) return []
      const { credentialName, credentialNames, caCertCredentialName } = tls
      return [caCertCredentialName, ...[credentialName, ...credentialNames].flatMap(withClientCa)]
    }),
  )
  const references = apiGateways.flatMap(({ ref, spec }) =>
    spec.listeners.flatMap(({ tls }) =>
      (tls?.certificateRefs ?? []).map(({ name, namespace }) => ({
        name,
        namespace: namespace || ref.namespace,
      })),
    ),
  )
  const selectors = gateways.map(({ spec }) => Object.entries(spec.selector))
  const ofPods = pods.filter(({ labels }) =>
    selectors.some((selector) => selector.every(([key, value]) => labels[key] === value)),
  )
  return {
    names: new Set(
      [...managed.map(({ name }) => name), ...istio, ...references.map(({ name }) => name)].filter(
        (name) => objectName.safeParse(name).success,
      ),
    ),
    namespaces: new Set([
      ...managed.flatMap(({ namespaces }) => namespaces),
      ...[...gateways, ...apiGateways].map(({ ref }) => ref.namespace),
      ...references.map(({ namespace }) => namespace),
      ...ofPods.map(({ ref }) => ref.namespace),
    ]),
  }
}

/** Istio looks for the client CA in a Secret of this name too. */
function withClientCa(name: string): string[] {
  return name === '' ? [] : [name, `${name}-cacert`]
}
