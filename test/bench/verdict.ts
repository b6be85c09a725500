/** One file of the bench, run by tap in a process of its own, and what came of it. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { childCommand } from './peers/child.ts'

const root = join(import.meta.dirname, '../..')
/** tap ends a file after this; what tap itself does not end, we do, a minute later. */
const patienceS = 900
/** As for `npm test`: it halves what each start of port80 from its sources costs, and some files start it a hundred times. */
const compileCache = join(root, 'node_modules/.cache/compiled')

export interface Totals {
  readonly pass: number
  readonly fail: number
}

export interface Verdict extends Totals {
  readonly path: string
  readonly seconds: number
  readonly output: string
}

/** tap's own last comment: `# { total: 12, pass: 11, fail: 1 }`. Undefined: tap did not come to its end. */
export function totalsOf(output: string): Totals | undefined {
  const line = /^# \{ total: \d+.* \}$/m.exec(output)?.[0]
  if (line === undefined) return undefined
  const count = (word: string) => Number(new RegExp(`\\b${word}: (\\d+)`).exec(line)?.[1] ?? 0)
  // A skipped or unfinished test has not shown anything: here it counts as a failure.
  return { pass: count('pass'), fail: count('fail') + count('skip') + count('todo') }
}

/** Longest diagnosis that is repeated at the end, in lines. */
const mostLines = 40

/**
 * What failed, with tap's diagnosis: the lines from each `not ok` to the end of its block. Said again at the end of the
 * run, because of a log that is kept only in part the end is what is kept.
 */
export function failuresIn(output: string): string[] {
  const lines = output.split('\n')
  return lines.flatMap((line, at) => {
    if (!/^\s*not ok /.test(line)) return []
    if (!/^\s*---$/.test(lines[at + 1] ?? '')) return [line]
    const end = lines.findIndex((other, index) => index > at && /^\s*\.\.\.$/.test(other))
    return lines.slice(at, Math.min(end < 0 ? lines.length : end + 1, at + mostLines))
  })
}

/** Runs the file (a path below this folder); `env` is added to this process's environment. */
export async function judged(path: string, env: Readonly<Record<string, string>>): Promise<Verdict> {
  const began = Date.now()
  const { code, output } = await runFile(join(import.meta.dirname, path), env)
  const { pass, fail } = totalsOf(output) ?? { pass: 0, fail: 0 }
  // A file that ended badly without a failed assertion (a crash, a time-out), or said nothing at all, is one failure.
  const bad = code !== 0 || pass + fail === 0
  return {
    ...{ path, output, pass, fail: bad ? Math.max(1, fail) : fail },
    seconds: (Date.now() - began) / 1000,
  }
}

/** One line of the report. */
export function lineOf({ path, seconds, fail }: Verdict): string {
  return `# ${seconds.toFixed(1).padStart(6)} s  ${fail === 0 ? 'ok    ' : 'NOT OK'}  ${path}`
}

/** Its output is kept, so that two files do not mix theirs. */
function runFile(
  file: string,
  env: Readonly<Record<string, string>>,
): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const tap = join(root, 'node_modules/.bin/tap')
    const flags = ['--disable-coverage', '--reporter=tap', '--jobs=1', `--timeout=${patienceS}`]
    const { command, args } = childCommand(tap, ['run', ...flags, file])
    const child = spawn(command, args, {
      ...{ cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
      env: { ...process.env, NODE_COMPILE_CACHE: compileCache, ...env },
    })
    const overdue = setTimeout(() => child.kill('SIGKILL'), (patienceS + 60) * 1000)
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', (chunk: string) => (output += chunk))
    }
    child.once('error', reject)
    // A program that somebody forgot to end holds the pipes for ever: what is said after this nobody waits for.
    child.once('exit', () => {
      clearTimeout(overdue)
      setTimeout(() => [child.stdout, child.stderr].forEach((stream) => stream.destroy()), 2_000).unref()
    })
    child.once('close', (code) => resolve({ code: code ?? 1, output }))
  })
}
