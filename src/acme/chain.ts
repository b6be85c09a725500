/** Is what the CA issued what was ordered? Checked before anything is installed (RFC 8555 §7.4.2, §9.1). Pure. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { Failure } from '../reason.ts'
import { sanitizeDetail } from './printable.ts'

/** The leaf may be this far in the future: our clock or the CA's is off. More would be served as "not yet valid". */
const clockSkewMs = 10 * 60_000
/** Real chains have two to four. */
const mostCertificates = 10

export interface Issued {
  /** application/pem-certificate-chain as the CA sent it. */
  readonly chainPem: string
  /** PEM, PKCS#8: the key of the request. */
  readonly keyPem: string
  readonly domains: readonly string[]
  /** Epoch ms. */
  readonly now: number
}

/**
 * The chain to install (leaf first, each certificate signed by the next, self-signed root left out, nothing but PEM), or
 * CertificateRejected with the first fault.
 */
export function checkIssued(issued: Issued): { readonly chainPem: string } | { readonly failure: Failure } {
  const chain = withoutRoot(parseChain(issued.chainPem))
  const [leaf] = chain
  const fault = leaf
    ? checks.map((check) => check({ ...issued, leaf, chain })).find((words) => words !== undefined)
    : 'the answer holds no chain of certificates'
  if (fault !== undefined)
    return { failure: { reason: 'CertificateRejected', detail: sanitizeDetail(fault) } }
  return { chainPem: chain.map((certificate) => pemOf(certificate)).join('') }
}

/**
 * Index of the chain that ends at `preferred` (RFC 8555 §7.4.2 alternates): the one whose topmost certificate was issued by
 * that common name; else one that names it as an issuer further down; else undefined.
 */
export function choosePreferred(
  preferred: string,
  candidates: readonly { readonly chainPem: string }[],
): number | undefined {
  const issuers = candidates.map(({ chainPem }) => parseChain(chainPem).map(issuerName))
  const top = issuers.findIndex((names) => names.at(-1) === preferred)
  const any = issuers.findIndex((names) => names.includes(preferred))
  const index = top >= 0 ? top : any
  return index >= 0 ? index : undefined
}

interface Checked extends Issued {
  readonly leaf: X509Certificate
  readonly chain: readonly X509Certificate[]
}

/** What is wrong, in words, or undefined. */
type Check = (checked: Checked) => string | undefined

const checks: readonly Check[] = [
  leafIsNoCa,
  keyDiffers,
  namesDiffer,
  notValidNow,
  linkIsBroken,
  intermediateExpired,
]

function leafIsNoCa({ leaf }: Checked): string | undefined {
  return leaf.ca
    ? 'the first certificate of the chain is a CA certificate, not the one that was ordered'
    : undefined
}

function keyDiffers({ leaf, keyPem }: Checked): string | undefined {
  return leaf.checkPrivateKey(createPrivateKey(keyPem)) ? undefined : 'the certificate is for another key'
}

function namesDiffer({ leaf, domains }: Checked): string | undefined {
  const has = subjectAltNames(leaf)
  const wanted = new Set(domains.map(canonical))
  const lacks = [...wanted].filter((name) => !has.has(name))
  const extra = [...has].filter((name) => !wanted.has(name))
  if (lacks.length > 0) return `the certificate lacks the name ${lacks.join(', ')}`
  return extra.length > 0 ? `the certificate has a name that was not ordered: ${extra.join(', ')}` : undefined
}

function notValidNow({ leaf, now }: Checked): string | undefined {
  const [from, to] = [leaf.validFromDate.getTime(), leaf.validToDate.getTime()]
  if (to <= now) return `the certificate expired at ${iso(to)}`
  return from > now + clockSkewMs ? `the certificate is not valid before ${iso(from)}` : undefined
}

function linkIsBroken({ chain }: Checked): string | undefined {
  for (const [index, issuer] of chain.entries()) {
    const certificate = chain[index - 1]
    if (!certificate) continue
    if (!issuer.ca) return `certificate ${index + 1} of the chain is no CA certificate`
    if (!certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey)) {
      return `certificate ${index} of the chain was not issued by the one that follows`
    }
  }
  return undefined
}

function intermediateExpired({ chain, now }: Checked): string | undefined {
  const index = chain.findIndex((certificate) => certificate.validToDate.getTime() <= now)
  return index > 0 ? `certificate ${index + 1} of the chain has expired` : undefined
}

/** Empty when there is no certificate, or when one of them does not parse. */
function parseChain(chainPem: string): X509Certificate[] {
  const blocks =
    chainPem.match(/-----BEGIN CERTIFICATE-----[\sA-Za-z0-9+/=]+-----END CERTIFICATE-----/g) ?? []
  if (blocks.length > mostCertificates) return []
  try {
    return blocks.map((block) => new X509Certificate(block))
  } catch {
    return []
  }
}

/** Clients have the root or they do not; sending it costs a kilobyte in every handshake (RFC 8446 §4.4.2 allows leaving it out). */
function withoutRoot(chain: readonly X509Certificate[]): readonly X509Certificate[] {
  const last = chain.at(-1)
  if (chain.length < 2 || !last?.checkIssued(last) || !last.verify(last.publicKey)) return chain
  return chain.slice(0, -1)
}

/** `DNS:a.example.com, IP Address:192.0.2.1`. Other kinds, and values that Node had to quote, match nothing that is ordered. */
function subjectAltNames(leaf: X509Certificate): Set<string> {
  const entries = (leaf.subjectAltName ?? '').split(', ').filter((entry) => entry !== '')
  return new Set(entries.map((entry) => canonical(entry.replace(/^(?:DNS|IP Address):/, ''))))
}

/** Lower case; IPv6 in its shortest form (Node writes all eight groups). */
function canonical(name: string): string {
  return isIP(name) === 6 ? new URL(`http://[${name}]/`).hostname.slice(1, -1) : name.toLowerCase()
}

function issuerName(certificate: X509Certificate): string | undefined {
  const names = certificate.toLegacyObject().issuer.CN
  return Array.isArray(names) ? names.at(-1) : names
}

function pemOf(certificate: X509Certificate): string {
  return `${certificate.toString().trim()}\n`
}

function iso(moment: number): string {
  return new Date(moment).toISOString()
}
