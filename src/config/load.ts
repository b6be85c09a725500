/** The configuration file on disk → the configuration, with paths made absolute and the files it names looked at. */
import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { finding, placeFault, type ConfigFault } from './fault.ts'
import { namedFileFindings, unreadableFix, type ReadFor } from './named-files.ts'
import { inOrder, readConfigText, type ParsedConfig, type ReadText } from './parse.ts'
import type { Config, IssuerConfig } from './schema.ts'

/** Tens of thousands of certificates fit; a device or a log file named by mistake does not fill the memory. */
const largest = 8 * 1024 * 1024

/** `fingerprint` is equal for equal outcomes of one file: of its bytes, and of the state of the files it names. */
export type LoadedConfig = ParsedConfig & { readonly fingerprint: string }

/** One look at the file; kept, so that the next look at the same text need not parse it again. */
export interface Look {
  readonly textHash?: string
  readonly read?: ReadText
  readonly loaded: LoadedConfig
}

/**
 * Loads the configuration. Relative paths in it start at the folder of the file as it was named (a symbolic link is not
 * followed for that: a mounted ConfigMap is one). Without a path: the defaults, with paths from the working directory.
 * A file that is missing, unreadable or faulty gives faults; never throws.
 */
export async function loadConfig(path?: string, by: ReadFor = 'worker'): Promise<LoadedConfig> {
  if (path !== undefined) return (await lookAt(path, undefined, by)).loaded
  return conclude(readConfigText(''), process.cwd(), '', by)
}

/** The same, with what the next look can reuse. */
export async function lookAt(path: string, last?: Look, by: ReadFor = 'worker'): Promise<Look> {
  const source = await readSource(path)
  if ('fault' in source) {
    return { loaded: { faults: [source.fault], fingerprint: hash(JSON.stringify(source.fault)) } }
  }
  const textHash = hash(source.text)
  const read = last?.read && last.textHash === textHash ? last.read : readConfigText(source.text)
  return { textHash, read, loaded: await conclude(read, dirname(resolve(path)), textHash, by) }
}

async function conclude(
  read: ReadText,
  folder: string,
  textHash: string,
  by: ReadFor,
): Promise<LoadedConfig> {
  const findings = await namedFileFindings(read.sketch, folder, by)
  const files = findings.map((each) => placeFault(each, read.lineOf))
  const fingerprint = hash(JSON.stringify([textHash, files]))
  if ('faults' in read.result) return { faults: inOrder([...read.result.faults, ...files]), fingerprint }
  if (files.length > 0) return { faults: inOrder(files), fingerprint }
  return { ok: absolute(read.result.ok, folder), fingerprint }
}

/** Every relative path of the configuration from the folder. */
function absolute(config: Config, folder: string): Config {
  const folders = (list: Config['destinations']) =>
    list.map((each) => (each.secret ? each : { ...each, directory: resolve(folder, each.directory) }))
  const { store, kubernetes } = config
  const { kubeconfig } = kubernetes
  return {
    ...config,
    kubernetes: {
      ...kubernetes,
      ...(kubeconfig !== undefined && { kubeconfig: resolve(folder, kubeconfig) }),
    },
    store: store.kubernetes ? store : { directory: resolve(folder, store.directory) },
    destinations: folders(config.destinations),
    certificates: config.certificates.map((certificate) =>
      certificate.destinations
        ? { ...certificate, destinations: folders(certificate.destinations) }
        : certificate,
    ),
    issuers: Object.fromEntries(
      Object.entries(config.issuers).map(([name, issuer]) => [name, absoluteIssuer(issuer, folder)]),
    ),
  }
}

function absoluteIssuer(issuer: IssuerConfig, folder: string): IssuerConfig {
  const { caBundle, externalAccount } = issuer
  const hmacKeyFile = externalAccount?.hmacKeyFile
  return {
    ...issuer,
    ...(caBundle !== undefined && { caBundle: resolve(folder, caBundle) }),
    ...(externalAccount &&
      hmacKeyFile !== undefined && {
        externalAccount: { ...externalAccount, hmacKeyFile: resolve(folder, hmacKeyFile) },
      }),
  }
}

async function readSource(path: string): Promise<{ text: string } | { fault: ConfigFault }> {
  try {
    const { size } = await stat(path)
    if (size > largest)
      return { fault: fileFault(path, `is larger than ${largest} bytes; name the right file`) }
    const bytes = await readFile(path)
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch (error) {
    return { fault: fileFault(path, sourceFix(error)) }
  }
}

function sourceFix(error: unknown): string {
  if (error instanceof TypeError) return 'is not UTF-8 text; save it as UTF-8'
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
    return 'does not exist; write it (docs/port80.example.yaml is a complete one, `port80 config schema` prints what may stand in it), mend the path, or leave it out to run on the defaults'
  }
  return unreadableFix(error)
}

function fileFault(path: string, fix: string): ConfigFault {
  // The end of a long path is what tells files apart.
  const shown = path.length > 70 ? `…${path.slice(-70)}` : path
  return placeFault(finding([], shown, fix), () => undefined)
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
