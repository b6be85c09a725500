/** The folder of a mesh's files and logs, below the system's temporary one. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const prefix = 'port80-mesh-'

/** A new one; those of processes that are gone, which could not remove them, go now. */
export function meshDirectory(): string {
  for (const name of readdirSync(tmpdir()).filter((each) => each.startsWith(prefix))) {
    const pid = /^\d+/.exec(name.slice(prefix.length))?.[0]
    if (!existsSync(`/proc/${pid}`)) rmSync(join(tmpdir(), name), { recursive: true, force: true })
  }
  return mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`))
}
