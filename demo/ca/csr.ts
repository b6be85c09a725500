/** What a certificate signing request must be before the CA signs (RFC 8555 §7.4, RFC 8738 §3). */
import { createPublicKey } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { keyOf, type Identifier } from './identifier.ts'
import { AcmeProblem } from './problem.ts'

const alternativeNamesOid = '2.5.29.17'

/** The public key to certify, or badCSR. `accountKey` is the thumbprint's key as SPKI DER: never a certificate's key. */
export async function checkCsr(
  der: Buffer,
  identifiers: readonly Identifier[],
  accountKey: Buffer,
): Promise<x509.PublicKey> {
  const csr = parse(der)
  if (!(await csr.verify())) throw badCsr('The signature of the request does not verify')
  checkKey(csr.publicKey)
  if (Buffer.from(csr.publicKey.rawData).equals(accountKey))
    throw badCsr('The key of the request is the key of the account (RFC 8555 §11.1)')
  checkNames(csr, identifiers)
  return csr.publicKey
}

function parse(der: Buffer): x509.Pkcs10CertificateRequest {
  try {
    return new x509.Pkcs10CertificateRequest(new Uint8Array(der))
  } catch {
    throw badCsr('The request is not PKCS #10 in DER')
  }
}

function checkKey(key: x509.PublicKey): void {
  const spki = { key: Buffer.from(key.rawData), format: 'der', type: 'spki' } as const
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = createPublicKey(spki)
  const fits =
    type === 'ec'
      ? details?.namedCurve === 'prime256v1' || details?.namedCurve === 'secp384r1'
      : type === 'rsa' && [2048, 3072, 4096].includes(details?.modulusLength ?? 0)
  if (!fits) throw badCsr('Keys are ECDSA P-256 or P-384, or RSA with 2048, 3072 or 4096 bits')
}

function checkNames(csr: x509.Pkcs10CertificateRequest, identifiers: readonly Identifier[]): void {
  const extension = csr.extensions.find((each) => each.type === alternativeNamesOid)
  const items = extension instanceof x509.SubjectAlternativeNameExtension ? extension.names.items : []
  const commonNames = csr.subjectName.getField('CN')
  const asked = new Set(items.map((item) => keyOf(item)))
  const ordered = new Set(identifiers.map(keyOf))
  const missing = [...ordered].filter((name) => !asked.has(name))
  const foreign = [...asked].filter((name) => !ordered.has(name))
  const misnamed = commonNames.filter((name) => !ordered.has(keyOf({ type: 'dns', value: name })))
  if (missing.length > 0) throw badCsr(`The request lacks ${list(missing)}`)
  if (foreign.length > 0) throw badCsr(`The order does not have ${list(foreign)}`)
  if (misnamed.some((name) => !ordered.has(keyOf({ type: 'ip', value: name }))))
    throw badCsr(`The order does not have the common name ${list(misnamed)}`)
}

function list(names: readonly string[]): string {
  return names.slice(0, 5).join(', ').slice(0, 300)
}

function badCsr(detail: string): AcmeProblem {
  return new AcmeProblem('badCSR', detail)
}
