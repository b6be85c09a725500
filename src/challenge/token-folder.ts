/** The folder of token files: one file a token, every act on the disk, no memory of its own. */
import { watch, type FSWatcher } from 'node:fs'
import { readdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { isTemporary, replaceFile, sweepTemporaries } from '../disk/atomic-write.ts'
import { StoreFolder } from '../disk/folder.ts'
import type { ForeignFiles } from '../disk/foreign.ts'
import { codeOf, readPlainFile } from '../disk/plain-file.ts'
import { storeFailed } from '../disk/store-failed.ts'
import { challengeText, fileNameOf, isChallengeFileName, readChallenge } from './challenge-record.ts'
import type { Challenge } from './store.ts'

/** When the folder last changed, as far as its time stamps tell. */
export interface Stamp {
  readonly folder: string
  readonly change: string
  /** Old enough that a further change would have given another stamp (some file systems count in 2 s steps). */
  readonly settled: boolean
}

const coarsestClockMs = 2_000

export class TokenFolder {
  readonly #path: string
  readonly #foreign: ForeignFiles
  readonly #folder: StoreFolder

  constructor(path: string, foreign: ForeignFiles) {
    this.#path = path
    this.#foreign = foreign
    this.#folder = new StoreFolder(path, foreign)
  }

  /** Durable and visible when it resolves. A folder that was removed meanwhile is made again: tokens are short-lived. */
  async write(challenge: Challenge): Promise<void> {
    const path = join(this.#path, fileNameOf(challenge.token))
    try {
      await this.#folder.make()
      await replaceFile(path, challengeText(challenge)).catch(async (error: unknown) => {
        if (codeOf(error) !== 'ENOENT') throw error
        await this.#folder.makeAgain()
        await replaceFile(path, challengeText(challenge))
      })
    } catch (error) {
      throw storeFailed(`writing ${path}`, error)
    }
  }

  /** Not followed by an fsync: a token that comes back after a power loss is harmless and expires. */
  async remove(name: string): Promise<void> {
    const path = join(this.#path, name)
    try {
      await unlink(path)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw storeFailed(`removing ${path}`, error)
    }
    this.#foreign.mended(path)
  }

  /** `undefined`: no such file, or one that is not ours (reported). Throws StoreFailed when the folder cannot be read. */
  async read(name: string): Promise<Challenge | undefined> {
    const path = join(this.#path, name)
    try {
      const file = await readPlainFile(path)
      if (file === undefined || 'fault' in file) await this.#folder.exists()
      if (file === undefined) return undefined
      const read = 'fault' in file ? file : readChallenge(name, file.text)
      if ('ok' in read) {
        this.#foreign.mended(path)
        return read.ok
      }
      this.#foreign.report(path, read.fault)
      return undefined
    } catch (error) {
      throw storeFailed(`reading ${path}`, error)
    }
  }

  /** Names of token files; others are reported, and what dead writers left is swept. */
  async names(): Promise<string[]> {
    const all = await readdir(this.#path)
    await sweepTemporaries(this.#path, all)
    const names: string[] = []
    for (const name of all) {
      if (isChallengeFileName(name)) names.push(name)
      else if (!isTemporary(name))
        this.#foreign.report(join(this.#path, name), 'is not a token file of port80')
    }
    return names
  }

  /** `undefined`: nothing was ever presented. */
  async stamp(): Promise<Stamp | undefined> {
    if (!(await this.#folder.exists())) return undefined
    const { dev, ino, mtimeNs, mtimeMs } = await stat(this.#path, { bigint: true })
    const settled = Math.abs(Date.now() - Number(mtimeMs)) > coarsestClockMs
    return { folder: `${dev}:${ino}`, change: `${dev}:${ino}:${mtimeNs}`, settled }
  }

  /** The kernel's word that a file changed (`undefined`: some file). Best effort: other machines' changes are not told. */
  watch(changed: (name: string | undefined) => void): FSWatcher | undefined {
    try {
      const watcher = watch(this.#path, { persistent: false }, (_, name) => {
        if (name === null || !isTemporary(name)) changed(name ?? undefined)
      })
      watcher.on('error', () => watcher.close())
      return watcher
    } catch {
      return undefined // no inotify left (ENOSPC), or none on this system
    }
  }
}
