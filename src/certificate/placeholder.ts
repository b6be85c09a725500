/**
 * The self-signed stand-in until the first certificate is there. Without it Envoy holds back the whole 443 listener
 * (and for up to 15 s the port-80 one) when its Secret or file is missing at start.
 */
import { webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import { placeholderIssuer } from './certificate.ts'
import type { Pair } from '../destination/destination.ts'

/** Long: an expired stand-in helps nobody, and it is never counted as valid anyway. */
const lifetimeMs = 3_650 * 86_400_000

/** A new ECDSA P-256 key and a certificate for the names whose issuer says what it is. `now` in epoch ms. */
export async function makePlaceholder(domains: readonly string[], now: number): Promise<Pair> {
  // Loaded late: nobody who only answers and redirects pays for it.
  const { cryptoProvider, PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } =
    await import('@peculiar/x509')
  cryptoProvider.set(webcrypto)
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${placeholderIssuer}`,
    keys,
    signingAlgorithm: algorithm,
    notBefore: new Date(now - 3_600_000),
    notAfter: new Date(now + lifetimeMs),
    extensions: [
      new SubjectAlternativeNameExtension(
        domains.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value }) as const),
      ),
    ],
  })
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return {
    chainPem: `${certificate.toString('pem')}\n`,
    keyPem: `${PemConverter.encode(key, PemConverter.PrivateKeyTag)}\n`,
  }
}
