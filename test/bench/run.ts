/**
 * `npm run test:bench`: installs the real peers, then runs each file of cases/ and of kube/ by itself. Arguments choose
 * files by a part of their name (`npm run test:bench -- envoy`, `-- kube/`). Some of kube/ take root, iproute2 and
 * util-linux (addresses for pods, a ServiceAccount where kubelet mounts it) and fail without them. The last line is `N passed, N failed`; the exit code is 0 only
 * when every file ran to its end and nothing failed. `--also P,F` adds the counts of an earlier run (.ci/run).
 */
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { installed, type PeerName } from './peers/install.ts'

const root = join(import.meta.dirname, '../..')
/** Folders in the order in which they are run, and the peers that their files take. */
const needed: Readonly<Record<string, readonly PeerName[]>> = {
  cases: ['pebble', 'pebble-challtestsrv', 'envoy'],
  kube: ['etcd', 'kube-apiserver', 'pebble', 'pebble-challtestsrv'],
}

interface Totals {
  readonly pass: number
  readonly fail: number
}

/** tap's own last comment: `# { total: 12, pass: 11, fail: 1 }`. Undefined: tap did not come to its end. */
export function totalsOf(output: string): Totals | undefined {
  const line = /^# \{ total: \d+.* \}$/m.exec(output)?.[0]
  if (line === undefined) return undefined
  const count = (word: string) => Number(new RegExp(`\\b${word}: (\\d+)`).exec(line)?.[1] ?? 0)
  // A skipped or unfinished test has not shown anything: here it counts as a failure.
  return { pass: count('pass'), fail: count('fail') + count('skip') + count('todo') }
}

/** Runs tap on one file in a process of its own; its output is kept, so that two files do not mix theirs. */
function runFile(file: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const tap = join(root, 'node_modules/.bin/tap')
    const args = ['run', '--disable-coverage', '--reporter=tap', '--jobs=1', '--timeout=900', file]
    const child = spawn(tap, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', (chunk: string) => (output += chunk))
    }
    child.once('error', reject)
    child.once('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

function filesMatching(wanted: readonly string[]): string[] {
  const files = Object.keys(needed).flatMap((folder) =>
    readdirSync(join(import.meta.dirname, folder))
      .filter((file) => file.endsWith('.ts'))
      .map((file) => `${folder}/${file}`)
      .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
      .sort(),
  )
  if (files.length === 0)
    throw new Error(`no file of ${Object.keys(needed).join('/, ')}/ matches ${wanted.join(', ')}`)
  return files
}

/** The folder before the slash. */
function folderOf(file: string): string {
  return file.slice(0, file.indexOf('/'))
}

/** Files that fill both cores by themselves: an API server each, and what is killed a hundred times. */
function isWide(file: string): boolean {
  return file === 'cases/kill-points.ts' || folderOf(file) === 'kube'
}

/** Runs the file, prints what it said, and answers its counts; its verdict and time go to `report`. */
async function judged(file: string, report: string[]): Promise<Totals> {
  const began = Date.now()
  const { code, output } = await runFile(join(import.meta.dirname, file))
  console.log(output)
  const { pass, fail } = totalsOf(output) ?? { pass: 0, fail: 0 }
  // A file that ended badly without a failed assertion (a crash, a time-out) is one failure.
  const failed = code !== 0 ? Math.max(1, fail) : fail
  const seconds = ((Date.now() - began) / 1000).toFixed(1).padStart(6)
  report.push(`# ${seconds} s  ${failed === 0 ? 'ok    ' : 'NOT OK'}  ${file}`)
  return { pass, fail: failed }
}

/** Two at a time, since most of a file's time is a CA's or a limit's wait; the wide ones alone, at the end. */
async function runAll(files: readonly string[], report: string[]): Promise<Totals[]> {
  const totals: Totals[] = []
  const narrow = files.filter((file) => !isWide(file))
  const lane = async () => {
    for (let file = narrow.shift(); file !== undefined; file = narrow.shift()) {
      totals.push(await judged(file, report))
    }
  }
  await Promise.all([lane(), lane()])
  for (const file of files.filter(isWide)) totals.push(await judged(file, report))
  return totals
}

async function main(wanted: readonly string[], also: Totals): Promise<number> {
  let { pass, fail } = also
  const report: string[] = []
  try {
    const files = filesMatching(wanted)
    const peers = new Set(files.flatMap((file) => needed[folderOf(file)] ?? []))
    for (const name of peers) console.log(`# ${name} ${(await installed(name)).version}`)
    for (const totals of await runAll(files, report)) {
      pass += totals.pass
      fail += totals.fail
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    fail += 1
  }
  console.log(report.join('\n'))
  console.log(`${pass} passed, ${fail} failed`)
  return fail === 0 && pass > 0 ? 0 : 1
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { also: { type: 'string' } } })
const [pass = 0, fail = 0] = (values.also ?? '').split(',').filter(Boolean).map(Number)
process.exitCode = await main(positionals, { pass, fail })
