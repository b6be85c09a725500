/**
 * Whether a Secret that is there already may be written. Pure: rules, the first that objects gives the reason, and every
 * reason says what a person can do about it. To say yes is one annotation, `port80.io/adopt: "true"`, or
 * `takeOver: true` in the configuration.
 */
import { readLeaf, type Leaf } from '../certificate/certificate.ts'
import { pairAnnotations as annotation } from './names.ts'
import type { Secret } from './object.ts'
import { marksOf, type OwnerMarks } from './secret-marks.ts'

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

/** What the decision is made from: nothing of it is a value of the Secret. */
export interface SecretTraits {
  readonly type: string
  readonly immutable: boolean
  readonly beingDeleted: boolean
  /** Names of all keys, also of those without a value. */
  readonly keys: readonly string[]
  /** Of tls.crt and tls.key. */
  readonly leaf?: Leaf
  readonly marks: OwnerMarks
}

/** Why, and the same in words that follow the name of the Secret and hold nothing of its content. */
export interface Refusal {
  readonly reason: RefusalReason
  readonly words: string
}
export type RefusalReason = keyof typeof firmRules | keyof typeof rules

type Terms = Pick<SecretTerms, 'now' | 'takeOver'> & {
  /** Undefined: unknown, and nobody is another one then. */
  readonly instance?: string
}
type Rule = (traits: SecretTraits, terms: Terms) => string | undefined

/** No consent helps: it could not be written, or would do harm. */
const firmRules = {
  'being deleted': isBeingDeleted,
  'other type': isOfOtherType,
  immutable: isImmutable,
  'generic client CA': hasGenericClientCa,
} as const satisfies Record<string, Rule>
const rules = {
  'other instance': belongsToOtherInstance,
  'cert-manager': belongsToCertManager,
  owner: hasOwner,
  'other manager': isManagedByOther,
  'generic keys': hasGenericKeys,
  'something else': holdsSomethingElse,
  'valid pair of another': holdsValidPairOfOther,
} as const satisfies Record<string, Rule>

/** In words that hold nothing of the Secret's content; undefined when it may be written. */
export function refusalOf(secret: Secret, terms: SecretTerms): string | undefined {
  const refusal = refusalByTraits(traitsOf(secret), terms)
  return refusal && `${nameOf(secret)} ${refusal.words}`
}

/** The same decision for one who keeps no Secrets (lint). */
export function refusalByTraits(traits: SecretTraits, terms: Terms): Refusal | undefined {
  const consent = terms.takeOver === true || traits.marks.adopt
  const asked: Partial<Record<RefusalReason, Rule>> = consent ? firmRules : { ...firmRules, ...rules }
  for (const [reason, rule] of Object.entries(asked) as [RefusalReason, Rule][]) {
    const words = rule(traits, terms)
    if (words !== undefined) return { reason, words }
  }
  return undefined
}

function traitsOf({ type = 'Opaque', immutable = false, metadata, data = {} }: Secret): SecretTraits {
  const leaf = readLeaf({ chainPem: decoded(data['tls.crt']), keyPem: decoded(data['tls.key']) })
  return {
    ...{ type, immutable, keys: Object.keys(data), marks: marksOf(metadata, leaf) },
    ...{ beingDeleted: metadata.deletionTimestamp !== undefined, ...(leaf && { leaf }) },
  }
}

const agree = `annotate it ${annotation.adopt}=true if port80 is to write it`

function isBeingDeleted({ beingDeleted }: SecretTraits): string | undefined {
  return beingDeleted ? 'is being deleted; port80 waits for that' : undefined
}

/** The type cannot be changed, and gateways do not mind it: a Secret of the wrong type is another thing altogether. */
function isOfOtherType({ type }: SecretTraits): string | undefined {
  if (type === 'kubernetes.io/tls' || type === 'Opaque') return undefined
  return `is of type ${printable(type)}, which holds no certificate for a gateway: choose another secretName`
}

function isImmutable({ immutable }: SecretTraits): string | undefined {
  return immutable ? 'is immutable: delete it, port80 then makes its own' : undefined
}

/** Istio takes `cacert` as client CA beside `cert` and `key` only; without those it would stop asking for certificates. */
function hasGenericClientCa({ keys }: SecretTraits): string | undefined {
  if (!keys.includes('cacert') || !hasGeneric(keys)) return undefined
  return 'has the keys cert, key and cacert: copy cacert to ca.crt and remove those three first'
}

function belongsToOtherInstance({ marks }: SecretTraits, { instance }: Terms): string | undefined {
  const other = marks.instance
  if (other === undefined || instance === undefined || other === instance) return undefined
  return `is written by the port80 of namespace ${printable(other)}: ${agree} from here`
}

/** Two that renew one Secret use up the CA's limits for both. */
function belongsToCertManager({ marks }: SecretTraits): string | undefined {
  const name = marks.certManager
  if (name === undefined) return undefined
  return (
    `belongs to the Certificate ${printable(name)} of cert-manager: delete that (the Secret stays) and the annotation ` +
    `cert-manager.io/certificate-name, or ${agree}`
  )
}

function hasOwner({ marks }: SecretTraits): string | undefined {
  const { owner } = marks
  if (owner === undefined) return undefined
  return `belongs to ${printable(owner.kind)} ${printable(owner.name)}, which may write it back or take it along: ${agree}`
}

/** Helm writes when a chart is upgraded, and then only what changed in the chart: it does not fight for the content. */
function isManagedByOther({ marks }: SecretTraits): string | undefined {
  const other = marks.managedBy
  if (other === undefined || other === 'port80' || other === 'Helm') return undefined
  return `is managed by ${printable(other)}: ${agree}`
}

function hasGenericKeys({ keys }: SecretTraits): string | undefined {
  if (!hasGeneric(keys)) return undefined
  return `has the keys cert and key, which Istio prefers to tls.crt and tls.key: remove them, or ${agree} and remove them`
}

/** `ca.crt` alone is a gateway that waits for its certificate. */
function holdsSomethingElse({ keys }: SecretTraits): string | undefined {
  if (keys.length === 0 || keys.some((name) => /^(tls\.|ca\.)/.test(name))) return undefined
  return `holds something else than a certificate: choose another secretName, or ${agree}`
}

/** A pair that ran out, cannot be loaded, or is a stand-in of ours may be replaced; and of course one of ours. */
function holdsValidPairOfOther({ leaf, marks }: SecretTraits, { now }: Terms): string | undefined {
  if (!leaf?.keyMatches || leaf.placeholder || leaf.notAfter <= now) return undefined
  if (marks.writtenByPort80) return undefined
  const until = new Date(leaf.notAfter).toISOString().slice(0, 10)
  return `holds a certificate that port80 did not write and that is valid until ${until}: ${agree} (it is replaced then)`
}

function hasGeneric(keys: readonly string[]): boolean {
  return keys.includes('cert') || keys.includes('key')
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
