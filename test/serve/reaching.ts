/** Preflight and canary in a term of leadership: the real worker, the test CA, and a front door that a test breaks. */
import { createServer, get, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { configSchema } from '../../src/config/schema.ts'
import type { LegLook } from '../../src/reach/leg-look.ts'
import type { Looker } from '../../src/reach/looking.ts'
import { policyOf } from '../../src/config/reach-schema.ts'
import { termScene } from '../worker/fixtures/term.ts'
import { findingOf } from '../reach/fixtures/looks.ts'

t.setTimeout(120_000)

const host = 'book.localhost'

interface FrontDoor {
  readonly port: number
  /** It redirects everything, as Envoy does under httpsRedirect. */
  broken: boolean
  readonly looker: Looker
  looks: number
}

async function frontDoor(t: Test, behind: () => number): Promise<FrontDoor> {
  const server: Server = createServer((asked, answer) => {
    if (self.broken) return void answer.writeHead(301, { location: 'https://elsewhere.test/' }).end()
    const { url: path, headers } = asked
    const passed = request({ host: '127.0.0.1', port: behind(), path, headers }, (from) => {
      answer.writeHead(from.statusCode ?? 502, from.headers)
      from.pipe(answer)
    })
    passed.on('error', () => answer.writeHead(502).end())
    asked.pipe(passed)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const self: FrontDoor = {
    port,
    broken: false,
    looks: 0,
    looker: {
      async look(hosts) {
        self.looks += 1
        return Promise.all(hosts.map((each) => lookThrough(port, each)))
      },
    },
  }
  return self
}

/** Whether a request below the challenge path is redirected away. */
function lookThrough(port: number, host: string): Promise<LegLook> {
  const at = `127.0.0.1:${port}`
  const options = { host: '127.0.0.1', port, path: '/.well-known/acme-challenge/probe', headers: { host } }
  return new Promise((resolve, reject) => {
    get(options, (answer) => {
      answer.resume()
      const bad = answer.statusCode === 301
      resolve({ host, leg: 'outside', at, ...(bad && { finding: findingOf('P80-303', { host }) }) })
    }).on('error', reject)
  })
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50))
}

t.test(
  'require: a front door that redirects costs the CA no request; mended, the certificate is issued',
  async (t) => {
    const settings = { preflight: 'require', canary: { every: '1s' } }
    const scene = await termScene(t, [{ name: 'book', domains: [host] }], {}, settings)
    const door = await frontDoor(t, () => scene.publicPort)
    scene.ca.setValidationPort(door.port)
    door.broken = true
    scene.start(door.looker)
    await until(async () => ((await scene.record('book'))?.attempts.length ?? 0) > 0)
    const record = await scene.record('book')
    t.match(record?.attempts, [
      { outcome: 'failed', failure: { reason: 'PreflightFailed', detail: /^P80-303 / } },
    ])
    t.match(record, { failures: 0, inFlight: undefined })
    const looks = door.looks
    await until(() => door.looks > looks + 2)
    t.strictSame(scene.ca.stats.requests, {}, 'not even for its directory')

    door.broken = false
    await until(() => scene.lines.some(({ msg }) => msg === 'what kept the CA from this host has ended'))
    await until(() => scene.issued('book'))
    t.equal(scene.ca.state.orders.size, 1)
    t.ok(scene.ca.stats.requests.directory, 'which the count above would have shown')
    t.strictSame(scene.crashes, [])
  },
)

t.test('warn: the order goes on beside the look, and it is known why it fails', async (t) => {
  const scene = await termScene(t, [{ name: 'book', domains: [host] }], {}, { preflight: 'warn' })
  const door = await frontDoor(t, () => scene.publicPort)
  scene.ca.setValidationPort(door.port)
  door.broken = true
  scene.start(door.looker)
  const found = () => scene.lines.find(({ code }) => code === 'P80-303')
  await until(() => found() !== undefined)
  t.match(found(), { host, msg: 'the CA cannot reach this host', from: 'preflight' })
  await until(async () => (await scene.record('book'))?.attempts[0]?.outcome === 'failed')
  t.match((await scene.record('book'))?.attempts[0]?.failure?.reason, /^Acme/)
})

t.test('the policy of the issuer, else of the file', (t) => {
  const config = configSchema.parse({
    preflight: 'off',
    issuers: { strict: { directory: 'https://ca.test/', preflight: 'require' }, letsencrypt: {} },
  })
  t.equal(policyOf(config, 'strict'), 'require')
  t.equal(policyOf(config, 'letsencrypt'), 'off')
  t.equal(policyOf(config, 'letsencrypt-staging'), 'off')
  t.equal(policyOf(config, 'constructor'), 'off')
  t.equal(policyOf(configSchema.parse({}), 'letsencrypt'), 'warn')
  t.end()
})
