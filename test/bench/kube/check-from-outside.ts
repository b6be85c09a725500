/**
 * `port80 check` on a laptop: a kubeconfig, and no way to the pods. Nothing is said of gateway pods that cannot be reached from
 * there, however that shows; the public address is judged, and it all ends in time. Where pods can be reached, both legs are.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { stringify } from 'yaml'
import { startDnsServer } from '../../../demo/dns/server.ts'
import type { ConfigInput } from '../../../src/config/schema.ts'
import { sources } from '../fixtures/port80.ts'
import { until } from '../fixtures/until.ts'
import { mustOf } from '../mesh/cluster-request.ts'
import { execIn } from '../mesh/iproute.ts'
import { openNetwork, type PodNetwork } from '../mesh/network.ts'
import { peerPlace } from '../mesh/peer-place.ts'
import { startChild, tail } from '../peers/child.ts'
import { startEtcd } from '../peers/etcd.ts'
import { startKubeApiserver } from '../peers/kube-apiserver.ts'
import { makeGatewayPod, startGateway } from './fixtures/edge.ts'

const network = await openNetwork()
t.teardown(() => network.close())
const directory = mkdtempSync(join(tmpdir(), 'port80-laptop-'))
t.teardown(() => rmSync(directory, { recursive: true, force: true }))
const place = await peerPlace(network, { name: 'apiserver', directory, end: '0.1' })
const etcd = await startEtcd(place.directory, place)
const api = await startKubeApiserver(place.directory, { etcdUrl: etcd.url, place })
const must = mustOf(() => api)
const [home, edge] = ['port80', 'edge']
for (const name of [home, edge]) await must('POST', '/api/v1/namespaces', { metadata: { name } })

/** The gateway that all of them have in public, and what the laptop has of its pods. */
const publicAddress = network.address('255.254')
const gateway = await network.pod('gateway')
const laptop = await network.pod('laptop')
const stranger = await network.pod('stranger')
const ways = [
  { name: 'dropped', pod: await network.pod('dropped') },
  { name: 'unrouted', pod: gateway },
  { name: 'refused', pod: stranger },
] as const
// What comes back to the laptop is lost on its way; and it knows no way to the other.
await execIn(ways[0].pod.name, 'ip', 'route', 'add', 'blackhole', `${laptop.ip}/32`)
await execIn(laptop.name, 'ip', 'route', 'add', 'unreachable', `${gateway.ip}/32`)

const hosts = ways.map(({ name }) => `${name}.example.com`)
const dns = await startDnsServer(
  () => Object.fromEntries(hosts.map((host) => [host, { four: [publicAddress] }])),
  publicAddress,
)
t.teardown(() => dns.stop())

const labelsOf = (name: string) => ({ gateway: name })
for (const { name, pod } of ways)
  await makeGatewayPod({ must }, edge, { name, labels: labelsOf(name), address: pod.ip })

const config: ConfigInput = {
  kubernetes: { kubeconfig: api.kubeconfig },
  store: { kubernetes: { namespace: home } },
  selfCheck: { gateways: true },
  resolvers: [dns.authority],
  listeners: { public: { host: '0.0.0.0', port: 80 }, admin: { host: '127.0.0.1', port: 9090 } },
  certificates: ways.map(({ name }) => ({
    ...{ name, domains: [`${name}.example.com`] },
    destinations: [{ secret: { gateway: { namespaces: [edge], selector: labelsOf(name) } } }],
  })),
}
const file = join(directory, 'port80.yaml')
writeFileSync(file, stringify(config))

/** The responder is its own gateway here. */
async function startResponder(pod: PodNetwork): Promise<void> {
  const serve = [process.execPath, sources, 'serve', '--role', 'responder', '--config', file]
  const [command = '', ...args] = network.inside(pod, serve)
  const child = await startChild({
    ...{ name: `responder-${pod.name}`, directory, command, args, timeoutMs: 90_000 },
    ready: async () => (await fetch(`http://${pod.ip}/`, { redirect: 'manual' })).status > 0,
  })
  t.teardown(async () => {
    await child.stop('SIGKILL')
    if (!t.passing()) t.comment(tail(child.log(), 20))
  })
}
await startResponder(gateway)
await startResponder(ways[0].pod)
await startGateway(t, { address: publicAddress, port: 80 }, [gateway.ip])

interface Leg {
  readonly host: string
  readonly leg: string
  readonly at: string
  readonly ok?: boolean
  readonly unjudged?: string
}
interface Answer {
  readonly ok: boolean
  readonly tookMs: number
  readonly late?: readonly string[]
  readonly findings: readonly unknown[]
  readonly legs: readonly Leg[]
}

const run = promisify(execFile)
const command = [process.execPath, sources, 'check', ...hosts, '--json', '--config', file]

async function check(argv: readonly string[], env = {}): Promise<Answer & { readonly code: number }> {
  const [program = '', ...args] = argv
  const { code, stdout } = await run(program, args, { env: { ...process.env, ...env } }).then(
    (printed) => ({ code: 0, stdout: printed.stdout }),
    (error: { code: number; stdout: string }) => error,
  )
  return { ...(JSON.parse(stdout) as Answer), code }
}

await t.test('on the laptop: the pods are not judged, the public addresses are', async (t) => {
  // Asked again where the machine is too busy for an answer in time.
  const { code, ok, findings, legs, tookMs } = await until(
    () => check(network.inside(laptop, command)),
    ({ late }) => late === undefined,
    { what: 'everything is known in time', ms: 120_000 },
  )
  t.comment(`${hosts.length} hosts from outside: ${tookMs} ms`)
  t.ok(tookMs <= 3_000, `${tookMs} ms`)
  t.strictSame(findings, [])
  t.equal(ok, true)
  t.equal(code, 0)
  for (const host of hosts) {
    const of = (leg: string) => legs.filter((each) => each.host === host && each.leg === leg)
    t.match(of('inside'), [{ unjudged: /cannot be reached from here/ }], host)
    t.match(of('outside'), [{ at: publicAddress, ok: true }], host)
  }
})

await t.test('in a pod both legs are judged, and a port where nobody listens is a finding', async (t) => {
  const { code, legs } = await until(
    () => check(command, { KUBERNETES_SERVICE_HOST: place.host }),
    ({ late }) => late === undefined,
    { what: 'everything is known in time', ms: 120_000 },
  )
  const inside = Object.fromEntries(
    legs.filter(({ leg }) => leg === 'inside').map((each) => [each.host.split('.')[0], each]),
  )
  const refused = { ok: false, code: 'P80-306' }
  t.match(inside, { dropped: { ok: true }, unrouted: { ok: true }, refused })
  t.equal(code, 1)
})
