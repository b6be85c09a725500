/**
 * The certificates that the gateway serves: read from a folder of file-SDS resources, and read again when they change.
 * A pair that does not fit together (read in the middle of a change) or cannot be read leaves the one before in force.
 */
import { createHash, X509Certificate } from 'node:crypto'
import { watch, type FSWatcher } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { createSecureContext, type SecureContext } from 'node:tls'
import { readSdsResource, type SdsSecret } from './sds-resource.ts'

export interface ServedCertificate {
  /** Of the SDS secret. */
  readonly name: string
  readonly context: SecureContext
  /** Lower-case DNS names of the leaf. */
  readonly hosts: readonly string[]
  /** Hex, capital letters. */
  readonly serial: string
  /** Common name of the issuer. */
  readonly issuer: string
  readonly notAfter: number
}

export interface Certificates {
  /** The certificate for a server name of TLS, which is a DNS name in any case. */
  find(serverName: string): ServedCertificate | undefined
  all(): readonly ServedCertificate[]
  stop(): void
}

export interface CertificatesOptions {
  /** May not be there yet. */
  readonly directory: string
  readonly onChange?: (now: ServedCertificate, before: ServedCertificate | undefined) => void
  readonly onFault?: (name: string, fault: string) => void
}

/** A folder's change is told at once by the kernel; this is for file systems whose kernel says nothing. */
const pollMs = 1_000
/** One swap makes several events. */
const settleMs = 20

/** Resolves after the first look. */
export async function watchCertificates(options: CertificatesOptions): Promise<Certificates> {
  const folder = new CertificateFolder(options)
  await folder.look()
  return folder
}

class CertificateFolder implements Certificates {
  readonly #options: CertificatesOptions
  readonly #served = new Map<string, { fingerprint: string; certificate: ServedCertificate }>()
  readonly #watchers = new Map<string, FSWatcher>()
  readonly #poll: NodeJS.Timeout
  #soon: NodeJS.Timeout | undefined
  #looking: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(options: CertificatesOptions) {
    this.#options = options
    this.#poll = setInterval(() => void this.look(), pollMs)
  }

  find(serverName: string): ServedCertificate | undefined {
    return findFor(serverName.toLowerCase(), this.all())
  }

  all(): readonly ServedCertificate[] {
    return [...this.#served.values()].map(({ certificate }) => certificate)
  }

  stop(): void {
    this.#stopped = true
    clearInterval(this.#poll)
    clearTimeout(this.#soon)
    for (const watcher of this.#watchers.values()) watcher.close()
  }

  /** One look at a time; never rejects. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(async () => {
      for (const folder of await foldersOf(this.#options.directory)) {
        this.#follow(folder)
        for (const secret of await secretsIn(folder)) await this.#refresh(secret)
      }
    })
    return this.#looking
  }

  async #refresh(secret: SdsSecret): Promise<void> {
    const before = this.#served.get(secret.name)
    const found = await readPair(secret)
    if (this.#stopped) return
    if ('fault' in found) return this.#options.onFault?.(secret.name, found.fault)
    if (found.fingerprint === before?.fingerprint) return
    this.#served.set(secret.name, found)
    this.#options.onChange?.(found.certificate, before?.certificate)
  }

  #follow(folder: string): void {
    if (this.#stopped || this.#watchers.has(folder)) return
    try {
      const watcher = watch(folder, () => {
        clearTimeout(this.#soon)
        this.#soon = setTimeout(() => void this.look(), settleMs)
      })
      watcher.on('error', () => this.#watchers.delete(folder))
      this.#watchers.set(folder, watcher)
    } catch {
      // Gone meanwhile, or no watches left: the poll finds what changes.
    }
  }
}

/** Of several with the name, the one that is valid for longest. */
function findFor(serverName: string, all: readonly ServedCertificate[]): ServedCertificate | undefined {
  return all
    .filter(({ hosts }) => hosts.includes(serverName))
    .reduce<ServedCertificate | undefined>(
      (best, each) => (best && best.notAfter >= each.notAfter ? best : each),
      undefined,
    )
}

/** The folder and those in it; not the dated ones that a `..data` link points to. */
async function foldersOf(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => undefined)
  if (!entries) return []
  const inside = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
  return [directory, ...inside.map((entry) => path.join(directory, entry.name))]
}

async function secretsIn(folder: string): Promise<readonly SdsSecret[]> {
  const names = await readdir(folder).catch(() => [])
  const resources = names.filter((name) => /^[^.].*\.(ya?ml|json)$/.test(name))
  const secrets = await Promise.all(
    resources.map(async (name) => {
      const text = await readFile(path.join(folder, name), 'utf8').catch(() => '')
      return readSdsResource(text, folder)
    }),
  )
  return secrets.flat()
}

async function readPair(
  secret: SdsSecret,
): Promise<{ fingerprint: string; certificate: ServedCertificate } | { fault: string }> {
  try {
    const [cert, key] = await Promise.all([readFile(secret.chainFile), readFile(secret.keyFile)])
    const leaf = new X509Certificate(cert)
    return {
      fingerprint: createHash('sha256').update(cert).update(key).digest('base64'),
      certificate: {
        name: secret.name,
        // Throws when key and leaf do not belong together.
        context: createSecureContext({ cert, key, minVersion: 'TLSv1.2' }),
        hosts: hostsOf(leaf),
        serial: leaf.serialNumber,
        issuer: /^CN=(.*)$/m.exec(leaf.issuer)?.[1] ?? leaf.issuer,
        notAfter: leaf.validToDate.getTime(),
      },
    }
  } catch (error) {
    return { fault: error instanceof Error ? error.message : 'cannot be read' }
  }
}

function hostsOf(leaf: X509Certificate): readonly string[] {
  const names = leaf.subjectAltName?.split(', ') ?? []
  return names.flatMap((name) => (name.startsWith('DNS:') ? [name.slice(4).toLowerCase()] : []))
}
