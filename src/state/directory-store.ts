/**
 * State in a folder: `KIND/NAME.json`, plain files that people can read, back up and copy.
 *
 * What holds, also between processes on a local file system (and on a network one whose locks work: docs/state.md):
 * - a reader sees a whole text, old or new: a file only ever gets its name complete and synced;
 * - creating is exclusive: link(2) fails when the name exists;
 * - replacing and removing check the version under a kernel lock that every process takes for that moment;
 * - after `write` the text outlives kill -9 and power loss, as far as the disk keeps what fsync promises.
 * Where a file system has no hard links, creating goes through the same lock instead.
 *
 * A file that is not as we write it (a link, not UTF-8, over 4 MiB, not ours to read) is reported and makes `read` of that
 * one key throw: to call it "not there" would order anew over an account or a key that may still be saved.
 */
import type { Dirent } from 'node:fs'
import { link, readdir, rename, rm, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { isTemporary, sweepTemporaries, syncFolder, writeTemporary } from '../disk/atomic-write.ts'
import { StoreFolder } from '../disk/folder.ts'
import { ForeignFiles, type OnForeign } from '../disk/foreign.ts'
import { KeyedQueue } from '../disk/keyed-queue.ts'
import { codeOf, linkFault, maxFileBytes, notPlainFault, readPlainFile } from '../disk/plain-file.ts'
import { storeFailed } from '../disk/store-failed.ts'
import { Port80Failure } from '../reason.ts'
import { keyOf, partsOf, stateKinds, versionOf, type StateKind } from './state-key.ts'
import { StateConflict, type StateKey, type StateStore, type Versioned } from './store.ts'
import { WriteTurn } from './write-turn.ts'

export interface DirectoryStateStoreOptions {
  /** The folder of the store (`store.directory`); made when missing. */
  readonly directory: string
  readonly onForeign: OnForeign
}

export function directoryStateStore(options: DirectoryStateStoreOptions): StateStore {
  return new DirectoryStateStore(options)
}

interface Place {
  readonly key: StateKey
  readonly folder: StoreFolder
  readonly path: string
}

class DirectoryStateStore implements StateStore {
  readonly #foreign: ForeignFiles
  readonly #queue = new KeyedQueue()
  readonly #turn: WriteTurn
  readonly #folders: ReadonlyMap<StateKind, StoreFolder>

  constructor({ directory, onForeign }: DirectoryStateStoreOptions) {
    this.#foreign = new ForeignFiles(onForeign)
    this.#turn = new WriteTurn(join(directory, 'write.lock'))
    this.#folders = new Map(
      stateKinds.map((kind) => [kind, new StoreFolder(join(directory, kind), this.#foreign, [directory])]),
    )
  }

  async read(key: StateKey): Promise<Versioned | undefined> {
    const place = this.#place(key)
    return this.#act('reading', place, () => this.#stored(place))
  }

  async write(key: StateKey, text: string, expected: string | undefined): Promise<string> {
    const place = this.#place(key)
    return this.#act('writing', place, () =>
      this.#queue.run(key, async () => {
        if (Buffer.byteLength(text) > maxFileBytes)
          throw storeFailed(`writing ${place.path}`, 'text too large')
        await place.folder.make()
        if (expected === undefined) await this.#create(place, text)
        else await this.#replace(place, text, expected)
        await syncFolder(place.folder.path)
        return versionOf(text)
      }),
    )
  }

  async remove(key: StateKey, expected: string): Promise<void> {
    const place = this.#place(key)
    await this.#act('removing', place, () => this.#queue.run(key, () => this.#remove(place, expected)))
  }

  async #remove(place: Place, expected: string): Promise<void> {
    if ((await this.#stored(place)) === undefined) return
    await this.#turn.run(async () => {
      const stored = await this.#stored(place)
      if (stored === undefined) return
      if (stored.version !== expected) throw conflict(place.key)
      await unlink(place.path)
      await syncFolder(place.folder.path)
    })
  }

  async list(kind: StateKind): Promise<readonly StateKey[]> {
    const folder = this.#folder(kind)
    try {
      if (!(await folder.exists())) return []
      const entries = await readdir(folder.path, { withFileTypes: true })
      await sweepTemporaries(
        folder.path,
        entries.map((entry) => entry.name),
      )
      return entries.flatMap((entry) => this.#keyOfEntry(kind, folder.path, entry) ?? [])
    } catch (error) {
      throw storeFailed(`listing ${folder.path}`, error)
    }
  }

  #keyOfEntry(kind: StateKind, folder: string, entry: Dirent): StateKey | undefined {
    const { name } = entry
    if (isTemporary(name)) return undefined
    const key = name.endsWith('.json') ? keyOf(kind, name.slice(0, -'.json'.length)) : undefined
    if (key !== undefined && entry.isFile()) return key
    // In the words of reading it, so that one fault is told once.
    const fault = entry.isSymbolicLink() ? linkFault : notPlainFault
    this.#foreign.report(join(folder, name), key === undefined ? 'is not a state file of port80' : fault)
    return undefined
  }

  async #create(place: Place, text: string): Promise<void> {
    const temporary = await writeTemporary(place.folder.path, text)
    try {
      await link(temporary, place.path)
    } catch (error) {
      const code = codeOf(error)
      if (code === 'EEXIST') {
        await this.#stored(place) // throws if what is there is not ours
        throw conflict(place.key)
      }
      if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code)) throw error
      await this.#turn.run(async () => {
        await this.#expect(place, undefined)
        await rename(temporary, place.path)
      })
    } finally {
      await rm(temporary, { force: true })
    }
  }

  async #replace(place: Place, text: string, expected: string): Promise<void> {
    const temporary = await writeTemporary(place.folder.path, text)
    try {
      await this.#turn.run(async () => {
        await this.#expect(place, expected)
        await rename(temporary, place.path)
      })
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
  }

  async #expect(place: Place, expected: string | undefined): Promise<void> {
    if ((await this.#stored(place))?.version !== expected) throw conflict(place.key)
  }

  async #stored(place: Place): Promise<Versioned | undefined> {
    const file = await readPlainFile(place.path)
    if (file === undefined) {
      await place.folder.exists() // throws if it is gone: that is no empty store
      return undefined
    }
    if ('fault' in file) {
      this.#foreign.report(place.path, file.fault)
      throw storeFailed(`reading ${place.path}`, file.fault)
    }
    this.#foreign.mended(place.path)
    return { text: file.text, version: versionOf(file.text) }
  }

  #place(key: StateKey): Place {
    const parts = partsOf(key)
    if (!parts) throw new Port80Failure({ reason: 'InternalError', detail: 'not a key of the state store' })
    const folder = this.#folder(parts.kind)
    return { key, folder, path: join(folder.path, `${parts.name}.json`) }
  }

  #folder(kind: StateKind): StoreFolder {
    const folder = this.#folders.get(kind)
    if (!folder) throw new Port80Failure({ reason: 'InternalError', detail: 'not a kind of the state store' })
    return folder
  }

  async #act<T>(doing: string, place: Place, act: () => Promise<T>): Promise<T> {
    try {
      return await act()
    } catch (error) {
      throw error instanceof StateConflict ? error : storeFailed(`${doing} ${place.path}`, error)
    }
  }
}

function conflict(key: StateKey): StateConflict {
  return new StateConflict(`${key} was written by somebody else`)
}
