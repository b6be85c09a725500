/** The folders of the stores: made private, kept as they are where they exist. */
import { access, chmod, constants, mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncFolder } from './atomic-write.ts'

export const privateFolder = 0o700

/**
 * Makes the folder and its parents (0700, or `mode`), durably. One that exists keeps its mode: an operator may have
 * opened it for a backup group on purpose, and a silent chmod would break that at every start. The answer is then a
 * fault to report, `undefined` when nobody else can look in. Throws the file system's error.
 */
export async function ensureFolder(path: string, mode = privateFolder): Promise<string | undefined> {
  const created = await mkdir(path, { recursive: true, mode })
  if (created !== undefined) {
    if (mode !== privateFolder) await chmod(path, mode) // the umask may have narrowed it
    await syncFolder(dirname(created))
    return undefined
  }
  const is = (await stat(path)).mode & 0o777
  if ((is & ~mode) === 0 || process.platform === 'win32') return undefined
  return `is open to others (mode ${is.toString(8)}) and is left so; chmod ${mode.toString(8)} closes it`
}

/** Throws unless names in the folder can be listed and opened: tells "no such file" from "no such folder". */
export async function folderReadable(path: string): Promise<void> {
  await access(path, constants.R_OK | constants.X_OK)
}
