/**
 * A machine whose own DNS says something else than the public one, or nothing at all, and `preflight: require`: what is not so
 * holds no order back, what cannot be judged from here is told as that, and `resolvers` end all of it.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual, promisify } from 'node:util'
import t from 'tap'
import { startDnsServer } from '../../../demo/dns/server.ts'
import { preparePort80, sources } from '../fixtures/port80.ts'
import { until } from '../fixtures/until.ts'
import { tail } from '../peers/child.ts'
import { startFaultProxy } from '../peers/fault-proxy.ts'
import { startPebble } from '../peers/pebble.ts'
import { freePort } from '../peers/ports.ts'

/** Of this test alone; resolv.conf knows no port but 53. */
const own = `127.80.${(process.pid >> 8) & 255}.${process.pid & 255}`
const [nobody, here] = ['127.0.0.9', '127.0.0.1']
const internal = {
  'well.example.com': { four: [here] },
  'private.example.com': { four: [nobody] },
  'silent.example.com': { fails: 'silent' },
  'failing.example.com': { fails: 'servfail' },
} as const
const hosts = [...Object.keys(internal), 'nowhere.example.com']
const nameOf = (host: string) => host.split('.')[0] ?? ''

const directory = mkdtempSync(join(tmpdir(), 'port80-dns-'))
const resolv = join(directory, 'resolv.conf')
writeFileSync(resolv, `nameserver ${own}\noptions attempts:2 timeout:5\n`)
const dns = await startDnsServer(() => internal, own, 53)
const publicDns = await startDnsServer(() =>
  Object.fromEntries(hosts.map((host) => [host, { four: [here] }])),
)

const inside = [
  ...(['unshare', '--mount', 'sh', '-c'] as const),
  ...['mount --bind "$0" /etc/resolv.conf && exec "$@"', resolv],
] as const
const run = promisify(execFile)

const port = await freePort()
const pebble = await startPebble(directory, { httpPort: port, validationSleep: 0, nonceReject: 0 })
const proxy = await startFaultProxy(pebble)
const url = `http://{identifier}:${port}/.well-known/acme-challenge/{token}`
const port80 = await preparePort80(
  directory,
  port,
  {
    issuers: { pebble: { directory: proxy.directoryUrl, caBundle: proxy.rootFile } },
    certificates: hosts.map((host) => ({ name: nameOf(host), domains: [host], issuer: 'pebble' })),
    selfCheck: { url, timeout: '2s' },
    ...({ preflight: 'require', canary: { every: '3s' } } as const),
  },
  { pinning: inside },
)
t.teardown(async () => {
  await port80.stop()
  if (!t.passing()) t.comment(tail(port80.log(), 80))
  for (const each of [proxy, pebble, dns, publicDns]) await each.stop()
  rmSync(directory, { recursive: true, force: true })
})

const findings = async () => (await port80.status()).findings ?? []
const codes = async () =>
  Object.fromEntries((await findings()).map(({ host = '', code }) => [nameOf(host), code]))
/** `port80 check` on the same machine. */
async function check(host: string) {
  const args = [...inside.slice(1), process.execPath, sources, 'check', host, '--json']
  const { stdout } = await run(inside[0], [...args, '--config', port80.configFile])
  return JSON.parse(stdout) as { ok: boolean; legs: unknown; late?: unknown; tookMs: number }
}
const lastFailure = async (name: string) => (await port80.certificate(name)).attempts[0]?.failure

await t.test('each by what can be said of it from here', async (t) => {
  await port80.start()
  // One attempt that a busy machine made too late is made up for a minute later.
  await port80.waitForCertificate('well', 180_000)
  const wanted = { private: 'P80-312', failing: 'P80-312', nowhere: 'P80-310' }
  const seen = await until(codes, (all) => isDeepStrictEqual(all, wanted), { what: 'what the canary finds' })
  t.strictSame(seen, wanted)
  const checked = await check('silent.example.com')
  t.match(checked.legs, [{ leg: 'outside', unjudged: 'no DNS server answered: see resolvers' }])
  t.equal(checked.late, undefined, `and it is not waited for (${checked.tookMs} ms)`)
  t.equal(checked.ok, true, 'what cannot be judged is no failure')
  const nowhere = (await findings()).find(({ code }) => code === 'P80-310')
  t.match(nowhere?.fix, { words: /where the public DNS has one, name public DNS servers under resolvers/ })
})

await t.test(
  'an error holds the order back without the CA, a resolver that fails or keeps silent does not',
  async (t) => {
    const refused = await until(
      () => lastFailure('nowhere'),
      (each) => each !== undefined,
      { what: 'refused' },
    )
    t.match(refused, { reason: 'PreflightFailed', detail: /P80-310 .*NXDOMAIN.*resolvers/ })
    for (const name of ['private', 'silent', 'failing']) {
      const failure = await until(
        () => lastFailure(name),
        (each) => each !== undefined,
        {
          what: `${name} got as far as its self-check`,
        },
      )
      t.equal(failure?.reason, 'SelfCheckFailed', name)
    }
    const live = performance.now()
    t.equal((await fetch(`http://127.0.0.1:${port80.adminPort}/readyz`)).status, 200)
    t.ok(performance.now() - live < 5_000, 'and port80 waits for no resolver meanwhile')
  },
)

await t.test('the resolvers of the public: all are issued, and nothing is left', async (t) => {
  await port80.reconfigure({ resolvers: [publicDns.authority] })
  for (const host of hosts.slice(1)) await port80.wish(nameOf(host), 'issue')
  for (const host of hosts) await port80.waitForCertificate(nameOf(host), 90_000)
  t.strictSame(await until(codes, (all) => Object.keys(all).length === 0, { what: 'no finding' }), {})
  t.equal(proxy.asked('challenge'), hosts.length, 'no authorization was spent')
})
