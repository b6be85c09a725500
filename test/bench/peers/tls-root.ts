/** A throw-away root and a leaf for a server of the bench: what a CA's own HTTPS endpoint needs, or an API server. */
import * as x509 from '@peculiar/x509'
import { webcrypto } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface TlsFiles {
  /** PEM, what a client must trust. */
  readonly root: string
  readonly certificate: string
  readonly key: string
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

function pem(label: string, bytes: ArrayBuffer): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

export interface TlsNames {
  readonly hosts?: readonly string[]
  readonly address?: string
  /** Further ones. */
  readonly addresses?: readonly string[]
}

/** Writes root.pem, tls.pem and tls.key into the folder; valid for a day, for localhost, 127.0.0.1 and these names. */
export async function writeTlsFiles(
  directory: string,
  { hosts = [], address = '127.0.0.1', addresses = [] }: TlsNames = {},
): Promise<TlsFiles> {
  const subtle = webcrypto.subtle
  const rootKeys = await subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const keys = await subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const dates = { notBefore: new Date(Date.now() - 3_600_000), notAfter: new Date(Date.now() + 86_400_000) }
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    ...dates,
    serialNumber: '01',
    name: 'CN=Bench endpoint root',
    keys: rootKeys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  })
  const leaf = await x509.X509CertificateGenerator.create({
    ...dates,
    serialNumber: '02',
    subject: 'CN=localhost',
    issuer: root.subject,
    publicKey: keys.publicKey,
    signingKey: rootKeys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.SubjectAlternativeNameExtension([
        ...['localhost', ...hosts].map((value) => ({ type: 'dns' as const, value })),
        ...[...new Set(['127.0.0.1', address, ...addresses])].map((value) => ({
          type: 'ip' as const,
          value,
        })),
      ]),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    ],
  })
  const files = {
    root: join(directory, 'root.pem'),
    certificate: join(directory, 'tls.pem'),
    key: join(directory, 'tls.key'),
  }
  writeFileSync(files.root, root.toString('pem'))
  writeFileSync(files.certificate, leaf.toString('pem'))
  writeFileSync(files.key, pem('PRIVATE KEY', await subtle.exportKey('pkcs8', keys.privateKey)), {
    mode: 0o600,
  })
  return files
}
