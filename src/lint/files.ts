/** Files, folders and stdin → the objects in them. What cannot be read is a remark, or for a path that was named a fault. */
import type { Dirent } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { documentsIn, type FoundObject } from './documents.ts'

export interface FilesToRead {
  /** `-` is stdin; a folder is read with those in it. */
  readonly paths: readonly string[]
  /** Called once, where `-` is among them. */
  readonly stdin: () => AsyncIterable<Uint8Array>
  /** Whether lines of JSON are wanted too (slow). */
  readonly lines: boolean
}

export interface ReadFiles {
  readonly found: readonly FoundObject[]
  readonly remarks: readonly string[]
  /** Paths that were named and are not there or cannot be read, with the reason. */
  readonly faults: readonly string[]
}

/** `kubectl get -o yaml` of a large cluster fits; a device or a disk image named by mistake does not fill the memory. */
const largest = 128 * 1024 * 1024
const mostFiles = 10_000
const deepest = 20

/** One file after another, so that what is held is one text and the objects. Never throws for what is in a file. */
export async function readFiles({ paths, stdin, lines }: FilesToRead): Promise<ReadFiles> {
  const found: FoundObject[] = []
  const remarks: string[] = []
  const faults: string[] = []
  for await (const each of textsOf(paths, stdin)) {
    if (!('fault' in each)) {
      const documents = documentsIn(each.file, each.text, lines)
      // Not by spreading: a file may hold more objects than a call takes arguments.
      for (const object of documents.found) found.push(object)
      for (const remark of documents.remarks) remarks.push(remark)
    } else if (each.named) faults.push(`${each.file} ${each.fault}`)
    else remarks.push(`${each.file} is left out: it ${each.fault}`)
  }
  return { found, remarks, faults }
}

type Text = { readonly file: string; readonly text: string } | Unreadable
interface Unreadable {
  readonly file: string
  readonly fault: string
  /** It is one of the paths that were given. */
  readonly named?: boolean
}
type Texts = AsyncGenerator<Text, void, undefined>

async function* textsOf(paths: readonly string[], stdin: FilesToRead['stdin']): Texts {
  for (const path of paths) {
    const texts = path === '-' ? [await streamText(stdin())] : textsAt(path)
    for await (const each of texts) yield path === '-' || each.file === path ? { ...each, named: true } : each
  }
}

async function* textsAt(path: string): Texts {
  const kind = await kindOf(path)
  if (kind === 'file') return yield await fileText(path)
  if (kind !== 'folder') return yield kind
  let files = 0
  for await (const each of filesIn(path, 0)) {
    if (++files > mostFiles)
      return yield { file: path, fault: `has more than ${mostFiles} files; name the folders that are meant` }
    yield typeof each === 'string' ? await fileText(each) : each
  }
  if (files === 0) yield { file: path, fault: 'has no .yaml, .yml or .json file; name another folder' }
}

async function kindOf(path: string): Promise<'folder' | 'file' | Unreadable> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file'
  } catch (error) {
    return { file: path, fault: whyUnreadable(error) }
  }
}

/** Names in order, so that the same folder always reads the same. Hidden ones and node_modules are nobody's manifests. */
async function* filesIn(folder: string, depth: number): AsyncGenerator<string | Unreadable, void, undefined> {
  const entries = await entriesOf(folder)
  if ('fault' in entries) return yield entries
  for (const entry of entries.list) {
    const path = join(folder, entry.name)
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue
    if (!entry.isDirectory()) {
      if (/\.(ya?ml|json)$/i.test(entry.name)) yield path
    } else if (depth < deepest) yield* filesIn(path, depth + 1)
    else yield { file: path, fault: 'lies too deep; name it by itself' }
  }
}

async function entriesOf(folder: string): Promise<{ readonly list: readonly Dirent[] } | Unreadable> {
  try {
    const list = await readdir(folder, { withFileTypes: true })
    return { list: list.sort((one, other) => (one.name < other.name ? -1 : 1)) }
  } catch (error) {
    return { file: folder, fault: whyUnreadable(error) }
  }
}

async function fileText(file: string): Promise<Text> {
  try {
    if ((await stat(file)).size > largest) return { file, fault: tooLarge }
    return textOf(file, await readFile(file))
  } catch (error) {
    return { file, fault: whyUnreadable(error) }
  }
}

async function streamText(stream: AsyncIterable<Uint8Array>): Promise<Text> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of stream) {
    size += part.byteLength
    if (size > largest) return { file: 'stdin', fault: tooLarge }
    parts.push(part)
  }
  return textOf('stdin', Buffer.concat(parts))
}

const tooLarge = `is larger than ${largest >> 20} MiB; name the files that are meant`

function textOf(file: string, bytes: Uint8Array): Text {
  try {
    return { file, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    return { file, fault: 'is not UTF-8 text; save it as UTF-8' }
  }
}

function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
  if (code === 'ENOENT') return 'does not exist; mend the path'
  if (code === 'EACCES') return 'may not be read by this user; give it the right, or run as another one'
  return `cannot be read (${code})`
}
