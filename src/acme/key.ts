/** Private keys and certificate requests. Keys are made off the main thread; nothing here logs or names a key. */
import { createPrivateKey, createPublicKey, generateKeyPair, webcrypto, type KeyObject } from 'node:crypto'
import { isIP } from 'node:net'
import { promisify } from 'node:util'
import type { KeyType } from '../config/schema.ts'

const generate = promisify(generateKeyPair)

/** A new key, PEM PKCS#8. RSA takes from a tenth of a second (2048) to several seconds (4096) of one core. */
export async function newPrivateKey(type: KeyType): Promise<string> {
  const { privateKey } = await newKeyPair(type)
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

function newKeyPair(type: KeyType): Promise<{ privateKey: KeyObject }> {
  switch (type) {
    case 'ecdsa-p256':
      return generate('ec', { namedCurve: 'P-256' })
    case 'ecdsa-p384':
      return generate('ec', { namedCurve: 'P-384' })
    case 'rsa-2048':
      return generate('rsa', { modulusLength: 2048 })
    case 'rsa-3072':
      return generate('rsa', { modulusLength: 3072 })
    case 'rsa-4096':
      return generate('rsa', { modulusLength: 4096 })
  }
}

/**
 * PKCS#10 request (DER) for the names, RFC 8555 §7.4: all of them as subjectAltName, and an empty subject. A common name is
 * not needed by any CA since SANs are, may have 64 characters at most, and would single out one name.
 * @peculiar/x509 is loaded here and not at start: it costs 90 ms and 14 MB, and a process that orders nothing needs it not.
 */
export async function csr(keyPem: string, identifiers: readonly string[]): Promise<Buffer> {
  const x509 = await import('@peculiar/x509')
  const { algorithm, ...keys } = await webKeys(createPrivateKey(keyPem))
  const names = identifiers.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }) as const)
  const request = await x509.Pkcs10CertificateRequestGenerator.create(
    {
      keys,
      signingAlgorithm: algorithm,
      extensions: [new x509.SubjectAlternativeNameExtension(names)],
    },
    webcrypto,
  )
  return Buffer.from(request.rawData)
}

async function webKeys(key: KeyObject) {
  const curve = key.asymmetricKeyDetails?.namedCurve
  const algorithm =
    key.asymmetricKeyType === 'rsa'
      ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
      : curve === 'secp384r1'
        ? { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' }
        : { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  return {
    algorithm,
    privateKey: key.toCryptoKey(algorithm, false, ['sign']),
    publicKey: createPublicKey(key).toCryptoKey(algorithm, true, ['verify']),
  }
}
