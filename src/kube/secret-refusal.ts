/**
 * Whether a Secret that is there already may be written. Pure: rules, the first that objects gives the reason, and every
 * reason says what a person can do about it. To say yes is one annotation, `port80.io/adopt: "true"`, or
 * `takeOver: true` in the configuration.
 */
import { readLeaf } from '../certificate/certificate.ts'
import { fieldManager, managedBy, pairAnnotations as annotation } from './names.ts'
import type { Secret } from './object.ts'

export interface SecretTerms {
  /** Name of the certificate in port80's configuration. */
  readonly certificate: string
  /** Namespace of this port80. */
  readonly instance: string
  /** Epoch milliseconds. */
  readonly now: number
  /** The configuration says yes to all that one may say yes to. */
  readonly takeOver?: boolean
}

type Rule = (secret: Secret, terms: SecretTerms) => string | undefined

/** No consent helps: it could not be written, or would do harm. */
const firmRules: readonly Rule[] = [isBeingDeleted, isOfOtherType, isImmutable, hasGenericClientCa]
const rules: readonly Rule[] = [
  belongsToOtherInstance,
  belongsToCertManager,
  hasOwner,
  isManagedByOther,
  hasGenericKeys,
  holdsSomethingElse,
  holdsValidPairOfOther,
]

/** In words that hold nothing of the Secret's content; undefined when it may be written. */
export function refusalOf(secret: Secret, terms: SecretTerms): string | undefined {
  const consent = terms.takeOver || secret.metadata.annotations?.[annotation.adopt] === 'true'
  for (const rule of consent ? firmRules : [...firmRules, ...rules]) {
    const fault = rule(secret, terms)
    if (fault !== undefined) return `${nameOf(secret)} ${fault}`
  }
  return undefined
}

const agree = `annotate it ${annotation.adopt}=true if port80 is to write it`

function isBeingDeleted({ metadata }: Secret): string | undefined {
  return metadata.deletionTimestamp === undefined ? undefined : 'is being deleted; port80 waits for that'
}

/** The type cannot be changed, and gateways do not mind it: a Secret of the wrong type is another thing altogether. */
function isOfOtherType({ type = 'Opaque' }: Secret): string | undefined {
  if (type === 'kubernetes.io/tls' || type === 'Opaque') return undefined
  return `is of type ${printable(type)}, which holds no certificate for a gateway: choose another secretName`
}

function isImmutable({ immutable }: Secret): string | undefined {
  return immutable ? 'is immutable: delete it, port80 then makes its own' : undefined
}

/** Istio takes `cacert` as client CA beside `cert` and `key` only; without those it would stop asking for certificates. */
function hasGenericClientCa({ data = {} }: Secret): string | undefined {
  if (data.cacert === undefined || (data.cert === undefined && data.key === undefined)) return undefined
  return 'has the keys cert, key and cacert: copy cacert to ca.crt and remove those three first'
}

function belongsToOtherInstance({ metadata }: Secret, { instance }: SecretTerms): string | undefined {
  const other = metadata.annotations?.[annotation.instance]
  if (other === undefined || other === instance) return undefined
  return `is written by the port80 of namespace ${printable(other)}: ${agree} from here`
}

/** Two that renew one Secret use up the CA's limits for both. */
function belongsToCertManager({ metadata }: Secret): string | undefined {
  const name = metadata.annotations?.['cert-manager.io/certificate-name']
  if (name === undefined) return undefined
  return (
    `belongs to the Certificate ${printable(name)} of cert-manager: delete that (the Secret stays) and the annotation ` +
    `cert-manager.io/certificate-name, or ${agree}`
  )
}

function hasOwner({ metadata }: Secret): string | undefined {
  const owner = metadata.ownerReferences?.[0]
  if (owner === undefined) return undefined
  return `belongs to ${printable(owner.kind)} ${printable(owner.name)}, which may write it back or take it along: ${agree}`
}

/** Helm writes when a chart is upgraded, and then only what changed in the chart: it does not fight for the content. */
function isManagedByOther({ metadata }: Secret): string | undefined {
  const other = metadata.labels?.[managedBy]
  if (other === undefined || other === 'port80' || other === 'Helm') return undefined
  return `is managed by ${printable(other)}: ${agree}`
}

function hasGenericKeys({ data = {} }: Secret): string | undefined {
  if (data.cert === undefined && data.key === undefined) return undefined
  return `has the keys cert and key, which Istio prefers to tls.crt and tls.key: remove them, or ${agree} and remove them`
}

/** `ca.crt` alone is a gateway that waits for its certificate. */
function holdsSomethingElse({ data = {} }: Secret): string | undefined {
  const names = Object.keys(data)
  if (names.length === 0 || names.some((name) => /^(tls\.|ca\.)/.test(name))) return undefined
  return `holds something else than a certificate: choose another secretName, or ${agree}`
}

/** A pair that ran out, cannot be loaded, or is a stand-in of ours may be replaced; and of course one of ours. */
function holdsValidPairOfOther(secret: Secret, { now }: SecretTerms): string | undefined {
  const leaf = readLeaf({
    chainPem: decoded(secret.data?.['tls.crt']),
    keyPem: decoded(secret.data?.['tls.key']),
  })
  if (!leaf?.keyMatches || leaf.placeholder || leaf.notAfter <= now) return undefined
  if (secret.metadata.annotations?.[annotation.fingerprint] === leaf.fingerprint) return undefined
  if (wroteChain(secret)) return undefined
  const until = new Date(leaf.notAfter).toISOString().slice(0, 10)
  return `holds a certificate that port80 did not write and that is valid until ${until}: ${agree} (it is replaced then)`
}

/** Annotations can get lost to a tool that resets them; who wrote `tls.crt` last, the API server itself remembers. */
function wroteChain({ metadata }: Secret): boolean {
  return (metadata.managedFields ?? []).some(({ manager, fieldsV1 }) => {
    const data = fieldsV1?.['f:data']
    return manager === fieldManager && typeof data === 'object' && data !== null && 'f:tls.crt' in data
  })
}

function nameOf({ metadata }: Secret): string {
  return `Secret ${metadata.namespace ?? ''}/${metadata.name ?? ''}`
}

function printable(text: string): string {
  return text.replace(/[^\w./:-]/g, '').slice(0, 100)
}

function decoded(value: string | undefined): string {
  return Buffer.from(value ?? '', 'base64').toString('utf8')
}
