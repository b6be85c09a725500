/**
 * Wanted → served: a Gateway is annotated (or a value of the chart changed), and both gateway pods serve the certificate of
 * the CA in a handshake. Where the time goes is read from the worker's own log.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'node:tls'
import { makeIstioObject } from '../../test/bench/mesh/fixtures/istio-object.ts'
import { maximum, percentile, type Figure } from '../figures.ts'
import { firstDomain, installedLog, workerLog, type LogLine, type Place } from './place.ts'

interface Wish {
  readonly host: string
  /** Name of the Gateway and of its Secret. */
  readonly name: string
}

/** Epoch milliseconds. */
interface Served {
  readonly wish: Wish
  readonly wantedAt: number
  readonly servedAt: number
}

export interface WantedOptions {
  readonly rounds: number
  readonly many: number
  /** Changes by `helm upgrade`. */
  readonly upgrades: number
}

export async function benchWanted(place: Place, options: WantedOptions): Promise<Figure[]> {
  const one = wishes('one', options.rounds)
  const many = wishes('many', options.many)
  await prepare(place, [...one, ...many])
  const served: Served[] = []
  for (const wish of one) served.push(await annotated(place, wish))
  process.stderr.write(`  ${one.length} one after the other\n`)
  const all = await Promise.all(many.map((wish) => annotated(place, wish, 100)))
  process.stderr.write(`  ${many.length} at once\n`)
  const upgraded: number[] = []
  for (const wish of wishes('helm', options.upgrades)) upgraded.push(await byHelm(place, wish))
  const log = workerLog(place)
  await place.port80.upgrade({ log: installedLog })
  return [
    ...spread('annotated → served by both gateways', served.map(took)),
    ...split(served, log),
    { name: `${many.length} Gateways annotated at once → all served`, value: span(all) / 1_000, unit: 's' },
    {
      name: 'helm upgrade → served by both gateways, p50',
      value: percentile(upgraded, 50),
      unit: 'ms',
      note: 'with helm itself; kubelet, which is not here, takes up to a minute more to update a mounted ConfigMap',
    },
  ]
}

const took = ({ wantedAt, servedAt }: Served) => servedAt - wantedAt
const span = (all: readonly Served[]) =>
  Math.max(...all.map(({ servedAt }) => servedAt)) - Math.min(...all.map(({ wantedAt }) => wantedAt))

function wishes(kind: string, count: number): Wish[] {
  return Array.from({ length: count }, (_, index) => ({
    host: `${kind}-${index}.example.com`,
    name: `${kind}-${index}`,
  }))
}

/** 443 Gateways that nobody manages yet. Envoy holds a listener back for 15 s while a Secret of it is missing. */
async function prepare({ mesh, port80, shop }: Place, all: readonly Wish[]): Promise<void> {
  // The steps of an order are told at this level only; both workers have it when the Gateways are there.
  await port80.upgrade({ log: { level: 'debug', format: 'json' } })
  await mesh.pointAtGateways(all.map(({ host }) => host))
  for (const { host, name } of all) {
    const port = { number: 443, name: `https-${name}`, protocol: 'HTTPS' }
    const tls = { mode: 'SIMPLE', credentialName: name }
    const spec = { selector: mesh.gateways.selector, servers: [{ port, hosts: [host], tls }] }
    await makeIstioObject(mesh.must, { kind: 'Gateway', namespace: shop, name, spec })
  }
  await sleep(20_000)
}

async function annotated(place: Place, wish: Wish, every = 10): Promise<Served> {
  const { mesh, shop } = place
  const wantedAt = Date.now()
  const metadata = { annotations: { 'port80.io/managed': 'true' } }
  const path = `/apis/networking.istio.io/v1/namespaces/${shop}/gateways/${wish.name}`
  await mesh.must('PATCH', path, { metadata })
  return { wish, wantedAt, servedAt: await servedByAll(place, wish.host, every) }
}

async function byHelm(place: Place, { host, name }: Wish): Promise<number> {
  const { mesh, port80 } = place
  await mesh.pointAtGateways([host])
  const { domains = [firstDomain] } = port80.values() as { domains?: readonly object[] }
  const domain = { hosts: [host], secretName: name, tlsGateway: 'create' }
  const wantedAt = Date.now()
  const [servedAt] = await Promise.all([
    servedByAll(place, host, 20),
    port80.upgrade({ domains: [...domains, domain] }),
  ])
  return servedAt - wantedAt
}

/** Epoch milliseconds at which the last gateway pod was seen to serve what the CA issued. */
async function servedByAll({ mesh }: Place, host: string, every: number): Promise<number> {
  const times = await Promise.all(
    mesh.gateways.pods.map(async ({ ip }) => {
      const end = Date.now() + 120_000
      for (;;) {
        if ((await issuerServed(ip, host).catch(() => '')).startsWith('Pebble')) return Date.now()
        if (Date.now() > end) throw new Error(`${ip} does not serve ${host} within two minutes`)
        await sleep(every)
      }
    }),
  )
  return Math.max(...times)
}

/** Common name of the issuer of what is served; rejects when there is no handshake. */
function issuerServed(ip: string, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: ip, port: 443, servername: host, rejectUnauthorized: false }
    const socket = connect(options, () => {
      const { CN = '' } = socket.getPeerCertificate().issuer ?? {}
      resolve(String(CN))
      socket.destroy()
    })
    socket.setTimeout(5_000, () => socket.destroy(new Error('no handshake within 5 s')))
    socket.once('error', reject)
  })
}

/** Each step begins where the one before it ended. */
const steps = [
  'noticed',
  'ordered',
  'token written',
  'answered',
  'validated',
  'issued',
  'Secret written',
] as const
const words: Readonly<Record<(typeof steps)[number], string>> = {
  noticed: 'annotated → noticed',
  ordered: 'noticed → order begun (placeholder and intent are durable)',
  'token written': 'order begun → token written (newOrder, authorization)',
  answered: 'token written → all responders and gateways have answered',
  validated: 'accepted → validated by the CA',
  issued: 'validated → issued (finalize, download) and durable',
  'Secret written': 'issued → Secret written',
}

function split(served: readonly Served[], log: readonly LogLine[]): Figure[] {
  const all = served.map((one) => ({ times: timesOf(one, log), one }))
  const between = steps.map((step, index) => ({
    name: `  ${words[step]}`,
    values: all.map(({ times, one }) => (times[index] ?? 0) - (times[index - 1] ?? one.wantedAt)),
  }))
  const last = all.map(({ times, one }) => one.servedAt - (times.at(-1) ?? 0))
  return [...between, { name: '  Secret written → served by both gateways', values: last }].flatMap(
    ({ name, values }) => spread(name, values),
  )
}

/** When each step of this one was over. Throws where the log lacks one. */
function timesOf({ wish, wantedAt }: Served, log: readonly LogLine[]): number[] {
  const later = log.filter(({ at }) => at >= wantedAt)
  const find = (msg: string, fits: (line: LogLine) => boolean): LogLine => {
    const line = later.find((each) => each.msg === msg && fits(each))
    if (!line) throw new Error(`the log of the workers has no "${msg}" for ${wish.name}`)
    return line
  }
  const ofToken = ({ identifier }: LogLine) => identifier === wish.host
  const presented = find('token presented', ofToken)
  const ofCertificate = ({ certificate }: LogLine) => certificate === presented.certificate
  const pair = (line: LogLine) => ofCertificate(line) && line.what === 'pair'
  return [
    find('an object asks for a certificate', ({ secret }) => secret === wish.name),
    find('order started', ofCertificate),
    presented,
    find('token answered everywhere', ofToken),
    find('authorization ended', ofToken),
    find('certificate issued', ofCertificate),
    find('installed', pair),
  ].map(({ at }) => at)
}

/** p50 and p95 in milliseconds. */
export function spread(name: string, values: readonly number[]): Figure[] {
  return [
    { name: `${name}, p50`, value: percentile(values, 50), unit: 'ms' },
    {
      name: `${name}, p95`,
      value: percentile(values, 95),
      unit: 'ms',
      note: `of ${values.length}; slowest ${maximum(values)} ms`,
    },
  ]
}
