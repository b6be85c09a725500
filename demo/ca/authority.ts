/** The keys and certificates of the CA itself, and the act of signing. */
import { randomBytes, webcrypto } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import * as x509 from '@peculiar/x509'
import type { Identifier } from './identifier.ts'
import { loopbackConstraints } from './name-constraints.ts'

x509.cryptoProvider.set(webcrypto)

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const nameConstraintsOid = '2.5.29.30'
const day = 86_400_000

interface Issuer {
  readonly certificate: x509.X509Certificate
  readonly privateKey: webcrypto.CryptoKey
}

/** What the leaf shall say. Times are epoch ms and cut to whole seconds, as X.509 has them. */
export interface LeafRequest {
  readonly publicKey: x509.PublicKey
  readonly identifiers: readonly Identifier[]
  readonly notBefore: number
  readonly notAfter: number
}

export class Authority {
  /** The intermediate as each root signed it; all of one key, the first is the default chain. */
  readonly #intermediates: readonly x509.X509Certificate[]
  readonly #key: webcrypto.CryptoKey
  readonly rootPems: readonly string[]

  private constructor(roots: readonly Issuer[], intermediates: readonly Issuer[]) {
    const [first] = intermediates
    if (!first) throw new Error('an authority needs a root')
    this.#key = first.privateKey
    this.#intermediates = intermediates.map((each) => each.certificate)
    this.rootPems = roots.map((root) => pem(root.certificate))
  }

  /**
   * The authority of this folder, made on the first call: `root.pem` (to be handed to clients), `root-1.pem` … for the
   * alternates, and the keys beside them (0600).
   */
  static async open(directory: string, alternateRoots: number, constrained: boolean): Promise<Authority> {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const mark = randomBytes(2).toString('hex')
    const names = Array.from({ length: alternateRoots + 1 }, (_, index) => (index === 0 ? '' : `-${index}`))
    const roots: Issuer[] = []
    const intermediates: Issuer[] = []
    for (const name of names) {
      const root = await load(directory, `root${name}`, () =>
        makeRoot(`port80 TEST CA root${name} ${mark} (do not trust)`, constrained),
      )
      const intermediate = await load(directory, `intermediate${name}`, () =>
        makeIntermediate(`port80 TEST CA ${mark} (do not trust)`, root, intermediates[0]),
      )
      roots.push(root)
      intermediates.push(intermediate)
    }
    return new Authority(roots, intermediates)
  }

  /** How many chains there are: 1 and the alternates. */
  get chains(): number {
    return this.#intermediates.length
  }

  /** Leaf and intermediate, PEM; the root is left out. Undefined when there is no such chain. */
  chainPem(leafPem: string, index: number): string | undefined {
    const intermediate = this.#intermediates[index]
    return intermediate && `${leafPem}${pem(intermediate)}`
  }

  /** Signs a leaf for TLS servers; answers its PEM. */
  async issue(request: LeafRequest): Promise<string> {
    const issuer = this.#intermediates[0]
    const [first] = request.identifiers
    if (!issuer || !first) throw new Error('a certificate needs an issuer and a name')
    const names = request.identifiers.map(({ type, value }) => ({ type, value }))
    // A common name holds 64 characters at the most and is a courtesy only: TLS clients read the alternative names.
    const subject = first.value.length > 64 ? '' : `CN=${first.value}`
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject,
      issuer: issuer.subject,
      notBefore: wholeSeconds(request.notBefore),
      notAfter: wholeSeconds(request.notAfter),
      publicKey: request.publicKey,
      signingKey: this.#key,
      signingAlgorithm: ecdsa,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(names, subject === ''),
        await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
        await x509.SubjectKeyIdentifierExtension.create(request.publicKey),
      ],
    })
    return pem(certificate)
  }
}

async function makeRoot(commonName: string, constrained: boolean): Promise<Issuer> {
  const keys = await webcrypto.subtle.generateKey(ecdsa, true, ['sign', 'verify'])
  const extensions = await authorityExtensions(keys.publicKey, 1)
  if (constrained) extensions.push(new x509.Extension(nameConstraintsOid, true, loopbackConstraints()))
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=${commonName}`,
    notBefore: wholeSeconds(Date.now() - day),
    notAfter: wholeSeconds(Date.now() + 3_650 * day),
    keys,
    signingAlgorithm: ecdsa,
    extensions,
  })
  return { certificate, privateKey: keys.privateKey }
}

/** `twin`: the same key under another root, which makes an alternate chain. */
async function makeIntermediate(commonName: string, root: Issuer, twin: Issuer | undefined): Promise<Issuer> {
  const keys = twin ? undefined : await webcrypto.subtle.generateKey(ecdsa, true, ['sign', 'verify'])
  const publicKey = twin?.certificate.publicKey ?? keys?.publicKey
  const privateKey = twin?.privateKey ?? keys?.privateKey
  if (!publicKey || !privateKey) throw new Error('no key for the intermediate')
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: twin?.certificate.subject ?? `CN=${commonName}`,
    issuer: root.certificate.subject,
    notBefore: wholeSeconds(Date.now() - day),
    notAfter: wholeSeconds(Date.now() + 3_640 * day),
    publicKey,
    signingKey: root.privateKey,
    signingAlgorithm: ecdsa,
    extensions: [
      ...(await authorityExtensions(publicKey, 0)),
      await x509.AuthorityKeyIdentifierExtension.create(root.certificate.publicKey),
    ],
  })
  return { certificate, privateKey }
}

async function authorityExtensions(
  publicKey: webcrypto.CryptoKey | x509.PublicKey,
  pathLength: number,
): Promise<x509.Extension[]> {
  return [
    new x509.BasicConstraintsExtension(true, pathLength, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    await x509.SubjectKeyIdentifierExtension.create(publicKey),
  ]
}

async function load(directory: string, name: string, make: () => Promise<Issuer>): Promise<Issuer> {
  const keyFile = path.join(directory, `${name}.key`)
  const certificateFile = path.join(directory, `${name}.pem`)
  const texts = await Promise.all([readFile(keyFile, 'utf8'), readFile(certificateFile, 'utf8')]).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    },
  )
  if (texts) {
    const der = x509.PemConverter.decodeFirst(texts[0])
    const privateKey = await webcrypto.subtle.importKey('pkcs8', der, ecdsa, true, ['sign'])
    return { privateKey, certificate: new x509.X509Certificate(texts[1]) }
  }
  const made = await make()
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', made.privateKey)
  await writeAtomically(keyFile, `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`)
  // The certificate comes last: a folder without it is a folder without this issuer.
  await writeAtomically(certificateFile, pem(made.certificate))
  return made
}

async function writeAtomically(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 })
  await rename(`${file}.new`, file)
}

/** Not 00 in front, which DER forbids; half of them have the top bit set, as serials of real CAs may. */
function serialNumber(): string {
  const bytes = randomBytes(16)
  if (bytes[0] === 0) bytes[0] = 1
  return bytes.toString('hex')
}

function wholeSeconds(time: number): Date {
  return new Date(Math.floor(time / 1_000) * 1_000)
}

function pem(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem').trimEnd()}\n`
}
