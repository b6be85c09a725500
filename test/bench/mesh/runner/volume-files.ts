/**
 * A volume's files, replaced all at once as kubelet does it (pkg/volume/util/atomic_writer.go): the files lie in a folder of
 * their own, `..data` is a link to it that is renamed into place, and what the container opens are links through `..data`.
 * So a reader never sees the old key with the new certificate, and a program that watches for `..data` works here too.
 */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

export interface VolumeFile {
  readonly content: Buffer
  /** Permission bits. */
  readonly mode: number
}

/** By path in the volume. */
export type VolumeFiles = ReadonlyMap<string, VolumeFile>

/** Group that may read all of it (fsGroup); undefined: nothing is changed. */
export function writeVolume(folder: string, files: VolumeFiles, group?: number): void {
  if (isSame(folder, files)) return
  const data = join(folder, '..data')
  const before = existsSync(data) ? readlinkSync(data) : undefined
  const fresh = mkdtempSync(join(folder, `..${new Date().toISOString().replaceAll(/[^\d]/g, '_')}`))
  chmodSync(fresh, 0o755)
  for (const [path, { content, mode }] of files) {
    const file = join(fresh, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
    chmodSync(file, group === undefined ? mode : mode | 0o440)
    if (group !== undefined) chownSync(file, 0, group)
  }
  symlinkSync(fresh.slice(folder.length + 1), `${data}_tmp`)
  renameSync(`${data}_tmp`, data)
  linkNames(folder, new Set([...files.keys()].map((path) => path.split('/')[0] ?? '')))
  if (before !== undefined) rmSync(join(folder, before), { recursive: true, force: true })
}

function linkNames(folder: string, names: ReadonlySet<string>): void {
  const present = readdirSync(folder).filter((name) => !name.startsWith('..'))
  for (const name of present) if (!names.has(name)) rmSync(join(folder, name))
  for (const name of names) if (!present.includes(name)) symlinkSync(`..data/${name}`, join(folder, name))
}

function isSame(folder: string, files: VolumeFiles): boolean {
  const data = join(folder, '..data')
  if (!existsSync(data)) return false
  const present = readdirSync(data, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  if (present.length !== files.size) return false
  return [...files].every(([path, { content }]) => {
    const file = join(data, path)
    return existsSync(file) && readFileSync(file).equals(content)
  })
}
