/** Files in our folders that are not as we write them: told once each, then stepped over. */

export interface ForeignFile {
  readonly path: string
  /** What is wrong with it, in words that name no content (it may hold a key). */
  readonly fault: string
}

export type OnForeign = (file: ForeignFile) => void

/** More different faults than this at once is one broken folder, not a list worth keeping. */
const remembered = 1_000

/**
 * Wraps `onForeign` so that a file which stays broken is told once and not with every scan: a status page that lists the
 * tokens every second would otherwise fill the log. A file that was mended and breaks again is told again.
 */
export class ForeignFiles {
  readonly #tell: OnForeign
  readonly #told = new Map<string, string>()

  constructor(tell: OnForeign) {
    this.#tell = tell
  }

  report(path: string, fault: string): void {
    if (this.#told.get(path) === fault) return
    if (this.#told.size >= remembered) this.#told.clear()
    this.#told.set(path, fault)
    this.#tell({ path, fault })
  }

  mended(path: string): void {
    this.#told.delete(path)
  }
}
