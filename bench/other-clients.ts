/** The clients that port80 is measured beside: each run as its own program, against the same Pebble. */
import { execFile } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startFaultProxy } from '../test/bench/peers/fault-proxy.ts'
import { installed } from '../test/bench/peers/install.ts'
import type { Pebble } from '../test/bench/peers/pebble.ts'
import { median } from './figures.ts'

const run = promisify(execFile)

export interface Bench {
  readonly directory: string
  readonly pebble: Pebble
  readonly httpPort: number
}

export interface LegoTimes {
  readonly accountMs: number
  readonly certificateMs: readonly number[]
  readonly totalMs: number
}

export async function legoObtains(
  bench: Bench,
  count: number,
  name: string,
  directoryUrl = bench.pebble.directoryUrl,
): Promise<LegoTimes> {
  const out = mkdtempSync(join(bench.directory, 'lego-'))
  const args = [
    '-directory',
    directoryUrl,
    '-port',
    String(bench.httpPort),
    '-count',
    String(count),
    '-name',
    name,
    '-out',
    out,
  ]
  const env = { ...process.env, LEGO_CA_CERTIFICATES: bench.pebble.tls.root }
  const { stdout } = await run((await installed('lego-driver')).path, args, { env })
  return JSON.parse(stdout) as LegoTimes
}

/**
 * lego waits 5 s (± half) when its first look at the authorization comes too early, and with a CA that validates in
 * 10 ms it always does. Milliseconds a certificate without that bad luck: its best case, for comparison.
 */
export async function legoWithoutWaiting(bench: Bench, count: number): Promise<number> {
  const proxy = await startFaultProxy(bench.pebble)
  proxy.fault('authorization', { kind: 'delay', ms: 30 }, { times: Number.MAX_SAFE_INTEGER })
  try {
    const name = `lego-unwaiting-${performance.now().toFixed(0)}-%d.example.com`
    return median((await legoObtains(bench, count, name, proxy.directoryUrl)).certificateMs)
  } finally {
    await proxy.stop()
  }
}

/** Milliseconds for `count` runs of certbot, one after the other, account included in the first. */
export async function certbotObtains(bench: Bench, count: number, name: string): Promise<number> {
  const folder = mkdtempSync(join(bench.directory, 'certbot-'))
  const { path } = await installed('certbot')
  const program = 'import sys; from certbot.main import main; sys.exit(main(sys.argv[1:]))'
  const env = { ...process.env, PYTHONPATH: path, REQUESTS_CA_BUNDLE: bench.pebble.tls.root }
  const fixed = [
    ...['certonly', '--standalone', '--non-interactive', '--agree-tos', '--register-unsafely-without-email'],
    ...[
      '--server',
      bench.pebble.directoryUrl,
      '--http-01-port',
      String(bench.httpPort),
      '--http-01-address',
      '127.0.0.1',
    ],
    ...['--config-dir', `${folder}/config`, '--work-dir', `${folder}/work`, '--logs-dir', `${folder}/logs`],
  ]
  const began = performance.now()
  for (let index = 0; index < count; index += 1) {
    await run('python3', ['-c', program, ...fixed, '-d', `${name}-${index}.example.com`], { env })
  }
  return performance.now() - began
}
