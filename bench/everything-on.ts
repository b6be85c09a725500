/** `port80 serve` as an operator has it on a quiet day: certificates issued, worker waiting, metrics and status on. */
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { preparePort80, type Port80 } from '../test/bench/fixtures/port80.ts'
import type { Child } from '../test/bench/peers/child.ts'
import { startPebble } from '../test/bench/peers/pebble.ts'
import { freePort } from '../test/bench/peers/ports.ts'
import { compiledOnServerCore } from './compiled.ts'

export interface Running {
  readonly port80: Port80
  readonly child: Child
}

/** Has `certificates` issued by a Pebble that is gone again when this resolves; the server stays pinned to its core. */
export async function startEverythingOn(directory: string, certificates: number): Promise<Running> {
  const folder = mkdtempSync(join(directory, 'port80-'))
  const publicPort = await freePort()
  const pebble = await startPebble(folder, { httpPort: publicPort, validationSleep: 0, nonceReject: 0 })
  const names = Array.from({ length: certificates }, (_, index) => `book-${index}`)
  const port80 = await preparePort80(
    folder,
    publicPort,
    {
      issuers: { pebble: { directory: pebble.directoryUrl, caBundle: pebble.tls.root } },
      certificates: names.map((name) => ({ name, domains: [`${name}.example.com`], issuer: 'pebble' })),
      worker: {},
      log: {},
    },
    compiledOnServerCore,
  )
  const child = await port80.start()
  for (const name of names) await port80.waitForCertificate(name, 120_000)
  await pebble.stop()
  return { port80, child }
}
