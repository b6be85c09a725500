/** Redirects a second: port80 with everything on, beside the least node:http can do and nginx. */
import { get, type IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { accepts, startChild, type Child } from '../test/bench/peers/child.ts'
import { freePort } from '../test/bench/peers/ports.ts'
import { startNginx } from '../test/bench/peers/nginx.ts'
import { startEverythingOn } from './everything-on.ts'
import { median, type Figure } from './figures.ts'
import {
  measure,
  onServerCore,
  serverCore,
  writeRequests,
  type LoadPlan,
  type Sample,
  type Target,
} from './load.ts'

const path = '/productpage?session=4711&return=%2Fcart'
const host = 'book.example.com'

export async function benchRedirect(directory: string, plan: LoadPlan): Promise<Figure[]> {
  const requestsFile = writeRequests(directory, 'redirect', [{ target: path, host }])
  const bare = await startBare(directory)
  const nginx = await startNginx(directory, 'return 301 https://$host$request_uri;', onServerCore)
  const { port80, child } = await startEverythingOn(directory, 20)
  const targets: Target[] = [
    { name: 'node:http', port: bare.port, pid: bare.child.pid, requestsFile },
    { name: 'port80', port: port80.publicPort, pid: child.pid, requestsFile },
    { name: 'nginx', port: nginx.port, pid: nginx.pid, requestsFile },
  ]
  try {
    for (const target of targets) await expectRedirect(target)
    const samples = await measure(targets, plan)
    for (const target of targets) await expectRedirect(target)
    return figuresOf(samples)
  } finally {
    await Promise.all([bare.child.stop(), nginx.stop(), port80.stop()])
  }
}

async function startBare(directory: string): Promise<{ child: Child; port: number }> {
  const port = await freePort()
  const script = join(import.meta.dirname, 'servers/bare.ts')
  const child = await startChild({
    name: 'bare',
    directory,
    command: serverCore[0],
    args: [...serverCore.slice(1), process.execPath, script, String(port)],
    ready: () => accepts(port),
  })
  return { child, port }
}

/** A fast wrong answer is no figure. */
async function expectRedirect(target: Target): Promise<void> {
  const { status, headers } = await request(target.port)
  if (status !== 301 || headers.location !== `https://${host}${path}`) {
    throw new Error(`${target.name} answers ${status} ${headers.location ?? 'without Location'}`)
  }
}

function request(port: number): Promise<{ status: number; headers: IncomingHttpHeaders }> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, headers: { host }, agent: false }, (answer) => {
      answer.resume()
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers })
    }).on('error', reject)
  })
}

function figuresOf(samples: Map<string, Sample[]>): Figure[] {
  const of = (name: string) => samples.get(name) ?? []
  const port80 = of('port80')
  // Pairs of one round: what the machine did to one of them it did to the other too.
  const ratio = (name: string) =>
    median(of(name).map((sample, round) => (port80[round]?.perSecond ?? Number.NaN) / sample.perSecond))
  const figures: Figure[] = []
  for (const [name, list] of samples) {
    figures.push(
      { name: `redirects, ${name}`, value: median(list.map((one) => one.perSecond)), unit: '/s' },
      { name: `redirects, ${name}, p99`, value: median(list.map((one) => one.p99)), unit: 'ms' },
      { name: `redirects, ${name}, memory`, value: median(list.map((one) => one.rss)), unit: 'MB' },
    )
  }
  return [
    ...figures,
    { name: 'redirects, port80 ÷ node:http', value: ratio('node:http'), unit: '×', target: { atLeast: 0.9 } },
    { name: 'redirects, port80 ÷ nginx', value: ratio('nginx'), unit: '×', target: { atLeast: 0.45 } },
  ]
}
