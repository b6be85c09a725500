/** The folder of one certificate on the disk: looking at it, and each step of changing it. */
import { chmod, lstat, mkdir, readdir, readlink, rename, rm, rmdir, symlink, unlink } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import { privateFile, replaceFile, sweepTemporaries, syncFolder, writeNew } from '../disk/atomic-write.ts'
import { ensureFolder, privateFolder } from '../disk/folder.ts'
import { codeOf, readPlainFile } from '../disk/plain-file.ts'
import type { Pair } from './destination.ts'
import { resourceMark } from './envoy-sds.ts'
import * as layout from './layout.ts'

const { chainFile, dataLink, keyFile, links, resourceFile, versionName, versionNumber } = layout

export interface Look {
  /** What is in the way, and how to mend it. Nothing else counts then. */
  readonly foreign?: string
  /** The version in force and its files, if both are there. */
  readonly version?: string
  readonly pair?: Pair
  /** Stable names that are missing. */
  readonly missingLinks: readonly string[]
}

export interface Modes {
  readonly file: number
  readonly folder: number
}

/** A pair may be replaced, and its folder removed, between finding its name and reading it: rarely, and never often. */
const looks = 3

export class CertificateFolder {
  readonly #path: string
  readonly #modes: Modes

  constructor(path: string, modes: Modes = { file: privateFile, folder: privateFolder }) {
    this.#path = path
    this.#modes = modes
  }

  async look(): Promise<Look> {
    const kind = await kindOf(this.#path)
    if (kind === 'absent') return { missingLinks: Object.keys(links) }
    if (kind !== 'folder')
      return foreign(`${this.#path} is a ${kind}; port80 needs a folder there: move it away`)
    const missingLinks: string[] = []
    for (const [name, target] of Object.entries(links)) {
      const found = await this.#link(name)
      if (found.target === undefined && found.fault === undefined) missingLinks.push(name)
      else if (found.target !== target) return foreign(found.fault ?? this.#leadsElsewhere(name))
    }
    const resource = await readPlainFile(join(this.#path, resourceFile))
    if (resource && !('text' in resource && resource.text.startsWith(resourceMark))) {
      return foreign(`${join(this.#path, resourceFile)} was not written by port80: move it away`)
    }
    return this.#lookAtPair(missingLinks)
  }

  async #lookAtPair(missingLinks: readonly string[]): Promise<Look> {
    for (let left = looks; left > 0; left--) {
      const { target: version, fault } = await this.#link(dataLink)
      if (fault !== undefined) return foreign(fault)
      if (version === undefined) break
      if (versionNumber(version) === undefined) return foreign(this.#leadsElsewhere(dataLink))
      const chain = await readPlainFile(join(this.#path, version, chainFile))
      const key = await readPlainFile(join(this.#path, version, keyFile))
      for (const file of [chain, key]) {
        if (file && 'fault' in file) return foreign(`a file of ${join(this.#path, version)} ${file.fault}`)
      }
      if (chain && key && 'text' in chain && 'text' in key) {
        return { version, pair: { chainPem: chain.text, keyPem: key.text }, missingLinks }
      }
    }
    return { missingLinks }
  }

  /** The folder and its parents. */
  async make(): Promise<void> {
    await ensureFolder(dirname(this.#path), this.#modes.folder)
    await ensureFolder(this.#path, this.#modes.folder)
  }

  /** What an earlier process put in force just before it died becomes durable, too. */
  async sync(): Promise<void> {
    await syncFolder(this.#path)
  }

  /** Before the first pair is in force they lead nowhere, which harms nobody. */
  async makeLinks(missing: readonly string[]): Promise<void> {
    for (const name of missing) {
      await symlink(links[name] ?? '', join(this.#path, name)).catch((error: unknown) => {
        if (codeOf(error) !== 'EEXIST') throw error // another process was faster; the next look judges its link
      })
    }
  }

  /** Durable when it resolves, and not in force yet. Gives the version's name. */
  async addVersion(pair: Pair): Promise<string> {
    for (;;) {
      const version = versionName(layout.nextVersion(await readdir(this.#path)))
      const folder = join(this.#path, version)
      try {
        await mkdir(folder, { mode: this.#modes.folder })
      } catch (error) {
        if (codeOf(error) === 'EEXIST') continue // the other process took the number
        throw error
      }
      try {
        await this.#fill(folder, pair)
      } catch (error) {
        await removeVersion(folder).catch(() => undefined)
        throw error
      }
      return version
    }
  }

  async #fill(folder: string, pair: Pair): Promise<void> {
    if (this.#modes.folder !== privateFolder) await chmod(folder, this.#modes.folder) // the umask may have narrowed it
    await writeNew(join(folder, chainFile), pair.chainPem, this.#modes.file)
    await writeNew(join(folder, keyFile), pair.keyPem, this.#modes.file)
    await syncFolder(folder)
  }

  /** The one step that readers see: a single move into the folder, which is also what wakes Envoy. */
  async switchTo(version: string): Promise<void> {
    const temporary = join(this.#path, `.port80-${process.pid}-${randomBytes(6).toString('hex')}.tmp`)
    await symlink(version, temporary)
    try {
      await rename(temporary, join(this.#path, dataLink))
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
    await syncFolder(this.#path)
  }

  /** Only if it differs: the move makes Envoy read everything again. */
  async writeResource(text: string): Promise<void> {
    const path = join(this.#path, resourceFile)
    const there = await readPlainFile(path)
    if (there && 'text' in there && there.text === text) return
    await replaceFile(path, text, this.#modes.file)
  }

  /** Never fails an installation that is done: what stays is tried again by the next one. */
  async sweep(): Promise<void> {
    try {
      const names = await readdir(this.#path)
      await sweepTemporaries(this.#path, names)
      const { target } = await this.#link(dataLink)
      const found = await Promise.all(names.filter(layout.isVersion).map((name) => this.#inspect(name)))
      for (const version of layout.outdatedVersions(found, target, Date.now())) {
        // A folder with a file of somebody else in it is left alone.
        await removeVersion(join(this.#path, version)).catch(() => undefined)
      }
    } catch {
      // The pair is in force; tidiness waits.
    }
  }

  async #inspect(name: string): Promise<layout.Version> {
    const folder = join(this.#path, name)
    const files = await readdir(folder)
    return {
      name,
      complete: files.includes(chainFile) && files.includes(keyFile),
      changedAt: (await lstat(folder)).mtimeMs,
    }
  }

  async #link(name: string): Promise<{ target?: string; fault?: string }> {
    try {
      return { target: await readlink(join(this.#path, name)) }
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return {}
      if (codeOf(error) !== 'EINVAL') throw error
      return {
        fault: `${join(this.#path, name)} is not a link of port80: move it away, port80 then makes its own`,
      }
    }
  }

  #leadsElsewhere(name: string): string {
    return `${join(this.#path, name)} leads where port80 puts nothing: remove that link, port80 then makes its own`
  }
}

function foreign(fault: string): Look {
  return { foreign: fault, missingLinks: [] }
}

async function kindOf(path: string): Promise<'absent' | 'folder' | 'link' | 'file'> {
  try {
    const info = await lstat(path)
    if (info.isDirectory()) return 'folder'
    return info.isSymbolicLink() ? 'link' : 'file'
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'absent'
    throw error
  }
}

/** Exactly our two files; rmdir refuses if there is anything else. */
async function removeVersion(folder: string): Promise<void> {
  for (const file of [chainFile, keyFile]) {
    await unlink(join(folder, file)).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error
    })
  }
  await rmdir(folder)
}
