/**
 * Redirects and tokens a second through one gateway pod, for port80, nginx, bare node:http (the floor of anything on Node)
 * and Envoy itself, in interleaved rounds. Two cores have three to carry: Envoy has one, whatever is behind it the other, and
 * the load is measured on both.
 *
 * - Beside Envoy: the server has a core of its own, as in bench/redirect.ts. The target is judged here: who runs a gateway
 *   has no load generator on the responder's core. Envoy is what is full then, with either server behind it, so that the
 *   ratio says whether port80 holds the gateway back; what it costs is the CPU an answer, which stands beside it.
 * - Beside the server: what an answer costs the server takes from the load too, and so counts twice.
 */
import { mkdirSync } from 'node:fs'
import { get, type IncomingHttpHeaders } from 'node:http'
import { join } from 'node:path'
import type { Challenge } from '../../src/challenge/store.ts'
import { challengePath } from '../../src/challenge/token.ts'
import { until } from '../../test/bench/fixtures/until.ts'
import { median, type Figure } from '../figures.ts'
import { measure, writeRequests, type LoadPlan, type Sample, type Target } from '../load.ts'
import { cores, pin, type Processes } from './cores.ts'
import type { Place } from './place.ts'
import { challengeFor, openTokens } from './propagation.ts'
import { addYardsticks, hosts } from './yardstick.ts'

const path = '/productpage?session=4711&return=%2Fcart'
const tokenCount = 50

type Name = keyof typeof hosts
const names: readonly Name[] = ['port80', 'nginx', 'node:http', 'envoy']
const withTokens: readonly Name[] = ['port80', 'nginx']

/** Whose core the load shares. */
const besides = [
  { beside: 'Envoy', core: cores.envoy, judged: true },
  { beside: 'the server', core: cores.server, judged: false },
] as const
type Beside = (typeof besides)[number]

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
  try {
    for (const asked of all) await expectAnswer(gateway.ip, asked)
    const processes = await pin(place, namespace)
    const targets = targetsOf(directory, processes, { host: gateway.ip, port: 80, from })
    const redirectSamples = await measure(targets('redirect', redirects), plan)
    const tokenSamples = await measure(targets('token', tokens), plan)
    for (const asked of all) await expectAnswer(gateway.ip, asked)
    return besides.flatMap((beside) => [
      ...figuresOf('redirects', redirectSamples, beside),
      ...figuresOf('tokens', tokenSamples, beside),
    ])
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
  mkdirSync(folder)
  return (kind, all) =>
    [...all].flatMap(([name, requests]) => {
      const requestsFile = writeRequests(folder, `${kind}-${name}`, requests)
      const pids = name === 'envoy' ? [] : processes[name]
      const target = { ...at, requestsFile, pids, proxy: processes.envoy }
      return besides.map(({ beside, core }) => ({ ...target, core, name: sampleName(name, beside) }))
    })
}

const sampleName = (name: Name, beside: Beside['beside']) => `${name}, load beside ${beside}`

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
  { beside, judged }: Beside,
): Figure[] {
  const of = (name: Name) => samples.get(sampleName(name, beside)) ?? []
  const measured = names.filter((name) => of(name).length > 0)
  const what = `${kind} through Envoy, load beside ${beside}`
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
