/**
 * Wanted → installed against one Pebble that validates without sleeping: port80 beside certbot and a driver on lego's
 * library. All use HTTP-01 with their own server, ECDSA P-256, one name a certificate, and write chain and key to disk.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { preparePort80, type Port80 } from '../test/bench/fixtures/port80.ts'
import { startPebble } from '../test/bench/peers/pebble.ts'
import { freePort } from '../test/bench/peers/ports.ts'
import { compiledLaunch } from './compiled.ts'
import { median, type Figure } from './figures.ts'
import { certbotObtains, legoObtains, legoWithoutWaiting, type Bench } from './other-clients.ts'

export interface IssueOptions {
  /** Runs for "one certificate". */
  readonly rounds: number
  /** Certificates for "many". */
  readonly many: number
  /** How many of `many` lego and certbot really obtain; they go one after the other, so the rest is multiplied. */
  readonly measured: number
}

export async function benchIssue(directory: string, options: IssueOptions): Promise<Figure[]> {
  const folder = join(directory, 'issue')
  mkdirSync(folder)
  const httpPort = await freePort()
  // Neither Retry-After nor refused nonces: what is compared is each client's own way to wait, and not its luck.
  const pebble = await startPebble(folder, {
    httpPort,
    validationSleep: 0,
    nonceReject: 0,
    retryAfter: { authz: 0, order: 0 },
  })
  const bench = { directory: folder, pebble, httpPort }
  try {
    return [...(await one(bench, options)), ...(await many(bench, options))]
  } finally {
    await pebble.stop()
  }
}

interface Round {
  readonly warm: number
  readonly cold: number
  readonly lego: number
  readonly legoCold: number
  readonly certbot: number
}

async function one(bench: Bench, { rounds }: IssueOptions): Promise<Figure[]> {
  const all: Round[] = []
  for (let round = 0; round < rounds; round += 1) {
    const ours = await port80Single(bench, `one-${round}`)
    const lego = await legoObtains(bench, 2, `lego-one-${round}-%d.example.com`)
    const [first = Number.NaN, second = Number.NaN] = lego.certificateMs
    const certbot = await certbotObtains(bench, 1, `certbot-one-${round}`)
    all.push({ ...ours, lego: second, legoCold: lego.accountMs + first, certbot })
    process.stderr.write(`  one certificate, round ${round + 1} of ${rounds}\n`)
  }
  return oneFigures(all, await legoWithoutWaiting(bench, 5))
}

function oneFigures(rounds: readonly Round[], unwaiting: number): Figure[] {
  const of = (key: keyof Round) => median(rounds.map((round) => round[key]))
  const row = (who: string, value: number, note: string) => ({
    name: `one certificate, ${who}`,
    value,
    unit: 'ms',
    note,
  })
  const ratio = (value: number) => ({ value, unit: '×', target: { atMost: 1 } })
  return [
    row('port80', of('warm'), 'running; file changed → installed'),
    row('port80, new', of('cold'), 'process start, account, certificate'),
    row('lego', of('lego'), 'running, account registered'),
    row('lego, new', of('legoCold'), 'account, certificate'),
    row('lego unwaiting', unwaiting, 'the CA answers 30 ms later, so that lego never has to wait its 5 s'),
    row('certbot', of('certbot'), 'process start, account, certificate'),
    { name: 'one certificate, port80 ÷ lego', ...ratio(of('warm') / of('lego')) },
    { name: 'one certificate, new, port80 ÷ lego', ...ratio(of('cold') / of('legoCold')) },
  ]
}

async function many(bench: Bench, { many, measured }: IssueOptions): Promise<Figure[]> {
  const ours = await port80Many(bench, many)
  process.stderr.write(`  ${many} certificates: port80 ${(ours / 1000).toFixed(1)} s\n`)
  const scale = many / measured
  const lego = (await legoObtains(bench, measured, 'lego-many-%d.example.com')).totalMs * scale
  process.stderr.write(`  ${many} certificates: lego ${(lego / 1000).toFixed(1)} s\n`)
  const certbot = (await certbotObtains(bench, measured, 'certbot-many')) * scale
  const unwaiting = (await legoWithoutWaiting(bench, 10)) * many
  const note = scale === 1 ? '' : `${measured} measured, × ${scale}`
  return [
    {
      name: `${many} certificates, port80`,
      value: ours / 1000,
      unit: 's',
      note: 'running; file changed → all installed',
    },
    {
      name: `${many} certificates, lego`,
      value: lego / 1000,
      unit: 's',
      note: note || 'one after the other',
    },
    {
      name: `${many} certificates, lego unwaiting`,
      value: unwaiting / 1000,
      unit: 's',
      note: '10 measured, × 10',
    },
    {
      name: `${many} certificates, certbot`,
      value: certbot / 1000,
      unit: 's',
      note: note || 'one after the other',
    },
    { name: `${many} certificates, port80 ÷ lego`, value: ours / lego, unit: '×', target: { atMost: 0.2 } },
  ]
}

/** A new installation (account included), then one more certificate by a change of the file while it runs. */
async function port80Single(bench: Bench, name: string): Promise<{ cold: number; warm: number }> {
  const port80 = await port80At(bench, name)
  port80.configure({ certificates: [wanted(`${name}-a`)] })
  try {
    const began = performance.now()
    await port80.start()
    await installedSince(port80, [`${name}-a`])
    const cold = performance.now() - began
    const changed = performance.now()
    port80.configure({ certificates: [wanted(`${name}-a`), wanted(`${name}-b`)] })
    await installedSince(port80, [`${name}-b`])
    return { cold, warm: performance.now() - changed }
  } finally {
    await port80.stop()
  }
}

async function port80Many(bench: Bench, count: number): Promise<number> {
  const port80 = await port80At(bench, 'many')
  await port80.start()
  const names = Array.from({ length: count }, (_, index) => `many-${index}`)
  try {
    const began = performance.now()
    port80.configure({ certificates: names.map(wanted) })
    await installedSince(port80, names)
    return performance.now() - began
  } finally {
    await port80.stop()
  }
}

function wanted(name: string) {
  return { name, domains: [`${name}.example.com`], issuer: 'pebble' }
}

async function port80At(bench: Bench, name: string): Promise<Port80> {
  const folder = join(bench.directory, name)
  mkdirSync(folder)
  return preparePort80(
    folder,
    bench.httpPort,
    {
      issuers: { pebble: { directory: bench.pebble.directoryUrl, caBundle: bench.pebble.tls.root } },
      worker: {},
      log: {},
    },
    compiledLaunch,
  )
}

/** Resolves when the folder that a TLS server reads holds a certificate of the CA for each name. */
async function installedSince(port80: Port80, names: readonly string[]): Promise<void> {
  const deadline = performance.now() + 600_000
  const open = new Set(names)
  while (open.size > 0) {
    for (const name of open) if (port80.installed(name)?.issuedBy.includes('Pebble')) open.delete(name)
    if (performance.now() > deadline)
      throw new Error(`not issued in time: ${[...open].join(', ')}\n${port80.log().slice(-4000)}`)
    await sleep(names.length > 1 ? 50 : 5)
  }
}
