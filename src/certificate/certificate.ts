/**
 * What is wanted and what is there, as plain data, and the reading of a PEM pair into such data. Pure: hashing and
 * X.509 parsing are functions of their input (node:crypto).
 */
import { createHash, createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import type { KeyType, RedirectConfig } from '../config/schema.ts'

/** One certificate as the configuration wants it. */
export interface Desired {
  readonly name: string
  /** As configured; order does not matter for comparisons. */
  readonly domains: readonly string[]
  readonly issuer: string
  readonly fallbackIssuer?: string
  readonly keyType: KeyType
  readonly reuseKey: boolean
  /** Profile per issuer name, already resolved (certificate overrides issuer); a missing entry means the CA's default. */
  readonly profiles: Readonly<Record<string, string>>
  /** ACME directory per issuer name, resolved; tells an issuer that now points elsewhere. */
  readonly directories: Readonly<Record<string, string>>
  readonly renewal: { readonly ari: boolean; readonly renewBefore?: number }
  /** Of its domains, where it is their own: no business of an order, but told to the responders with the status. */
  readonly redirectStatus?: RedirectConfig['status']
  /** Changes whenever anything that could mend a failure changes (this certificate or its issuers). */
  readonly fingerprint: string
}

/** What a leaf and its key say. Times are epoch ms. */
export interface Leaf {
  /** Upper-case hex, as openssl prints it. */
  readonly serial: string
  /** SHA-256 of the DER, hex: identity of the certificate. */
  readonly fingerprint: string
  /** Common name of the issuer (or its whole name), at most 100 characters. */
  readonly issuedBy: string
  readonly names: readonly string[]
  readonly notBefore: number
  readonly notAfter: number
  readonly keyType: string
  readonly keyMatches: boolean
  readonly placeholder: boolean
}

/** Issuer common name of our self-signed stand-in: monitoring, people and `readLeaf` know it by this. */
export const placeholderIssuer = 'port80 placeholder - not a real certificate'

/** Reads leaf and key; `undefined` when either does not parse. Never throws, never puts key material anywhere. */
export function readLeaf(pair: { chainPem: string; keyPem: string }): Leaf | undefined {
  let leaf: X509Certificate
  let key: KeyObject
  try {
    leaf = new X509Certificate(pair.chainPem)
    key = createPrivateKey(pair.keyPem)
  } catch {
    return undefined
  }
  const issuedBy = commonName(leaf.issuer)
  return {
    serial: leaf.serialNumber,
    fingerprint: createHash('sha256').update(leaf.raw).digest('hex'),
    issuedBy,
    names: namesOf(leaf.subjectAltName),
    notBefore: Date.parse(leaf.validFrom),
    notAfter: Date.parse(leaf.validTo),
    keyType: keyTypeOf(leaf.publicKey),
    keyMatches: leaf.checkPrivateKey(key),
    placeholder: issuedBy === placeholderIssuer,
  }
}

/** Serial of the first certificate of a chain, upper-case hex; `undefined` when it does not parse. */
export function serialOf(chainPem: string): string | undefined {
  try {
    return new X509Certificate(chainPem).serialNumber
  } catch {
    return undefined
  }
}

/** DNS and IP entries of Node's `subjectAltName` text, lower case; other kinds are left out. */
export function namesOf(subjectAltName: string | undefined): string[] {
  const names: string[] = []
  for (const entry of (subjectAltName ?? '').split(', ')) {
    // Node quotes values with characters that no name has; such a value may hold ", DNS:" itself and names nothing.
    const match = /^(DNS|IP Address):([^"]+)$/.exec(entry)
    if (match?.[2]) names.push(match[1] === 'DNS' ? match[2].toLowerCase() : canonicalIp(match[2]))
  }
  return names
}

/** One spelling for each address: `2001:DB8:0:0::1` and `2001:db8::1` are the same identifier (RFC 8738 §3, RFC 5952). */
export function canonicalIp(text: string): string {
  if (!text.includes(':')) return text
  try {
    return new URL(`http://[${text}]/`).hostname.slice(1, -1)
  } catch {
    return text.toLowerCase()
  }
}

/** Whether both lists name the same identifiers; order, case and IP spelling do not matter. */
export function sameNames(left: readonly string[], right: readonly string[]): boolean {
  // The usual case, without building anything: a plan over thousands asks this for each.
  if (left.length === right.length && left.every((name, index) => name === right[index])) return true
  const normal = (names: readonly string[]) => new Set(names.map((each) => canonicalIp(each.toLowerCase())))
  const a = normal(left)
  const b = normal(right)
  return a.size === b.size && [...a].every((each) => b.has(each))
}

function commonName(distinguishedName: string): string {
  const line = distinguishedName.split('\n').find((each) => each.startsWith('CN='))
  return (line ? line.slice(3) : distinguishedName.replaceAll('\n', ', ')).slice(0, 100)
}

function keyTypeOf(key: KeyObject): string {
  const details = key.asymmetricKeyDetails
  if (key.asymmetricKeyType === 'rsa') return `rsa-${details?.modulusLength ?? 0}`
  if (details?.namedCurve === 'prime256v1') return 'ecdsa-p256'
  if (details?.namedCurve === 'secp384r1') return 'ecdsa-p384'
  return key.asymmetricKeyType ?? 'unknown'
}
