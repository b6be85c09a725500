/** `npm start -- --break …`: the walk-through with one mistake in front of port80, there as long as a file is. */
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { parseDocument, type Document } from 'yaml'
import { startDnsServer } from '../dns/server.ts'
import { startFrontDoor } from '../gateway/front-door.ts'
import type { Break } from './breaks.ts'
import { rightZones, wrongZones } from './zones.ts'
import type { WalkThroughOptions } from './options.ts'
import type { Running } from './parts.ts'
import { setStage, usualFolder, type Stage } from './stage.ts'

export interface BrokenStage extends Stage {
  /** What the CA takes for port 80. */
  readonly validationPort: number
  readonly mistake: {
    readonly what: Break
    /** To remove it is to mend. Absolute. */
    readonly file: string
  }
}

/**
 * A folder of its own, empty at the start, so that each name is ordered for the first time and looked at before. What is
 * started here is in `running`. Throws StageFault.
 */
export async function setBrokenStage(
  options: WalkThroughOptions,
  what: Break,
  running: Running,
): Promise<BrokenStage> {
  const directory = path.resolve(options.directory ?? usualFolder, `broken-${what}`)
  await rm(directory, { recursive: true, force: true })
  const stage = await setStage({ ...options, directory })
  const file = path.join(directory, 'mistake')
  await writeFile(file, `${what}: remove this file to mend it\n`)
  const broken = () => existsSync(file)
  const { ports } = stage
  const [target, httpsPort] = [ports.public.port, ports.gateway.port]
  const mistake = what === 'dns' ? undefined : what
  const door = await startFrontDoor({ mistake, broken, target, httpsPort })
  running.add(() => door.stop())
  const text = await readFile(stage.config, 'utf8')
  const document = parseDocument(text)
  throughTheDoor(document, door.port)
  if (what === 'dns') {
    const names = stage.certificates.flatMap(({ domains }) => domains)
    const dns = await startDnsServer(() => (broken() ? wrongZones(names) : rightZones(names)))
    running.add(() => dns.stop())
    byName(document, door.port, dns.authority)
  }
  await writeFile(stage.config, document.toString(), { mode: 0o600 })
  return { ...stage, validationPort: door.port, mistake: { what, file } }
}

/** That front door, and no order for a name that fails the look before it. */
function throughTheDoor(document: Document, door: number): void {
  document.set('preflight', 'require')
  document.setIn(['selfCheck', 'url'], `http://127.0.0.1:${door}/.well-known/acme-challenge/{token}`)
}

/** The same by the names: what the DNS says of them is looked at, too. */
function byName(document: Document, door: number, resolver: string): void {
  document.set('resolvers', [resolver])
  document.setIn(['selfCheck', 'url'], `http://{identifier}:${door}/.well-known/acme-challenge/{token}`)
}
