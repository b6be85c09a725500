/**
 * Which certificates are port80's: those of the configuration, those that opted-in Gateways ask for, and where nothing says
 * it, what can be guessed from the Gateways. Pure.
 */
import { isIP } from 'node:net'
import type { Config } from '../config/schema.ts'
import { readApiGateway } from '../discovery/api-gateway.ts'
import { selectorKey, wordsFor, type Claim, type ObjectRef, type Reading } from '../discovery/claim.ts'
import { readIstioGateway } from '../discovery/istio-gateway.ts'
import { isAddressed } from '../discovery/wishes.ts'
import type { Managed, ManagedCertificate, ManagedSecret, MeshObjects, Read } from './objects.ts'
import type { SecretFacts } from './secret-facts.ts'

/** Those of the file. Addresses have no virtual host, and are left out of the hosts. */
export function configuredCertificates({ certificates, destinations }: Config): ManagedCertificate[] {
  return certificates.map((certificate) => ({
    name: certificate.name,
    hosts: certificate.domains.filter((domain) => isIP(domain) === 0).map((domain) => domain.toLowerCase()),
    secrets: (certificate.destinations ?? destinations).flatMap(({ secret }): ManagedSecret[] => {
      if (!secret) return []
      const { namespaces, selector } = secret.gateway
      const { name = certificate.name, takeOver } = secret
      return [{ ...{ name, namespaces, selector }, ...(takeOver && { takeOver }) }]
    }),
  }))
}

export interface AskedFor {
  readonly certificates: readonly ManagedCertificate[]
  /** Objects that ask for a certificate in a way that cannot be read. */
  readonly remarks: readonly string[]
}

/**
 * What Gateways with `port80.io/managed: "true"` ask for, as `discovery` of the configuration would find it; without any
 * configuration whatever it says would.
 */
export function askedFor(objects: MeshObjects, config: Config | undefined): AskedFor {
  if (config && !config.discovery) return { certificates: [], remarks: [] }
  const readings = readingsOf(objects, config, (gateway) => isAddressed(gateway))
  const faulty = readings.filter(({ faults }) => faults.length > 0)
  return {
    certificates: certificatesOf(readings, config),
    remarks: faulty.map(
      ({ object, faults }) => `${wordsFor(object)} gets no certificate: ${faults.join('; ')}`,
    ),
  }
}

/**
 * Without a word of anybody: every Secret that a server on https names, but for those that another tool writes. Worth it
 * only where port80's routes were seen.
 */
export function guessedCertificates(objects: MeshObjects): ManagedCertificate[] {
  const foreign = new Set(objects.secrets.filter(isForeign).map(({ ref }) => ref.name))
  return certificatesOf(
    readingsOf(objects, undefined, () => true),
    undefined,
  ).filter(({ name }) => !foreign.has(name))
}

/** Each certificate once by its Secret, each host once; what comes first stands. */
export function managedOf(lists: readonly (readonly ManagedCertificate[])[]): Managed {
  const certificates: ManagedCertificate[] = []
  const known = new Set<string>()
  for (const certificate of lists.flat()) {
    const keys = certificate.secrets.map(secretKey)
    if (certificate.secrets.length > 0 && keys.every((key) => known.has(key))) continue
    for (const key of keys) known.add(key)
    certificates.push(certificate)
  }
  return { certificates, hosts: [...new Set(certificates.flatMap(({ hosts }) => hosts))] }
}

function secretKey({ name, namespaces, selector }: ManagedSecret): string {
  return JSON.stringify([name, selector ? selectorKey(selector) : [...namespaces].sort()])
}

function isForeign({ marks }: SecretFacts): boolean {
  return (marks.certManager !== undefined || marks.owner !== undefined) && !marks.adopt
}

type Gateway = Pick<Read<unknown>, 'ref' | 'labels' | 'annotations'>

function readingsOf(
  { gateways, apiGateways }: MeshObjects,
  config: Config | undefined,
  counts: (gateway: Gateway) => boolean,
): Reading[] {
  const selector = config?.discovery?.gateway.selector
  const looksAt = (kind: 'istio' | 'gatewayApi', gateway: Gateway) => {
    const namespaces = config ? (config.discovery?.[kind]?.namespaces ?? []) : 'all'
    return counts(gateway) && (namespaces === 'all' || namespaces.includes(gateway.ref.namespace))
  }
  return [
    ...gateways
      .filter((each) => looksAt('istio', each))
      .map((each) => readIstioGateway(objectOf(each, each.spec), refOf('istio', each), selector)),
    ...apiGateways
      .filter((each) => looksAt('gatewayApi', each))
      .map((each) => readApiGateway(objectOf(each, apiSpec(each)), refOf('gatewayApi', each), selector)),
  ]
}

function objectOf({ ref: { name, namespace }, labels, annotations }: Gateway, spec: unknown) {
  return { metadata: { name, namespace, labels, annotations }, spec }
}

/** For the reader an empty namespace is one, and not that of the Gateway. */
function apiSpec({ ref, spec }: MeshObjects['apiGateways'][number]) {
  const listeners = spec.listeners.map(({ tls, ...listener }) => ({
    ...listener,
    ...(tls && {
      tls: {
        ...tls,
        certificateRefs: tls.certificateRefs.map((each) => ({
          ...each,
          namespace: each.namespace || ref.namespace,
        })),
      },
    }),
  }))
  return { listeners }
}

function refOf(
  source: ObjectRef['source'],
  { ref, createdAt = 0 }: Gateway & { createdAt?: number },
): ObjectRef {
  return { source, namespace: ref.namespace, name: ref.name, createdAt }
}

/** Gateways that name the same Secret of the same pods want one certificate. */
function certificatesOf(readings: readonly Reading[], config: Config | undefined): ManagedCertificate[] {
  const wanted = new Map<string, ManagedCertificate>()
  for (const claim of readings.flatMap(({ faults, claims }) => (faults.length > 0 ? [] : claims))) {
    const secret = secretOf(claim, config)
    const key = secretKey(secret)
    const hosts = [...(wanted.get(key)?.hosts ?? []), ...claim.domains.filter((each) => isIP(each) === 0)]
    wanted.set(key, { name: claim.secret, hosts: [...new Set(hosts)], secrets: [secret] })
  }
  return [...wanted.values()]
}

function secretOf({ secret, place }: Claim, config: Config | undefined): ManagedSecret {
  if (place.by === 'reference')
    return { name: secret, namespaces: [place.namespace], selector: place.selector }
  return {
    name: secret,
    namespaces: config?.discovery?.gateway.namespaces ?? [],
    selector: place.selector,
  }
}
