/**
 * `npm run test:bench`: installs the real peers, then runs each file of cases/ by itself. Arguments choose files by a
 * part of their name (`npm run test:bench -- envoy`). The last line is `N passed, N failed`; the exit code is 0 only
 * when every file ran to its end and nothing failed.
 */
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { installed, type PeerName } from './peers/install.ts'

const cases = join(import.meta.dirname, 'cases')
const root = join(import.meta.dirname, '../..')
const needed: readonly PeerName[] = ['pebble', 'pebble-challtestsrv', 'envoy']

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

/** Runs tap on one file in a process of its own, its output passed on as it comes. */
function runFile(file: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const tap = join(root, 'node_modules/.bin/tap')
    const args = ['run', '--disable-coverage', '--reporter=tap', '--jobs=1', '--timeout=900', file]
    const child = spawn(tap, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.setEncoding('utf8')
    child.stdout.on('data', (chunk: string) => {
      output += chunk
      process.stdout.write(chunk)
    })
    child.once('error', reject)
    child.once('close', (code) => resolve({ code: code ?? 1, output }))
  })
}

function filesMatching(wanted: readonly string[]): string[] {
  const files = readdirSync(cases)
    .filter((file) => file.endsWith('.ts'))
    .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
    .sort()
  if (files.length === 0) throw new Error(`no file of cases/ matches ${wanted.join(', ')}`)
  return files
}

async function main(wanted: readonly string[]): Promise<number> {
  for (const name of needed) {
    const { version } = await installed(name)
    console.log(`# ${name} ${version}`)
  }
  let passed = 0
  let failed = 0
  const times: string[] = []
  for (const file of filesMatching(wanted)) {
    const began = Date.now()
    const { code, output } = await runFile(join(cases, file))
    const { pass, fail } = totalsOf(output) ?? { pass: 0, fail: 0 }
    passed += pass
    // A file that ended badly without a failed assertion (a crash, a time-out) is one failure.
    failed += code !== 0 ? Math.max(1, fail) : fail
    const seconds = ((Date.now() - began) / 1000).toFixed(1).padStart(6)
    times.push(`# ${seconds} s  ${code === 0 && fail === 0 ? 'ok    ' : 'NOT OK'}  ${file}`)
  }
  console.log(times.join('\n'))
  console.log(`${passed} passed, ${failed} failed`)
  return failed === 0 && passed > 0 ? 0 : 1
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  console.log('0 passed, 1 failed')
  return 1
})
