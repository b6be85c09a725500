/** The files that the configuration names: whether they are there and hold what they should. */
import { X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { finding, type Finding, type Path } from './fault.ts'
import { hmacKeyPattern } from './schema.ts'
import type { Sketch } from './sketch.ts'

/** Far more than a bundle of every public root. */
const largest = 4 * 1024 * 1024

interface NamedFile {
  readonly at: Path
  /** As written. */
  readonly name: string
  /** The fix when the content is not right. Contents are never shown: one of them is a secret. */
  readonly contentFix: (content: string) => string | undefined
}

/**
 * For whom the configuration is read. The worker talks to CAs, with the files of its issuers. Whoever reads a cluster's
 * state from a laptop, with the ConfigMap of the worker, does not, and what is mounted into the pods is not there.
 */
export type ReadFor = 'worker' | 'reader'

/**
 * A finding for each named file that cannot be used. `folder`: absolute, where relative names start. Also for a
 * configuration with other faults, of which the sketch holds what can be trusted.
 */
export async function namedFileFindings(sketch: Sketch, folder: string, by: ReadFor): Promise<Finding[]> {
  const found = await Promise.all(
    namedFiles(sketch, by).map(async ({ at, name, contentFix }) => {
      const fix = await fileFix(resolve(folder, name), contentFix)
      return fix === undefined ? [] : [finding(at, name, fix)]
    }),
  )
  return found.flat()
}

function namedFiles(sketch: Sketch, by: ReadFor): NamedFile[] {
  const kubeconfig = sketch.kubernetes?.kubeconfig
  // What is in it, its own reader judges (src/kube/access.ts): exec plugins and contexts are beyond a look.
  const cluster: NamedFile[] =
    kubeconfig === undefined
      ? []
      : [{ at: ['kubernetes', 'kubeconfig'], name: kubeconfig, contentFix: () => undefined }]
  // On files the reader is on the worker's machine: what is missing for the one is missing for the other.
  if (by === 'reader' && sketch.store?.kubernetes) return cluster
  return [...cluster, ...filesOfIssuers(sketch)]
}

function filesOfIssuers(sketch: Sketch): NamedFile[] {
  return Object.entries(sketch.issuers ?? {}).flatMap(([name, issuer]) => {
    const at = ['issuers', name]
    const { caBundle, externalAccount } = issuer ?? {}
    const hmacKeyFile = externalAccount?.hmacKeyFile
    return [
      ...(caBundle === undefined
        ? []
        : [{ at: [...at, 'caBundle'], name: caBundle, contentFix: caBundleFix }]),
      ...(hmacKeyFile === undefined
        ? []
        : [{ at: [...at, 'externalAccount', 'hmacKeyFile'], name: hmacKeyFile, contentFix: hmacKeyFix }]),
    ]
  })
}

async function fileFix(path: string, contentFix: NamedFile['contentFix']): Promise<string | undefined> {
  try {
    const stats = await stat(path)
    // A pipe would be waited on for ever.
    if (!stats.isFile()) return 'is not a file; name a file'
    if (stats.size > largest) return `is larger than ${largest} bytes; name the right file`
    return contentFix(await readFile(path, 'utf8'))
  } catch (error) {
    return unreadableFix(error)
  }
}

/** What to do about a file that cannot be read, from the error of the file system. */
export function unreadableFix(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'does not exist; create the file, or mend the path (relative ones start at the folder of the configuration file)'
    case 'EACCES':
    case 'EPERM':
      return 'may not be read by this user; give it the right to read'
    case 'EISDIR':
      return 'is a folder; name a file'
    default:
      return `cannot be read (${code}); look at the file and its disk`
  }
}

function caBundleFix(content: string): string | undefined {
  const blocks = content.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  if (blocks.length === 0) return 'holds no certificate; name a PEM file with the roots of the CA'
  const unusable = blocks.findIndex((block) => !isCertificate(block))
  return unusable < 0
    ? undefined
    : `holds a certificate that does not parse (number ${unusable + 1}); name a PEM file with the roots of the CA`
}

function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem)
    return true
  } catch {
    return false
  }
}

function hmacKeyFix(content: string): string | undefined {
  return hmacKeyPattern.test(content.trim())
    ? undefined
    : 'does not hold an HMAC key; write nothing but the key into it, in base64url, as the CA gave it'
}
