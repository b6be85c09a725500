/**
 * Redirects and tokens a second through one gateway pod, for port80, nginx and Envoy itself, in interleaved rounds. Envoy
 * has one core; the load and whatever is behind Envoy share the other.
 */
import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { get, type IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Challenge } from '../../src/challenge/store.ts'
import { challengePath } from '../../src/challenge/token.ts'
import { until } from '../../test/bench/fixtures/until.ts'
import { tryIp } from '../../test/bench/mesh/iproute.ts'
import { median, type Figure } from '../figures.ts'
import { measure, writeRequests, type LoadPlan, type Sample, type Target } from '../load.ts'
import type { Place } from './place.ts'
import { challengeFor, openTokens } from './propagation.ts'
import { addYardsticks, hosts } from './yardstick.ts'

const path = '/productpage?session=4711&return=%2Fcart'
const tokenCount = 50

type Name = keyof typeof hosts
const names: readonly Name[] = ['port80', 'nginx', 'envoy']

interface Asked {
  readonly target: string
  readonly host: string
  readonly status: number
  /** Location of a redirect, text of a token. */
  readonly wanted: string
  readonly by: Name
}

export async function benchThroughput(place: Place, directory: string, plan: LoadPlan): Promise<Figure[]> {
  const { mesh, port80 } = place
  const challenges = Array.from({ length: tokenCount }, () => challengeFor(hosts.port80))
  const { store } = await openTokens(place)
  await Promise.all(challenges.map((each) => store.present(each)))
  const namespace = await addYardsticks(place, challenges)
  const { redirects, tokens } = requestsFor(challenges)
  const all = [...redirects.values(), ...tokens.values()].flat()
  const load = await mesh.network.pod('load')
  const [gateway] = mesh.gateways.pods
  if (!gateway) throw new Error('there is no gateway pod')
  const from = (command: readonly string[]) => mesh.network.inside(load, command)
  const targets = targetsOf(directory, { host: gateway.ip, port: 80, from })
  try {
    for (const asked of all) await expectAnswer(gateway.ip, asked)
    await pin(place, [port80.namespace, namespace])
    const redirectSamples = await measure(targets('redirect', redirects), plan)
    const tokenSamples = await measure(targets('token', tokens), plan)
    for (const asked of all) await expectAnswer(gateway.ip, asked)
    return [
      ...figuresOf('redirects through Envoy', redirectSamples, true),
      ...figuresOf('tokens through Envoy', tokenSamples, false),
    ]
  } finally {
    await Promise.all(challenges.map(({ token }) => store.cleanUp(token)))
    await load.remove()
  }
}

type Requests = ReadonlyMap<Name, readonly Asked[]>

function requestsFor(challenges: readonly Challenge[]): { redirects: Requests; tokens: Requests } {
  const tokensOf = (name: Name) => challenges.map((each) => tokenOf(name, each))
  return {
    redirects: new Map(names.map((name) => [name, [redirectOf(name)]])),
    tokens: new Map(names.filter((name) => name !== 'envoy').map((name) => [name, tokensOf(name)])),
  }
}

function targetsOf(directory: string, at: Pick<Target, 'host' | 'port' | 'from'>) {
  const folder = join(directory, 'throughput')
  mkdirSync(folder)
  return (kind: string, all: Requests): Target[] =>
    [...all].map(([name, requests]) => ({
      ...at,
      name,
      requestsFile: writeRequests(folder, `${kind}-${name}`, requests),
    }))
}

function redirectOf(by: Name): Asked {
  return { target: path, host: hosts[by], status: 301, wanted: `https://${hosts[by]}${path}`, by }
}

function tokenOf(by: Name, { token, keyAuthorization }: Challenge): Asked {
  return { target: challengePath(token), host: hosts[by], status: 200, wanted: keyAuthorization, by }
}

/** A fast wrong answer is no figure. Waits until istiod and nginx are so far. */
async function expectAnswer(ip: string, asked: Asked): Promise<void> {
  await until(
    () => answerOf(ip, asked),
    ({ status, said, by }) => status === asked.status && said === asked.wanted && by === asked.by,
    {
      what: `${asked.host}${asked.target} is answered ${asked.status} ${asked.wanted} by ${asked.by}`,
      every: 250,
    },
  )
}

function answerOf(host: string, asked: Asked): Promise<{ status: number; said: string; by: Name }> {
  return new Promise((resolve, reject) => {
    const headers = { host: asked.host }
    const asking = get({ host, port: 80, path: asked.target, headers, agent: false }, (answer) => {
      let body = ''
      answer.setEncoding('latin1').on('data', (text: string) => (body += text))
      answer.once('end', () => {
        const { statusCode: status = 0, headers } = answer
        resolve({ status, said: headers.location ?? body, by: answeredBy(headers, body) })
      })
    })
    asking.setTimeout(5_000, () => asking.destroy(new Error('no answer within 5 s')))
    asking.once('error', reject)
  })
}

/** All three answer the same redirect, and a route that is not there yet leads to port80: what they do not share tells. */
function answeredBy(headers: IncomingHttpHeaders, body: string): Name {
  if (headers['cache-control'] !== undefined) return 'port80'
  return headers.etag !== undefined || body.includes('nginx') ? 'nginx' : 'envoy'
}

/** Everything in the measured gateway's pod to core 0, the pods behind it to core 1, every thread of them. */
async function pin({ mesh, runner }: Place, namespaces: readonly string[]): Promise<void> {
  const [gateway] = mesh.gateways.pods
  const behind = runner.pods().flatMap(({ metadata }) => {
    const { namespace = '', name = '' } = metadata ?? {}
    const network = namespaces.includes(namespace) ? runner.network({ namespace, name }) : undefined
    return network ? processesIn(network.name) : []
  })
  const own = networkOf(gateway?.ip ?? '')
  for (const pid of processesIn(own)) await taskset('0', pid)
  for (const pid of behind) await taskset('1', pid)
}

function processesIn(network: string): string[] {
  return tryIp('netns', 'pids', network).split('\n').filter(Boolean)
}

/** The network namespace that has this address. Those of other benches come and go meanwhile. */
function networkOf(address: string): string {
  const found = tryIp('netns', 'list')
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')
    .filter((name) => name.startsWith('p80-'))
    .find((name) => tryIp('-n', name, 'address').includes(`${address}/`))
  if (found === undefined) throw new Error(`no network namespace has the address ${address}`)
  return found
}

async function taskset(core: string, pid: string): Promise<void> {
  // One that ended meanwhile needs no core.
  await promisify(execFile)('taskset', ['-a', '-c', '-p', core, pid]).catch(() => undefined)
}

function figuresOf(what: string, samples: ReadonlyMap<string, readonly Sample[]>, judged: boolean): Figure[] {
  const of = (name: Name) => samples.get(name) ?? []
  // Pairs of one round: what the machine did to one of them it did to the other too.
  const ratio = (name: Name) =>
    median(of('port80').map((sample, round) => sample.perSecond / (of(name)[round]?.perSecond ?? Number.NaN)))
  const rows = [...samples].flatMap(([name, list]) => [
    { name: `${what}, ${name}`, value: median(list.map((one) => one.perSecond)), unit: '/s' },
    { name: `${what}, ${name}, p50`, value: median(list.map((one) => one.p50)), unit: 'ms' },
    { name: `${what}, ${name}, p99`, value: median(list.map((one) => one.p99)), unit: 'ms' },
  ])
  const toNginx: Figure = { name: `${what}, port80 ÷ nginx`, value: ratio('nginx'), unit: '×' }
  return [
    ...rows,
    judged ? { ...toNginx, target: { atLeast: 0.95 } } : toNginx,
    ...(samples.has('envoy')
      ? [{ name: `${what}, port80 ÷ Envoy’s own`, value: ratio('envoy'), unit: '×' }]
      : []),
  ]
}
