/** Token answers a second: port80 on its shared folder with few and with many live tokens, beside nginx serving files. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { preparePort80 } from '../test/bench/fixtures/port80.ts'
import { freePort } from '../test/bench/peers/ports.ts'
import { startNginx } from '../test/bench/peers/nginx.ts'
import { directoryChallengeStore } from '../src/challenge/directory-store.ts'
import type { Challenge } from '../src/challenge/store.ts'
import { challengePath } from '../src/challenge/token.ts'
import { compiledOnServerCore } from './compiled.ts'
import { median, type Figure } from './figures.ts'
import { measure, onServerCore, writeRequests, type LoadPlan, type Sample, type Target } from './load.ts'

const few = 10
const many = 10_000
const thumbprint = 'LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ'

interface Served extends Target {
  readonly sample: Challenge
  stop(): Promise<void>
}

export async function benchTokens(directory: string, plan: LoadPlan): Promise<Figure[]> {
  const targets: Served[] = []
  for (const count of [few, many]) {
    targets.push(await port80With(directory, count), await nginxWith(directory, count))
  }
  try {
    for (const target of targets) await expectToken(target)
    const samples = await measure(targets, plan)
    for (const target of targets) await expectToken(target)
    return figuresOf(samples)
  } finally {
    await Promise.all(targets.map((target) => target.stop()))
  }
}

function challenges(count: number): Challenge[] {
  return Array.from({ length: count }, (_, index) => {
    const token = `token-${index}-`.padEnd(43, 'x')
    return {
      token,
      identifier: `book-${index}.example.com`,
      keyAuthorization: `${token}.${thumbprint}`,
      expiresAt: Date.now() + 3_600_000,
    }
  })
}

function requestsFor(directory: string, list: readonly Challenge[]): string {
  const requests = list.map((one) => ({ target: challengePath(one.token), host: one.identifier }))
  return writeRequests(directory, 'tokens', requests)
}

async function port80With(directory: string, count: number): Promise<Served> {
  const folder = join(directory, `tokens-port80-${count}`)
  mkdirSync(folder)
  const list = challenges(count)
  const quiet = { worker: {}, log: {} }
  const port80 = await preparePort80(folder, await freePort(), quiet, compiledOnServerCore)
  const store = directoryChallengeStore({ directory: port80.stateDirectory, onForeign: () => undefined })
  for (let start = 0; start < count; start += 100) {
    await Promise.all(list.slice(start, start + 100).map((one) => store.present(one)))
  }
  const child = await port80.start()
  return {
    name: `port80, ${count} tokens`,
    port: port80.publicPort,
    pid: child.pid,
    requestsFile: requestsFor(folder, list),
    sample: list[count - 1] ?? raise('no token'),
    stop: () => port80.stop(),
  }
}

async function nginxWith(directory: string, count: number): Promise<Served> {
  const folder = join(directory, `tokens-nginx-${count}`)
  const files = join(folder, 'root/.well-known/acme-challenge')
  mkdirSync(files, { recursive: true })
  const list = challenges(count)
  for (const one of list) writeFileSync(join(files, one.token), one.keyAuthorization)
  const block = `root ${folder}/root; location /.well-known/acme-challenge/ { default_type text/plain; }`
  const nginx = await startNginx(folder, block, onServerCore)
  return {
    name: `nginx, ${count} files`,
    port: nginx.port,
    pid: nginx.pid,
    requestsFile: requestsFor(folder, list),
    sample: list[count - 1] ?? raise('no token'),
    stop: () => nginx.stop(),
  }
}

/** A fast wrong answer is no figure. */
function expectToken({ name, port, sample }: Served): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { host: sample.identifier }
    get({ host: '127.0.0.1', port, path: challengePath(sample.token), headers, agent: false }, (answer) => {
      let body = ''
      answer.setEncoding('latin1')
      answer.on('data', (chunk: string) => (body += chunk))
      answer.on('end', () => {
        if (answer.statusCode === 200 && body === sample.keyAuthorization) resolve()
        else reject(new Error(`${name} answers ${answer.statusCode} ${body.slice(0, 100)}`))
      })
    }).on('error', reject)
  })
}

function figuresOf(samples: Map<string, Sample[]>): Figure[] {
  const rate = (name: string) => (samples.get(name) ?? []).map((one) => one.perSecond)
  const rows = [...samples].flatMap(([name, list]) => [
    { name: `tokens, ${name}`, value: median(list.map((one) => one.perSecond)), unit: '/s' },
    { name: `tokens, ${name}, p99`, value: median(list.map((one) => one.p99)), unit: 'ms' },
    { name: `tokens, ${name}, CPU an answer`, value: median(list.map((one) => one.cpu)), unit: 'µs' },
    { name: `tokens, ${name}, resident`, value: median(list.map((one) => one.rss)), unit: 'MB' },
  ])
  const ratios = (above: string, below: string) =>
    median(rate(above).map((value, round) => value / (rate(below)[round] ?? Number.NaN)))
  return [
    ...rows,
    {
      name: 'tokens, port80: 10,000 ÷ 10',
      value: ratios(`port80, ${many} tokens`, `port80, ${few} tokens`),
      unit: '×',
      target: { atLeast: 1 },
      note: 'no fall; what ten thousand different requests cost nginx stands below',
    },
    {
      name: 'tokens, nginx: 10,000 ÷ 10',
      value: ratios(`nginx, ${many} files`, `nginx, ${few} files`),
      unit: '×',
    },
    {
      name: 'tokens, port80 ÷ nginx, 10,000',
      value: ratios(`port80, ${many} tokens`, `nginx, ${many} files`),
      unit: '×',
    },
  ]
}

function raise(message: string): never {
  throw new Error(message)
}
