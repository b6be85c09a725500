/** Where the walk-through takes place: its configuration, found or written, and the folders of its parts. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { WalkThroughOptions } from './options.ts'
import { adapted, sceneOf, type Scene } from './scene.ts'

export interface Stage extends Scene {
  /** Absolute; what port80 is started with. */
  readonly config: string
  /** Absolute, as are the files. */
  readonly folders: Scene['folders']
  readonly files: { readonly log: string; readonly pid: string }
}

/** The configuration cannot be used for the walk-through. One fault a line. */
export class StageFault extends Error {
  readonly faults: readonly string[]
  constructor(config: string, faults: readonly string[]) {
    super(`${config} cannot be used for the walk-through`)
    this.name = 'StageFault'
    this.faults = faults
  }
}

const original = path.join(import.meta.dirname, '../port80.yaml')
export const usualFolder = path.join(import.meta.dirname, '../../.port80')

/** Writes the copy of the configuration when a port or the folder differs; nothing else. Throws StageFault. */
export async function setStage({ directory, ports }: WalkThroughOptions): Promise<Stage> {
  const source = await readFile(original, 'utf8')
  const asItIs = directory === undefined && Object.keys(ports).length === 0
  const folder = path.resolve(directory ?? usualFolder)
  const config = asItIs ? original : path.join(folder, 'port80.yaml')
  const text = asItIs ? source : adapted(source, ports)
  const scene = sceneOf(text)
  if ('faults' in scene) throw new StageFault(shown(original), scene.faults)
  if (!asItIs) {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await writeFile(config, text, { mode: 0o600 })
  }
  const absolute = (name: string) => path.resolve(path.dirname(config), name)
  const { ca, certificates, state } = scene.ok.folders
  const folders = { ca: absolute(ca), certificates: absolute(certificates), state: absolute(state) }
  const beside = (name: string) => path.join(path.dirname(folders.state), name)
  return { ...scene.ok, config, folders, files: { log: beside('port80.log'), pid: beside('port80.pid') } }
}

/** A path as people type it: from the working directory when it is below that. */
export function shown(file: string): string {
  const relative = path.relative(process.cwd(), file)
  return relative.startsWith('..') ? file : relative
}
