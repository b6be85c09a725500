/** Reads one small text file that may be anything: torn, a link out of the folder, a pipe, a gigabyte. */
import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'

/** Nothing that port80 writes comes near this; a larger file is not ours and is not read into memory. */
export const maxFileBytes = 4 * 1024 * 1024

export const linkFault = 'is a symbolic link'
export const notPlainFault = 'is not a plain file'

/** `undefined`: not there. `fault`: there, and not a file as we write them. */
export type PlainFile = { readonly text: string } | { readonly fault: string } | undefined

/**
 * O_NOFOLLOW: a link in our folder could point at any file of the machine, whose text would then be served or logged.
 * O_NONBLOCK: opening a pipe would wait for a writer for ever, on one of the few threads all file work shares.
 */
const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Throws only for what is no property of this file (EIO, EMFILE, …): the store cannot be read then. */
export async function readPlainFile(path: string): Promise<PlainFile> {
  let handle: FileHandle
  try {
    handle = await open(path, flags)
  } catch (error) {
    return faultOfOpen(error)
  }
  try {
    return await readHandle(handle)
  } finally {
    await handle.close()
  }
}

async function readHandle(handle: FileHandle): Promise<PlainFile> {
  const info = await handle.stat()
  if (!info.isFile()) return { fault: notPlainFault }
  if (info.size > maxFileBytes) return { fault: `is larger than ${maxFileBytes} bytes` }
  const buffer = Buffer.allocUnsafe(info.size)
  let length = 0
  while (length < info.size) {
    const { bytesRead } = await handle.read(buffer, length, info.size - length, length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  try {
    return { text: decoder.decode(buffer.subarray(0, length)) }
  } catch {
    return { fault: 'is not UTF-8 text' }
  }
}

function faultOfOpen(error: unknown): PlainFile {
  switch (codeOf(error)) {
    case 'ENOENT':
      return undefined
    case 'ELOOP':
    case 'EMLINK': // what FreeBSD says for O_NOFOLLOW
      return { fault: linkFault }
    case 'EACCES':
    case 'EPERM':
      return { fault: 'may not be read by this user' }
    case 'ENXIO':
    case 'EISDIR':
      return { fault: notPlainFault }
    default:
      throw error
  }
}

/** The system's code (`ENOENT`), or the name of the error: short and free of paths, fit for a message. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return error instanceof Error ? error.name : 'unknown error'
}
