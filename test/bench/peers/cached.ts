/** A cache folder outside the checkout, one folder a key: PORT80_BENCH_CACHE, or ~/.cache/port80-bench. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const cache = process.env.PORT80_BENCH_CACHE ?? join(homedir(), '.cache', 'port80-bench')
const run = promisify(execFile)

/** The folder of that key; filled by `fill` in a temporary one and renamed, so that a torn install is never taken for one. */
export async function cached(key: string, fill: (target: string) => Promise<unknown>): Promise<string> {
  const folder = join(cache, key)
  if (existsSync(folder)) return folder
  mkdirSync(cache, { recursive: true })
  const temporary = mkdtempSync(join(cache, `.${key}-`))
  try {
    process.stderr.write(`installing ${key} …\n`)
    await fill(temporary)
    if (!existsSync(folder)) renameSync(temporary, folder)
    return folder
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

/** Runs the command to its end and answers what it printed; rejects with `hint` when it is not there or fails. */
export async function must(
  command: string,
  args: string[],
  hint: string,
  env: Record<string, string> = {},
): Promise<string> {
  try {
    const told = await run(command, args, { env: { ...process.env, ...env }, maxBuffer: 64 << 20 })
    return told.stdout
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string }
    if (code === 'ENOENT') throw new Error(`${command} is not there. The bench needs ${hint}.`)
    throw new Error(
      `${command} ${args.slice(0, 3).join(' ')} … failed; the bench needs ${hint}.\n${stderr ?? ''}`,
    )
  }
}
