/**
 * A file lock that dies with its process, whatever kills it, because the kernel holds it.
 *
 * Node offers no flock or fcntl. node:sqlite does, without a native add-on: an exclusive transaction on an empty
 * database takes a POSIX write lock on the file. Rejected: a file with a pid (pids are reused, and mean nothing in another
 * container), a heartbeat with a staleness limit (a stopped process would lead beside its successor), `flock` children.
 *
 * Beware: POSIX drops a process's locks on a file when the process closes *any* descriptor of it. Nothing in port80 may
 * open a lock file except through this module (SQLite itself takes care of that among its own connections).
 */
import { closeSync, openSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import type * as Sqlite from 'node:sqlite'
import { codeOf } from './plain-file.ts'
import { storeFailed } from './store-failed.ts'

export interface KernelLock {
  /** Whether the locked file is still the one at the path. If it was replaced, others lock the new one beside us. */
  inPlace(): Promise<boolean>
  /** Idempotent. */
  release(): void
}

/** Held locks are reachable from here: a collected database would be closed, and its lock gone without a word. */
const held = new Set<Sqlite.DatabaseSync>()

/**
 * The lock, or `undefined` when another process or another owner in this one holds it. Never waits. The folder must
 * exist. Throws Port80Failure StoreFailed when the file cannot be a lock (not ours, no rights, no locks on this file system).
 */
export async function tryKernelLock(path: string): Promise<KernelLock | undefined> {
  const { DatabaseSync } = await loadSqlite()
  createOnce(path)
  const before = await identity(path)
  let database: Sqlite.DatabaseSync | undefined
  try {
    database = new DatabaseSync(path)
    // No waiting, and no journal file beside the lock: nothing is ever written into this database.
    database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    database?.close()
    if (isBusy(error)) return undefined
    throw storeFailed(`locking ${path}`, whyNot(error))
  }
  held.add(database)
  const lock = lockOf(path, database, before)
  if (before !== undefined && (await lock.inPlace())) return lock
  lock.release() // replaced while we opened it: whose lock this is cannot be told, so it is nobody's
  return undefined
}

function lockOf(path: string, database: Sqlite.DatabaseSync, opened: string | undefined): KernelLock {
  return {
    inPlace: async () => held.has(database) && (await identity(path)) === opened,
    release: () => {
      if (!held.delete(database)) return
      database.close() // ends the transaction and with it the lock
    },
  }
}

/** Only where there is none: opening and closing an existing one would drop a lock of this process. Synchronous, so
 * that nothing of this process can lock the new file before it is closed. */
function createOnce(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw storeFailed(`creating ${path}`, error)
  }
}

async function identity(path: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(path, { bigint: true })
    return `${dev}:${ino}`
  } catch {
    return undefined // gone or not to be asked: either way nothing that a lock could rest on
  }
}

/** SQLite's primary result code: https://sqlite.org/rescode.html */
function resultCode(error: unknown): number {
  if (error instanceof Error && 'errcode' in error && typeof error.errcode === 'number') {
    return error.errcode & 0xff
  }
  return 0
}

function isBusy(error: unknown): boolean {
  return resultCode(error) === 5
}

function whyNot(error: unknown): string {
  switch (resultCode(error)) {
    case 26:
      return 'is not a lock file of port80; move it away while no port80 runs'
    case 10:
    case 22:
      return 'this file system offers no file locks; use a local one'
    case 8:
    case 14:
    case 23:
      return 'may not be opened for writing by this user'
    default:
      return error instanceof Error ? error.message : 'unknown error'
  }
}

let sqlite: Promise<typeof Sqlite> | undefined

/** Loaded at first use: only a process that orders or writes needs it. */
function loadSqlite(): Promise<typeof Sqlite> {
  sqlite ??= withoutSqliteWarning(() => import('node:sqlite'))
  return sqlite
}

/** Node 22 calls the module experimental on stderr at import; that one line is withheld, every other warning passes. */
async function withoutSqliteWarning<T>(load: () => Promise<T>): Promise<T> {
  const original = Object.getOwnPropertyDescriptor(process, 'emitWarning')
  const emitWarning = process.emitWarning.bind(process) as (...args: unknown[]) => void
  process.emitWarning = (...args: unknown[]): void => {
    if (args[1] === 'ExperimentalWarning' && String(args[0]).includes('SQLite')) return
    emitWarning(...args)
  }
  try {
    return await load()
  } finally {
    if (original) Object.defineProperty(process, 'emitWarning', original)
  }
}
