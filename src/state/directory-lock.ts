/**
 * Leadership of a folder: the kernel's lock on `leader.lock` (src/disk/kernel-lock.ts), which ends with the process that
 * holds it, however that ends, and stays while it is merely stopped. `leader.txt` beside it says for people who leads;
 * nothing is decided by it.
 *
 * If somebody deletes or replaces the lock file, a second process can lock the new one while the first still works:
 * `stillHeld` compares the file at the path with the one that was locked, and gives up when they differ.
 */
import { access, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { replaceFile } from '../disk/atomic-write.ts'
import { ensureFolder } from '../disk/folder.ts'
import { tryKernelLock, type KernelLock } from '../disk/kernel-lock.ts'
import { readPlainFile } from '../disk/plain-file.ts'
import { storeFailed } from '../disk/store-failed.ts'
import { Port80Failure } from '../reason.ts'
import type { Held, Leadership } from './leadership.ts'

/** Who asks `holder` has the lock for an instant; a candidate that meets it there tries once more. */
const askedInstantMs = 20

/** `directory`: the folder of the store (`store.directory`); made when missing. Throws Port80Failure StoreFailed. */
export function directoryLeadership({ directory }: { readonly directory: string }): Leadership {
  const lockPath = join(directory, 'leader.lock')
  const textPath = join(directory, 'leader.txt')
  return {
    async tryAcquire() {
      await makeFolder(directory)
      let lock = await tryKernelLock(lockPath)
      if (!lock) {
        await pause(askedInstantMs)
        lock = await tryKernelLock(lockPath)
      }
      return lock && hold(lock, textPath)
    },
    async holder() {
      if (!(await exists(lockPath))) return undefined // asking makes no files
      const probe = await tryKernelLock(lockPath)
      probe?.release()
      if (probe) return undefined
      const file = await readPlainFile(textPath)
      return file && 'text' in file ? file.text.trim().slice(0, 200) : 'another process'
    },
  }
}

async function hold(lock: KernelLock, textPath: string): Promise<Held> {
  const abort = new AbortController()
  const since = new Date().toISOString()
  // For people only: a full disk must not keep the one process that could renew from leading.
  await replaceFile(textPath, `pid ${process.pid} on ${hostname()} since ${since}\n`).catch(() => undefined)
  const end = (detail: string): void => {
    lock.release()
    abort.abort(new Port80Failure({ reason: 'LeadershipLost', detail }))
  }
  return {
    signal: abort.signal,
    async stillHeld() {
      if (abort.signal.aborted) return false
      const inPlace = await lock.inPlace()
      if (!inPlace) end('the lock file was removed or replaced')
      return inPlace
    },
    async release() {
      if (abort.signal.aborted) return
      await rm(textPath, { force: true }).catch(() => undefined)
      end('leadership was given up')
    },
  }
}

async function makeFolder(directory: string): Promise<void> {
  try {
    await ensureFolder(directory)
  } catch (error) {
    throw storeFailed(`making ${directory}`, error)
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
