/**
 * What Envoy does not take as a server certificate though it is one, and its key is the right one: a gateway goes on with what
 * it had then, and says so nowhere but in its log. Each row was seen (docs/istio-behaviour.md). Pure.
 */
import { X509Certificate } from 'node:crypto'

/** In words that go on from "and", and what makes it well; undefined: nothing is known against it. */
export interface EnvoyRefusal {
  readonly why: string
  readonly mend: string
}

interface Term extends EnvoyRefusal {
  readonly breaks: (leaf: X509Certificate) => boolean
}

/** RFC 7633 (id-pe-tlsfeature) and RFC 5280 §4.2.1.3 (id-ce-keyUsage), as they stand in DER. */
const tlsFeature = Buffer.from('06082b06010505070118', 'hex')
const keyUsage = Buffer.from('0603551d0f', 'hex')

const terms: readonly Term[] = [
  {
    breaks: ({ raw }) => raw.includes(tlsFeature),
    why: 'Envoy takes no certificate that asks for a stapled OCSP response (must-staple) without one',
    mend: 'let the CA issue it without must-staple (another profile or template)',
  },
  {
    breaks: ({ raw, publicKey }) => publicKey.asymmetricKeyType === 'ec' && mayNotSign(raw),
    why: 'Envoy takes no ECDSA certificate whose key usage leaves digitalSignature out',
    mend: 'let the CA issue it with the key usage digitalSignature (another profile or template)',
  },
]

/** Of the first certificate in the chain (PEM). */
export function refusedByEnvoy(chainPem: string): EnvoyRefusal | undefined {
  const leaf = parsed(chainPem)
  return leaf && terms.find(({ breaks }) => breaks(leaf))
}

function parsed(chainPem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(chainPem)
  } catch {
    return undefined
  }
}

const [booleanTag, octetStringTag, bitStringTag, digitalSignature] = [0x01, 0x04, 0x03, 0x80]

/** A certificate without the extension may be used for everything. */
function mayNotSign(der: Buffer): boolean {
  const found = der.indexOf(keyUsage)
  if (found < 0) return false
  const critical = found + keyUsage.length
  const at = der[critical] === booleanTag ? critical + 3 : critical
  // OCTET STRING, length, BIT STRING, length, unused bits, and the first eight.
  if (der[at] !== octetStringTag || der[at + 2] !== bitStringTag) return false
  return ((der[at + 5] ?? 0) & digitalSignature) === 0
}
