/**
 * Pairs in a folder, one folder a certificate (src/destination/layout.ts shows the names): for Envoy through its file-SDS
 * resource, for nginx, HAProxy and others through the stable names NAME/tls.crt and NAME/tls.key.
 *
 * The order of steps is what survives a stop at any point: stable links (leading nowhere at first), the pair in a folder of
 * its own, synced; then one rename puts both files in force; then the resource, so that an Envoy which finds it finds the
 * pair, too. Whatever a stop leaves is either not in force or complete, and the next `install` takes it from there.
 */
import { join, resolve } from 'node:path'
import { nameSchema } from '../config/fields.ts'
import { KeyedQueue } from '../disk/keyed-queue.ts'
import { codeOf } from '../disk/plain-file.ts'
import { Port80Failure } from '../reason.ts'
import { CertificateFolder, type Look, type Modes } from './certificate-folder.ts'
import type { Destination, Installed, Pair } from './destination.ts'
import { envoySdsResource } from './envoy-sds.ts'
import { faultOfPair } from './pair-fault.ts'

const ownerOnly: Modes = { file: 0o600, folder: 0o700 }
const ownerAndGroup: Modes = { file: 0o640, folder: 0o750 }

export interface DirectoryDestinationOptions {
  /** Made when missing; one that exists keeps its mode. */
  readonly directory: string
  /** The same folder as the gateway sees it (a container's mount point), for the paths in the SDS resource. */
  readonly pathAsSeenByGateway?: string
  /** Files 0640 in folders of 0750 instead of 0600 in 0700, for a gateway that runs as another user of the same group. */
  readonly groupReadable?: boolean
  /** For `plan` and `status`: `read` then changes nothing at all. */
  readonly readOnly?: boolean
}

export function directoryDestination(options: DirectoryDestinationOptions): Destination {
  return new DirectoryDestination(options)
}

class DirectoryDestination implements Destination {
  readonly id: string
  readonly #options: DirectoryDestinationOptions
  readonly #queue = new KeyedQueue()
  /** Certificates whose resource this process has put in step. */
  readonly #inStep = new Set<string>()

  constructor(options: DirectoryDestinationOptions) {
    this.#options = options
    this.id = options.directory.slice(0, 200)
  }

  async read(certificateName: string): Promise<Installed> {
    const folder = this.#folder(certificateName)
    const look = await this.#act('reading', certificateName, () => folder.look())
    const installed = installedOf(look)
    if (installed.state === 'present') await this.#keepInStep(certificateName, folder)
    return installed
  }

  async install(certificateName: string, pair: Pair): Promise<void> {
    const fault = faultOfPair(pair)
    if (fault !== undefined) throw failed(`installing ${certificateName}`, fault)
    const folder = this.#folder(certificateName)
    await this.#queue.run(certificateName, () =>
      this.#act('installing', certificateName, () => this.#install(certificateName, folder, pair)),
    )
  }

  async #install(name: string, folder: CertificateFolder, pair: Pair): Promise<void> {
    const look = await folder.look()
    if (look.foreign !== undefined) throw failed(`installing ${name}`, look.foreign)
    await folder.make()
    await folder.makeLinks(look.missingLinks)
    if (samePair(look.pair, pair)) await folder.sync()
    else await folder.switchTo(await folder.addVersion(pair))
    await folder.writeResource(this.#resource(name))
    this.#inStep.add(name)
    await folder.sweep()
  }

  /**
   * The pair is there, so nothing will be installed; but the resource may be missing (a stop right before it) or name other
   * paths (the configuration changed). Once a process; that it cannot be written is for the next `install` to say.
   */
  async #keepInStep(name: string, folder: CertificateFolder): Promise<void> {
    if (this.#options.readOnly || this.#inStep.has(name)) return
    this.#inStep.add(name)
    await this.#queue.run(name, () => folder.writeResource(this.#resource(name))).catch(() => undefined)
  }

  #resource(name: string): string {
    const { directory, pathAsSeenByGateway } = this.#options
    return envoySdsResource(name, join(pathAsSeenByGateway ?? resolve(directory), name))
  }

  #folder(name: string): CertificateFolder {
    if (!nameSchema.safeParse(name).success) {
      throw new Port80Failure({ reason: 'InternalError', detail: 'not a name of a certificate' })
    }
    return new CertificateFolder(
      join(this.#options.directory, name),
      this.#options.groupReadable ? ownerAndGroup : ownerOnly,
    )
  }

  async #act<T>(doing: string, name: string, act: () => Promise<T>): Promise<T> {
    try {
      return await act()
    } catch (error) {
      throw error instanceof Port80Failure ? error : failed(`${doing} ${name} in ${this.id}`, error)
    }
  }
}

function installedOf(look: Look): Installed {
  if (look.foreign !== undefined) return { state: 'foreign', fault: look.foreign }
  if (look.pair === undefined || look.missingLinks.length > 0) return { state: 'absent' }
  const fault = faultOfPair(look.pair)
  // Our own folder with something that no server could load: as good as nothing, and to be replaced.
  if (fault === 'chain does not parse' || fault === 'key does not parse') return { state: 'absent' }
  return { state: 'present', pair: look.pair }
}

function samePair(left: Pair | undefined, right: Pair): boolean {
  return left?.chainPem === right.chainPem && left.keyPem === right.keyPem
}

function failed(act: string, cause: unknown): Port80Failure {
  const why = typeof cause === 'string' ? cause : codeOf(cause)
  return new Port80Failure(
    { reason: 'DestinationFailed', detail: `${act}: ${why}`.slice(0, 500) },
    typeof cause === 'string' ? undefined : { cause },
  )
}
