/** Keeps the index in step with the folder: what changed elsewhere is known within a second or so of being asked. */
import type { FSWatcher } from 'node:fs'
import { storeFailed } from '../disk/store-failed.ts'
import type { Challenge } from './store.ts'
import type { TokenFolder } from './token-folder.ts'
import type { TokenIndex } from './token-index.ts'

/** Time stamps may lie (clock skew on network file systems): after this long the names are read whatever they say. */
const distrustAfterMs = 10_000

/** Files read at the same time: the threads of all file work are four. */
const parallelReads = 8

export interface TokenScanParts {
  readonly folder: TokenFolder
  readonly index: TokenIndex
  /** Reads one file into the index. */
  readonly load: (name: string) => Promise<Challenge | undefined>
  /** Told when the kernel says that a file changed; undefined: the kernel is not asked. */
  readonly changed: ((name: string | undefined) => void) | undefined
  /** Monotonic milliseconds. */
  readonly clock: () => number
}

export class TokenScan {
  readonly #parts: TokenScanParts
  #chain: Promise<void> = Promise.resolve()
  #loads: Promise<void> = Promise.resolve()
  #endedAt = -Infinity
  #listedAt = -Infinity
  #trusted: string | undefined
  #watcher: FSWatcher | undefined
  #watched: string | undefined

  constructor(parts: TokenScanParts) {
    this.#parts = parts
  }

  /** Milliseconds since the index was last known to be in step, or since that was last tried in vain. */
  age(): number {
    return this.#parts.clock() - this.#endedAt
  }

  /** A listing that begins after this call. Rejects with StoreFailed; what is known stays known. */
  run(): Promise<void> {
    this.#chain = this.#chain.catch(() => undefined).then(() => this.#scan())
    return this.#chain
  }

  /** Reads the files that were listed and not read since they changed. Rejects with StoreFailed. */
  load(): Promise<void> {
    this.#loads = this.#loads.catch(() => undefined).then(() => this.#load())
    return this.#loads
  }

  async #load(): Promise<void> {
    const { index, load } = this.#parts
    const rest = index.doubtful().values()
    const worker = async () => {
      for (const name of rest) if (index.byName(name)?.doubtful) await load(name)
    }
    await Promise.all(Array.from({ length: parallelReads }, worker))
  }

  async #scan(): Promise<void> {
    const { folder, index, clock } = this.#parts
    try {
      const moment = index.moment()
      const stamp = await folder.stamp()
      if (stamp === undefined) return
      this.#watch(stamp.folder)
      if (stamp.change === this.#trusted && clock() - this.#listedAt < distrustAfterMs) return
      this.#listedAt = clock()
      index.reconcile(await folder.names(), moment)
      this.#trusted = stamp.settled ? stamp.change : undefined
    } catch (error) {
      this.#trusted = undefined
      throw storeFailed('listing the tokens', error)
    } finally {
      this.#endedAt = clock()
    }
  }

  /** Another folder at the same path (removed and made again, a new mount) needs a new watch. */
  #watch(folder: string): void {
    const { changed } = this.#parts
    if (this.#watched === folder || changed === undefined) return
    this.#watcher?.close()
    this.#watcher = this.#parts.folder.watch(changed)
    this.#watched = folder
    changed(undefined)
  }
}
