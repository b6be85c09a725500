/** `port80 check` through front doors of every kind: what it says of each, its exit code, and what it keeps to itself. */
import { writeFile } from 'node:fs/promises'
import { createServer, request, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import pino from 'pino'
import t, { type Test } from 'tap'
import { configSchema } from '../../src/config/schema.ts'
import { buildPublic } from '../../src/http/public.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { clusterOf } from '../../src/serve/cluster.ts'
import { publicSettings } from '../../src/serve/public-settings.ts'
import { openStores } from '../../src/serve/stores.ts'
import { testFolder } from '../serve/fixtures/process.ts'
import { run } from './fixtures/run.ts'

const host = 'book.example.com'
const secretOfOthers = 'a page that is nobody else’s business'

async function listening(t: Test, listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

/** A responder of port80 on a folder; the front door is the one thing that differs. */
async function scene(t: Test, frontDoor: (responder: number) => RequestListener) {
  const folder = await testFolder(t)
  const settings = {
    certificates: [{ name: 'book', domains: [host] }],
    store: { directory: join(folder, 'state') },
    destinations: [{ directory: join(folder, 'certificates') }],
    listeners: { public: { host: '127.0.0.1', port: 0 }, admin: { port: 0 } },
    // Nothing listens there: what is served on 443 is not this test's.
    redirect: { httpsPort: 9 },
  }
  const config = configSchema.parse(settings)
  const log = pino({ level: 'silent' })
  const { challenges } = openStores(config, log, { cluster: clusterOf(config, 'test') })
  const observer = createMetrics().public
  const responder = await buildPublic({ settings: publicSettings(config), challenges, observer, log })
  await responder.listen()
  t.teardown(() => responder.destroy())
  const port = await listening(t, frontDoor(responder.address()?.port ?? 0))
  const path = join(folder, 'port80.yaml')
  const url = `http://127.0.0.1:${port}/.well-known/acme-challenge/{token}`
  await writeFile(path, JSON.stringify({ ...settings, selfCheck: { url } }))
  return path
}

/** Everything goes to the responder, but for what `instead` answers itself. */
const through =
  (instead?: (path: string) => RequestListener | undefined) =>
  (responder: number): RequestListener =>
  (asked, answer) => {
    const { url: path = '', headers } = asked
    const other = instead?.(path)
    if (other) return other(asked, answer)
    const passed = request({ host: '127.0.0.1', port: responder, path, headers, agent: false }, (from) => {
      answer.writeHead(from.statusCode ?? 502, from.headers)
      from.pipe(answer)
    })
    passed.on('error', () => answer.writeHead(502).end())
    passed.end()
  }

const answering =
  (status: number, headers: Record<string, string> = {}): RequestListener =>
  (_asked, answer) =>
    void answer.writeHead(status, headers).end(secretOfOthers)

const isChallenge = (path: string) => path.startsWith('/.well-known/acme-challenge/')
const onChallenge = (listener: RequestListener) =>
  through((path) => (isChallenge(path) ? listener : undefined))

interface Row {
  readonly name: string
  readonly frontDoor: (responder: number) => RequestListener
  readonly code: number
  readonly out: readonly RegExp[]
  readonly legs: readonly object[]
}

const at = '127.0.0.1'
const rows: readonly Row[] = [
  {
    name: 'the way is free',
    frontDoor: through(),
    code: 0,
    out: [
      /^book\.example\.com\n {2}ok {2}outside {3}127\.0\.0\.1: answers with our token/,
      /ok {2}redirect {2}301 to https/,
    ],
    legs: [{ host, leg: 'outside', at, ok: true }],
  },
  {
    name: 'everything is redirected before a route',
    frontDoor: () => (asked, answer) =>
      answering(301, { location: `https://${host}${asked.url ?? ''}`, server: 'envoy' })(asked, answer),
    code: 1,
    out: [/NO {2}outside {3}127\.0\.0\.1: P80-303 challenge is redirected/, /docs\/findings\/P80-303\.md/],
    legs: [{ ok: false, code: 'P80-303' }],
  },
  {
    name: 'an application answers',
    frontDoor: onChallenge(answering(200)),
    code: 1,
    out: [/NO {2}outside/, /redirect {2}not asked/],
    legs: [{ ok: false, code: /^P80-3/ }],
  },
  {
    name: 'an auth filter stands before it',
    frontDoor: onChallenge(answering(401, { 'www-authenticate': 'Basic' })),
    code: 1,
    out: [/P80-304/],
    legs: [{ ok: false, code: 'P80-304' }],
  },
  {
    name: 'only the rest goes elsewhere: the CA can come, so that is no failure',
    frontDoor: through((path) => (isChallenge(path) ? undefined : answering(200))),
    code: 0,
    out: [/ok {2}outside/, /NO {2}redirect {2}200, no redirect: something else than port80 answers there/],
    legs: [{ ok: true }],
  },
]

for (const { name, frontDoor, code, out, legs } of rows) {
  t.test(name, async (t) => {
    const config = await scene(t, frontDoor)
    const text = await run(['check', host, '--config', config])
    t.equal(text.code, code, text.err)
    for (const each of out) t.match(text.out, each)
    const json = await run(['check', host, '--json', '--config', config])
    t.equal(json.code, code)
    t.match(JSON.parse(json.out), { hosts: [host], ok: code === 0, legs })
    for (const printed of [text.out, text.err, json.out])
      t.notMatch(printed, secretOfOthers, 'what others answer is not shown')
  })
}

t.test('a host stands once, however often and in whatever case it is given', async (t) => {
  const config = await scene(t, through())
  const { out } = await run(['check', host, host.toUpperCase(), '--json', '--config', config])
  t.match(JSON.parse(out), { hosts: [host], legs: { length: 1 } })
})

t.test(
  'thirty hosts behind a door that keeps silent are told side by side, not one after the other',
  async (t) => {
    const config = await scene(t, () => () => undefined)
    const hosts = Array.from({ length: 30 }, (_, index) => `host-${index}.example.com`)
    const ask = async () => {
      const { code, out } = await run(['check', ...hosts, '--json', '--config', config])
      type Told = { legs: { host: string; code?: string }[]; tookMs: number; late?: string[] }
      return { code, ...(JSON.parse(out) as Told) }
    }
    let told = await ask()
    // On a machine that is busy with other tests not everything may be known in time.
    for (let again = 0; told.late && again < 5; again += 1) told = await ask()
    const { code, legs, tookMs } = told
    t.equal(code, 1)
    t.strictSame([...new Set(legs.map((each) => each.code))], ['P80-307'])
    t.strictSame(
      legs.map((each) => each.host),
      hosts,
    )
    t.ok(tookMs < 20_000, `${tookMs} ms, and not thirty times a time-out`)
  },
)
