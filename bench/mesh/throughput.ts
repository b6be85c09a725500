/**
 * Redirects and tokens a second through one gateway pod, for port80, nginx, bare node:http (the floor of anything on Node)
 * and Envoy itself, in interleaved rounds. Two cores have three to carry: Envoy has one, whatever is behind it the other, and
 * the load is measured on both; behind Envoy there are three pods of each server, and then one.
 *
 * - One pod, the load beside Envoy: the server has a core of its own, as in bench/redirect.ts. The target is judged here: in
 *   a cluster no load generator is on the responder's core, and replicas are on nodes of their own. Envoy is what is full
 *   then, with either server behind it, so that the ratio says whether port80 holds the gateway back; what it costs is the
 *   CPU an answer, which stands beside it.
 * - The load beside the server: what an answer costs the server takes from the load too, and so counts twice.
 * - Three pods on one core: they take turns at every request, each with a heap of its own, and seem to cost each other what is
 *   in its caches; nginx, which is small, less so.
 */
import { mkdirSync } from 'node:fs'
import { get, type IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import type { Challenge } from '../../src/challenge/store.ts'
import { challengePath } from '../../src/challenge/token.ts'
import { until } from '../../test/bench/fixtures/until.ts'
import { median, type Figure } from '../figures.ts'
import { measure, writeRequests, type LoadPlan, type Sample, type Target } from '../load.ts'
import { cores, pin, serverPods, type Processes } from './cores.ts'
import { responders, settle, type Place } from './place.ts'
import { challengeFor, openTokens } from './propagation.ts'
import { addYardsticks, hosts, scaleYardsticks } from './yardstick.ts'

const path = '/productpage?session=4711&return=%2Fcart'
const tokenCount = 50

type Name = keyof typeof hosts
const names: readonly Name[] = ['port80', 'nginx', 'node:http', 'envoy']
const withTokens: readonly Name[] = ['port80', 'nginx']

/** Whose core the load shares. */
const besides = [
  { beside: 'Envoy', core: cores.envoy },
  { beside: 'the server', core: cores.server },
] as const
type Beside = (typeof besides)[number]['beside']

/** Pods of each server, in this order. */
const counts = [responders, 1] as const

interface Arrangement {
  readonly pods: number
  readonly beside: Beside
  /** Whether the target is judged here. */
  readonly judged: boolean
}

interface Asked {
  readonly target: string
  readonly host: string
  readonly status: number
  /** Location of a redirect, text of a token. */
  readonly wanted: string
  readonly by: Name
}

export async function benchThroughput(place: Place, directory: string, plan: LoadPlan): Promise<Figure[]> {
  const { mesh } = place
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
  const measured = async (pods: number): Promise<Figure[]> => {
    await scale(place, namespace, pods)
    for (const asked of all) await expectAnswer(gateway.ip, asked)
    const processes = await pin(place, namespace)
    const targets = targetsOf(directory, processes, { host: gateway.ip, port: 80, from })
    const redirectSamples = await measure(targets('redirect', redirects), plan)
    const tokenSamples = await measure(targets('token', tokens), plan)
    for (const asked of all) await expectAnswer(gateway.ip, asked)
    return besides.flatMap(({ beside }) => {
      const arrangement = { pods, beside, judged: pods === 1 && beside === 'Envoy' }
      return [
        ...figuresOf('redirects', redirectSamples, arrangement),
        ...figuresOf('tokens', tokenSamples, arrangement),
      ]
    })
  }
  try {
    const figures: Figure[] = []
    for (const pods of counts) figures.push(...(await measured(pods)))
    return figures
  } finally {
    await cleanUp([
      ...challenges.map(({ token }) => store.cleanUp(token)),
      load.remove(),
      place.port80.upgrade({ responderPods: { replicas: responders } }),
    ])
  }
}

/** What fails here is said, and does not take the place of the error that ended the measurement. */
async function cleanUp(all: readonly Promise<unknown>[]): Promise<void> {
  const ends = await Promise.allSettled(all)
  for (const end of ends) if (end.status === 'rejected') console.error('clean-up:', end.reason)
}

/** Resolves when each server has that many pods, and istiod has told the gateways. */
async function scale(place: Place, namespace: string, pods: number): Promise<void> {
  await place.port80.upgrade({ responderPods: { replicas: pods } })
  await scaleYardsticks(place, namespace, pods)
  await until(
    () => serverPods(place, namespace),
    (all) => Object.values(all).every((of) => of.length === pods),
    { what: `each server has ${pods} pods`, every: 250 },
  )
  await settle()
}

type Requests = ReadonlyMap<Name, readonly Asked[]>

function requestsFor(challenges: readonly Challenge[]): { redirects: Requests; tokens: Requests } {
  const tokensOf = (name: Name) => challenges.map((each) => tokenOf(name, each))
  return {
    redirects: new Map(names.map((name) => [name, [redirectOf(name)]])),
    tokens: new Map(withTokens.map((name) => [name, tokensOf(name)])),
  }
}

/** Each of them with the load beside the one, and then beside the other. */
function targetsOf(
  directory: string,
  processes: Processes,
  at: Pick<Target, 'host' | 'port' | 'from'>,
): (kind: string, all: Requests) => Target[] {
  const folder = join(directory, 'throughput')
  mkdirSync(folder, { recursive: true })
  return (kind, all) =>
    [...all].flatMap(([name, requests]) => {
      const requestsFile = writeRequests(folder, `${kind}-${name}`, requests)
      const pids = name === 'envoy' ? [] : processes[name]
      const target = { ...at, requestsFile, pids, proxy: processes.envoy }
      return besides.map(({ beside, core }) => ({ ...target, core, name: sampleName(name, beside) }))
    })
}

const sampleName = (name: Name, beside: Beside) => `${name}, load beside ${beside}`

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

/** All of them answer the same redirect, and a route that is not there yet leads to port80: what they do not share tells. */
function answeredBy(headers: IncomingHttpHeaders, body: string): Name {
  if (headers['cache-control'] !== undefined) return 'port80'
  if (headers.etag !== undefined || body.includes('nginx')) return 'nginx'
  return headers['x-envoy-upstream-service-time'] === undefined ? 'envoy' : 'node:http'
}

function figuresOf(
  kind: 'redirects' | 'tokens',
  samples: ReadonlyMap<string, readonly Sample[]>,
  { pods, beside, judged }: Arrangement,
): Figure[] {
  const of = (name: Name) => samples.get(sampleName(name, beside)) ?? []
  const measured = names.filter((name) => of(name).length > 0)
  const what = `${kind} through Envoy, ${pods} ${pods === 1 ? 'pod' : 'pods'}, load beside ${beside}`
  const ratio = (name: Name): Figure => ({
    name: `${what}, port80 ÷ ${name === 'envoy' ? 'Envoy’s own' : name}`,
    // Pairs of one round: what the machine did to one of them it did to the other too.
    value: median(
      of('port80').map((sample, round) => sample.perSecond / (of(name)[round]?.perSecond ?? Number.NaN)),
    ),
    unit: '×',
    ...(judged && kind === 'redirects' && name === 'nginx' && { target: { atLeast: 0.95 } }),
  })
  return [
    ...measured.flatMap((name) => rowsOf(`${what}, ${name}`, of(name), name)),
    ...measured.filter((name) => name !== 'port80').map(ratio),
  ]
}

function rowsOf(what: string, samples: readonly Sample[], name: Name): Figure[] {
  const row = (kind: string, unit: string, read: (sample: Sample) => number): Figure => ({
    ...{ name: `${what}${kind}`, unit },
    value: median(samples.map(read)),
  })
  return [
    row('', '/s', ({ perSecond }) => perSecond),
    row(', p50', 'ms', ({ p50 }) => p50),
    row(', p99', 'ms', ({ p99 }) => p99),
    ...(name === 'envoy' ? [] : [row(', CPU of the server an answer', 'µs', ({ cpu }) => cpu)]),
    row(', CPU of Envoy an answer', 'µs', ({ proxyCpu }) => proxyCpu),
  ]
}
