/** The folders of the stores: made private, kept as they are where they exist. */
import { access, chmod, constants, mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncFolder } from './atomic-write.ts'
import type { ForeignFiles } from './foreign.ts'
import { codeOf } from './plain-file.ts'

export const privateFolder = 0o700

/**
 * Makes the folder and its parents (0700, or `mode`), durably. One that exists keeps its mode: an operator may have
 * opened it for a backup group on purpose, and a silent chmod would break that at every start. Throws the file system's
 * error.
 */
export async function ensureFolder(path: string, mode = privateFolder): Promise<void> {
  const created = await mkdir(path, { recursive: true, mode })
  if (created === undefined) return
  if (mode !== privateFolder) await chmod(path, mode) // the umask may have narrowed it
  await syncFolder(dirname(created))
}

/** What to report of a folder that others can look into; `undefined` when nobody else can. */
export async function faultOfMode(path: string): Promise<string | undefined> {
  const mode = (await stat(path)).mode & 0o777
  if ((mode & ~privateFolder) === 0 || process.platform === 'win32') return undefined
  return `is open to others (mode ${mode.toString(8)}) and is left so; chmod 700 closes it`
}

/**
 * A folder of a store, which need not exist as long as nobody wrote: reading makes nothing (`port80 plan` in the wrong
 * folder must not leave one behind), and nothing there is an empty store. But one that was there and is gone is a fault.
 */
export class StoreFolder {
  readonly path: string
  readonly #foreign: ForeignFiles
  readonly #above: readonly string[]
  #seen = false

  /** `above`: folders over it whose modes are told as well. */
  constructor(path: string, foreign: ForeignFiles, above: readonly string[] = []) {
    this.path = path
    this.#foreign = foreign
    this.#above = above
  }

  /** Before writing. Throws the file system's error. */
  async make(): Promise<void> {
    if (this.#seen) return
    await ensureFolder(this.path)
    await this.exists()
  }

  /** A writer found it gone. Right where what it holds is short-lived and can be made anew. */
  async makeAgain(): Promise<void> {
    this.#seen = false
    await this.make()
  }

  /** False: not made yet. Throws the file system's error when it was there and is gone, or cannot be listed. */
  async exists(): Promise<boolean> {
    try {
      await access(this.path, constants.R_OK | constants.X_OK)
    } catch (error) {
      if (this.#seen || codeOf(error) !== 'ENOENT') throw error
      return false
    }
    if (!this.#seen) await this.#tellModes()
    this.#seen = true
    return true
  }

  async #tellModes(): Promise<void> {
    for (const path of [...this.#above, this.path]) {
      const fault = await faultOfMode(path)
      if (fault !== undefined) this.#foreign.report(path, fault)
    }
  }
}
