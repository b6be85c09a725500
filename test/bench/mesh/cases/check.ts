/**
 * `port80 check HOST...` in the leader's pod, all hosts at once: each leg and each address told by itself, within the three
 * seconds that the command allows itself, and nothing of what strangers answer.
 */
import { createServer } from 'node:http'
import t from 'tap'
import { startDnsServer } from '../../../../demo/dns/server.ts'
import type { LegLook } from '../../../../src/reach/leg-look.ts'
import { until } from '../../fixtures/until.ts'
import { startBenchRunner } from '../fixtures/bench-runner.ts'
import { installPort80 } from '../fixtures/install.ts'
import { makeIstioObject } from '../fixtures/istio-object.ts'
import { startMesh } from '../mesh.ts'
import { port80Image } from '../runner/program-images.ts'

/** As a foreign page has it: in the body, in a header, in a cookie. */
const foreignWords = 'nobodys-business'

const mesh = await startMesh(t, { gateways: 2, pebble: { validationSleep: 0 } })
const { must, gateways, network } = mesh
const runner = await startBenchRunner(t, mesh)
const [well, redirected, nowhere, six, foreign, silent] = [
  'book.example.com',
  'redirected.example.com',
  'nowhere.example.com',
  'six.example.com',
  'foreign.example.com',
  'silent.example.com',
] as const
const hosts = [well, redirected, nowhere, six, foreign, silent]
await mesh.pointAtGateways(hosts)
const elsewhere = network.address('255.254')
const stranger = createServer((_asked, answer) =>
  answer
    .writeHead(200, { server: foreignWords, 'x-word': foreignWords, 'set-cookie': `a=${foreignWords}` })
    .end(`<html>${foreignWords}</html>`),
)
await new Promise<void>((resolve) => stranger.listen(80, elsewhere, () => resolve()))
t.teardown(() => stranger.close())

// What the CA hears of the names, and the bench's own server cannot say: that there is no such name.
const four = gateways.pods.map(({ ip }) => ip)
const zones = {
  [well]: { four },
  [redirected]: { four },
  [six]: { four, six: ['fd00:80::1'] },
  [foreign]: { four: [elsewhere] },
  [silent]: { four: [network.address('0.250')] },
}
const dns = await startDnsServer(() => zones, elsewhere)
t.teardown(() => dns.stop())

await makeIstioObject(must, {
  ...{ kind: 'Gateway', namespace: await mesh.namespace('shop'), name: 'shop' },
  spec: {
    selector: gateways.selector,
    servers: [
      {
        port: { number: 80, name: 'http', protocol: 'HTTP' },
        hosts: [redirected],
        tls: { httpsRedirect: true },
      },
    ],
  },
})

const port80 = await installPort80(t, mesh, runner, {
  values: {
    ...{ preflight: 'require', resolvers: [dns.authority] },
    domains: hosts.map((host) => ({
      ...{ hosts: [host], secretName: host.replaceAll('.', '-'), tlsGateway: 'create' },
    })),
  },
})
const { current } = await port80.waitForCertificate(well.replaceAll('.', '-'))
const responders = (await port80.pods('responder')).map(({ name }) => name)
const pods = gateways.pods.map(({ name }) => `${gateways.namespace}/${name}`).sort()

interface Answer {
  readonly ok: boolean
  readonly tookMs: number
  readonly late?: readonly string[]
  readonly findings: readonly { readonly code: string; readonly host?: string; readonly seen: string }[]
  readonly legs: readonly (LegLook & { readonly ok?: boolean; readonly code?: string })[]
  readonly redirects: readonly { readonly host: string; readonly ok?: boolean; readonly seen: string }[]
  readonly served: readonly { readonly host: string; readonly at: string; readonly ok?: boolean }[]
}

async function check(asked: readonly string[], ...options: readonly string[]) {
  const command = [...port80Image().entrypoint, 'check', ...asked, '--config', '/etc/port80/port80.yaml']
  return runner.exec(await port80.leader(), [...command, ...options])
}

async function answer(asked: readonly string[]): Promise<Answer & { readonly code: number }> {
  const { code, stdout, stderr } = await check(asked, '--json')
  if (stdout === '') throw new Error(`check: ${code} ${stderr}`)
  return { code, ...(JSON.parse(stdout) as Answer) }
}

/** One in which everything was known in time: on a machine that is busy with other tests a look may be late. */
const inTime = (asked: readonly string[], wanted: (given: Answer) => boolean = () => true) =>
  until(
    () => answer(asked),
    (given) => given.late === undefined && wanted(given),
    { what: `check of ${asked.join(', ')} is in time`, ms: 120_000, every: 500 },
  )

await t.test(
  'a host that is well: both legs, every pod, which replica, the redirect, what is served',
  async (t) => {
    const { legs, redirects, served, findings } = await inTime(
      [well],
      ({ ok, served }) => ok && served.every((each) => each.ok === true),
    )
    t.strictSame(findings, [])
    const at = (leg: string) => legs.filter((each) => each.leg === leg).map((each) => each.at)
    t.strictSame(at('inside').sort(), pods)
    t.strictSame(at('outside').sort(), gateways.pods.map(({ ip }) => ip).sort())
    for (const { ok, at, replica = '' } of legs) {
      t.equal(ok, true, at)
      t.ok(responders.includes(replica), `${replica} is a responder`)
    }
    t.match(redirects, [{ host: well, ok: true, seen: '301 to https' }])
    t.strictSame(served.map((each) => each.at).sort(), pods)
    t.match((await check([well])).stdout, `serves serial ${current?.serial}`)
  },
)

await t.test('all at once within three seconds: each with its own code, none with another’s', async (t) => {
  const { code, ok, tookMs, findings } = await inTime(hosts, ({ tookMs }) => tookMs <= 3_000)
  t.comment(`${hosts.length} hosts, ${pods.length} gateway pods: ${tookMs} ms`)
  t.equal(ok, false)
  t.equal(code, 1)
  const codes = (host: string) => findings.filter((each) => each.host === host).map((each) => each.code)
  t.strictSame(Object.fromEntries(hosts.map((host) => [host, codes(host)])), {
    [well]: [],
    [redirected]: ['P80-303'],
    [nowhere]: ['P80-310'],
    [six]: ['P80-309'],
    [foreign]: ['P80-305'],
    [silent]: ['P80-312'],
  })
  const seen = (host: string) => findings.find((each) => each.host === host)?.seen ?? ''
  t.match(
    seen(redirected),
    /the gateway itself answered 301, a redirect to https of the same host/,
    'and by whom',
  )
  t.match(seen(nowhere), 'NXDOMAIN')
  t.match(seen(six), 'while the A record leads here')
})

await t.test('a leg that is well is told beside one that is not', async (t) => {
  const { legs } = await inTime([six, foreign])
  const of = (host: string, at: string) => legs.find((each) => each.host === host && each.at === at)
  t.match(of(six, gateways.pods[0]?.ip ?? ''), { ok: true })
  t.match(of(six, 'fd00:80::1'), { ok: false, code: 'P80-309' })
  t.match(of(foreign, pods[0] ?? ''), { ok: true })
  t.match(of(foreign, elsewhere), { ok: false, code: 'P80-305' })
})

await t.test('exit codes, and nothing of a foreign answer', async (t) => {
  const rows: readonly (readonly [string, readonly string[], number])[] = [
    ['all is well', [well], 0],
    ['a warning fails nothing', [silent], 0],
    ['one of two is not well', [well, redirected], 1],
    ['a name without an address', [nowhere], 1],
    ['somebody else answers', [foreign], 1],
    ['a host that is none', ['a b'], 2],
  ]
  for (const [name, asked, code] of rows) {
    for (const options of [[], ['--json']]) {
      const ran = await until(
        () => check(asked, ...options),
        (one) => one.code === code,
        { what: `${name} ${options.join('')}: exit code ${code}`, every: 500 },
      )
      t.equal(ran.code, code, name)
      t.notMatch(ran.stdout + ran.stderr, foreignWords, name)
    }
  }
})
