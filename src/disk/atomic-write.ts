/**
 * Writing so that a reader sees the old text or the new one, never half, and so that it is still there after kill -9 and
 * power loss: temporary file in the same folder, fsync, rename, fsync of the folder. Each step is needed: without the
 * first fsync a power loss can leave the new name with no content, without the second the name itself can be lost.
 */
import { randomBytes } from 'node:crypto'
import { lstat, open, rename, rm, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { codeOf } from './plain-file.ts'

export const privateFile = 0o600

/** Starts with a dot, so it is neither a state key nor a token nor shown by `ls`. */
const temporaryName = /^\.port80-[0-9]+-[0-9a-f]{12}\.tmp$/

/** A temporary file lives for milliseconds. One of this age was left by a process that died in between. */
const abandonedAfterMs = 60 * 60 * 1000

export function isTemporary(name: string): boolean {
  return temporaryName.test(name)
}

/** A new durable file with this text in `folder`, readable by its owner (or as `mode` says). Gives its path. */
export async function writeTemporary(folder: string, text: string, mode = privateFile): Promise<string> {
  const path = join(folder, `.port80-${process.pid}-${randomBytes(6).toString('hex')}.tmp`)
  await writeNew(path, text, mode)
  return path
}

/** A durable file that must not exist yet. Its name is durable only after `syncFolder`. */
export async function writeNew(path: string, text: string, mode: number): Promise<void> {
  const handle = await open(path, 'wx', mode)
  try {
    await handle.writeFile(text)
    if (mode !== privateFile) await handle.chmod(mode) // the umask may have narrowed it
    await handle.sync()
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await handle.close()
  }
}

/** Replaces or creates; whoever writes last wins. */
export async function replaceFile(path: string, text: string, mode = privateFile): Promise<void> {
  const folder = dirname(path)
  const temporary = await writeTemporary(folder, text, mode)
  try {
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(folder)
}

/** Makes creations, renames and removals in the folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } catch (error) {
    // Some file systems (SMB, FUSE) cannot; they keep names in their own way and nothing can be done from here.
    if (!['EINVAL', 'ENOTSUP', 'EPERM', 'EBADF'].includes(codeOf(error))) throw error
  } finally {
    await handle.close()
  }
}

/** Removes what dead writers left among `names`. By age alone: the writer may be another machine. Never throws. */
export async function sweepTemporaries(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names.filter(isTemporary)) {
    const path = join(folder, name)
    try {
      const { mtimeMs } = await lstat(path)
      if (Date.now() - mtimeMs > abandonedAfterMs) await unlink(path)
    } catch {
      // Its writer was faster than we: renamed or removed.
    }
  }
}
