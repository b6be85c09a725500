/**
 * What lint knows of a Secret: names of keys, what the certificate says, who seems to own it. Never a value. The Secret
 * itself is dropped as soon as these are read. Pure (hashing and X.509 parsing are functions of their input).
 */
import { X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { readLeaf, type Leaf } from '../certificate/certificate.ts'
import { marksOf, type OwnerMarks } from '../kube/secret-marks.ts'
import { flag, labels, list, text, textOr } from './lenient.ts'
import type { Ref } from './objects.ts'

export interface SecretFacts {
  readonly ref: Ref
  readonly type: string
  readonly immutable: boolean
  /** Names of the keys that have a value, and of those that are there but empty. */
  readonly keys: readonly string[]
  readonly emptyKeys: readonly string[]
  /** Of `tls.crt`/`tls.key`, or of `cert`/`key` where it has those: Istio prefers them. Undefined when it does not parse. */
  readonly leaf?: Leaf
  /** The certificate where the key is missing or does not parse: names and dates can be judged all the same. */
  readonly certificateOnly?: { readonly names: readonly string[]; readonly notAfter: number }
  /** Of the certificates in `ca.crt`, or in `cacert`; at most 20. */
  readonly clientCas: readonly {
    readonly subject: string
    readonly issuer: string
    readonly notAfter: number
    /** It signed the leaf in the same Secret: hardly a CA for clients. */
    readonly issuedLeaf: boolean
  }[]
  readonly marks: OwnerMarks
}

const shape = z.object({
  type: textOr('Opaque'),
  immutable: flag,
  data: labels,
  stringData: labels,
  metadata: z.object({
    labels,
    annotations: labels,
    ownerReferences: list(z.object({ kind: text, name: text })),
    managedFields: list(z.object({ manager: text, fieldsV1: z.unknown().optional() })),
  }),
})

/** Undefined when it is no Secret. Nothing of what it was given is kept. */
export function secretFacts(object: unknown, ref: Ref): SecretFacts | undefined {
  const parsed = shape.safeParse(object)
  if (!parsed.success) return undefined
  const secret = parsed.data
  const values = new Map<string, string>([
    ...Object.entries(secret.data).map(([key, value]): [string, string] => [key, decoded(value)]),
    ...Object.entries(secret.stringData),
  ])
  const generic = values.has('cert') && values.has('key')
  const chainPem = values.get(generic ? 'cert' : 'tls.crt') ?? ''
  const leaf = readLeaf({ chainPem, keyPem: values.get(generic ? 'key' : 'tls.key') ?? '' })
  const alone = leaf === undefined ? certificateIn(chainPem) : undefined
  const named = [...values]
  return {
    ref,
    ...{ type: secret.type, immutable: secret.immutable },
    keys: named.flatMap(([key, value]) => (value === '' ? [] : [key])),
    emptyKeys: named.flatMap(([key, value]) => (value === '' ? [key] : [])),
    ...(leaf && { leaf }),
    ...(alone && {
      certificateOnly: { names: namesIn(alone), notAfter: Date.parse(alone.validTo) },
    }),
    clientCas: clientCas(values.get('ca.crt') ?? values.get('cacert') ?? '', chainPem),
    marks: marksOf(secret.metadata, leaf),
  }
}

function clientCas(pem: string, chainPem: string): SecretFacts['clientCas'] {
  const leaf = certificateIn(chainPem)
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  return blocks.slice(0, 20).flatMap((block) => {
    const ca = certificateIn(block)
    if (ca === undefined) return []
    const issuedLeaf = leaf?.checkIssued(ca) ?? false
    return [
      {
        ...{ subject: oneLine(ca.subject), issuer: oneLine(ca.issuer) },
        notAfter: Date.parse(ca.validTo),
        issuedLeaf,
      },
    ]
  })
}

function certificateIn(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem)
  } catch {
    return undefined
  }
}

function namesIn({ subjectAltName }: X509Certificate): string[] {
  return (subjectAltName ?? '')
    .split(', ')
    .flatMap((entry) => (entry.startsWith('DNS:') ? [entry.slice(4).toLowerCase()] : []))
}

/** Node says undefined for an empty subject: all names are in the extension then. */
function oneLine(name: string | undefined = ''): string {
  return name.replace(/[^\x20-\x7e]+/g, ', ').slice(0, 200)
}

function decoded(value: string): string {
  return Buffer.from(value, 'base64').toString('utf8')
}
