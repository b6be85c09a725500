/** Whom the client trusts, and which way it goes: TLS with roots of its own, proxies, URLs that are not https. */
import t, { type Test } from 'tap'
import { createPublicKey } from 'node:crypto'
import * as http from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { createAcmeClient, type AcmeClientOptions } from '../../src/acme/client.ts'
import { newPrivateKey } from '../../src/acme/key.ts'
import { accountKeyPem, failureOf, now, signal } from './fixtures/bench.ts'
import { authority, leaf } from './fixtures/certificates.ts'
import { startFakeAcme, type FakeAcme } from './fixtures/fake-acme.ts'

const root = await authority('Private Root')
const other = await authority('Another Root')
const key = await newPrivateKey('ecdsa-p256')
const publicKey = createPublicKey(key)
const serving = (domain: string, dates = {}) => leaf(root, { publicKey, domains: [domain], ...dates })

function clientFor(t: Test, options: Pick<AcmeClientOptions, 'directoryUrl'> & Partial<AcmeClientOptions>) {
  const client = createAcmeClient({
    accountKeyPem,
    requestTimeoutMs: 20_000,
    observer: { request: () => undefined },
    now: () => now,
    userAgent: 'port80/test',
    proxyEnv: {},
    ...options,
  })
  t.teardown(() => client.close())
  return client
}

async function secureCa(t: Test, cert: string): Promise<FakeAcme> {
  const fake = await startFakeAcme({}, { key, cert })
  t.teardown(() => fake.close())
  return fake
}

t.test('a private CA is trusted by its bundle, over one kept connection', async (t) => {
  const fake = await secureCa(t, await serving('127.0.0.1'))
  const bundle = `# two roots\n${other.pem}\n${root.pem}`
  const client = clientFor(t, { directoryUrl: fake.directoryUrl, caBundlePem: bundle })
  await client.register({}, signal)
  t.ok(await client.findAccount(signal))
  t.equal(fake.connections(), 1)
})

const untrusted = [
  ['no bundle', { bundle: undefined, domain: '127.0.0.1', dates: {} }],
  ['the bundle of another CA', { bundle: other.pem, domain: '127.0.0.1', dates: {} }],
  ['a certificate for another name', { bundle: root.pem, domain: 'ca.example', dates: {} }],
  [
    'a certificate that has expired',
    {
      bundle: root.pem,
      domain: '127.0.0.1',
      dates: { notBefore: Date.now() - 9e7, notAfter: Date.now() - 9e6 },
    },
  ],
] as const

for (const [name, { bundle, domain, dates }] of untrusted) {
  t.test(`${name}: CaUntrusted`, async (t) => {
    const fake = await secureCa(t, await serving(domain, dates))
    const client = clientFor(t, { directoryUrl: fake.directoryUrl, caBundlePem: bundle })
    t.match(await failureOf(client.directory(signal)), { reason: 'CaUntrusted' })
    t.equal(fake.seen.length, 0, 'nothing was sent')
  })
}

t.test('a bundle without a certificate is said at creation', async (t) => {
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
  for (const caBundlePem of ['', 'no PEM at all', broken]) {
    const made = async () => clientFor(t, { directoryUrl: 'https://ca.example/', caBundlePem })
    t.match(await failureOf(made()), { reason: 'CaUntrusted', detail: /caBundle/ })
  }
})

t.test('plain http where the directory is https is refused', async (t) => {
  const fake = await secureCa(t, await serving('127.0.0.1'))
  const client = clientFor(t, { directoryUrl: fake.directoryUrl, caBundlePem: root.pem })
  fake.fault = (_seen, response) => {
    const names = ['newNonce', 'newAccount', 'newOrder', 'revokeCert', 'keyChange']
    const plain = Object.fromEntries(names.map((name) => [name, `http://127.0.0.1:1/${name}`]))
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(plain))
    return true
  }
  t.match(await failureOf(client.findAccount(signal)), {
    reason: 'CaAnswerUnusable',
    detail: 'the CA names a URL that is not https: http://127.0.0.1:1/newNonce',
  })
})

/** Forwards everything to one port, and notes what it was asked for. */
async function startProxy(t: Test, port: string) {
  const asked: string[] = []
  const proxy = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    const { pathname } = new URL(request.url ?? '')
    const { method, headers } = request
    const onward = http.request({ host: '127.0.0.1', port, path: pathname, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers)
      answer.pipe(response)
    })
    request.pipe(onward)
  })
  proxy.on('connect', (request: http.IncomingMessage, socket: Socket) => {
    asked.push(`${request.method} ${request.url}`)
    const onward = connect(Number(port), '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'))
    socket.pipe(onward).pipe(socket)
    for (const end of [socket, onward]) end.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    proxy.close()
    proxy.closeAllConnections()
  })
  return { asked, url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` }
}

/** Node reads proxy variables for an agent since 24.5 and 22.21; an older one goes directly, and finds no such name. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const goesByProxy = major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21)

t.test('HTTPS_PROXY: a tunnel to the CA, TLS from end to end', async (t) => {
  const fake = await secureCa(t, await serving('ca.test'))
  const proxy = await startProxy(t, new URL(fake.url).port)
  const client = clientFor(t, {
    directoryUrl: 'https://ca.test/directory',
    caBundlePem: root.pem,
    proxyEnv: { HTTPS_PROXY: proxy.url },
  })
  if (!goesByProxy) return t.match(await failureOf(client.directory(signal)), { reason: 'CaUnreachable' })
  t.match(await client.directory(signal), { newNonce: `${fake.url}/new-nonce` })
  t.strictSame(proxy.asked, ['CONNECT ca.test:443'])
})

t.test('http_proxy: for a CA without TLS', async (t) => {
  const fake = await startFakeAcme()
  t.teardown(() => fake.close())
  const proxy = await startProxy(t, new URL(fake.url).port)
  const client = clientFor(t, {
    directoryUrl: 'http://ca.test/directory',
    proxyEnv: { http_proxy: proxy.url },
  })
  if (!goesByProxy) return t.match(await failureOf(client.directory(signal)), { reason: 'CaUnreachable' })
  t.ok(await client.directory(signal))
  t.strictSame(proxy.asked, ['GET http://ca.test/directory'])
})

t.test('a CA on loopback is asked directly, whatever the environment says', async (t) => {
  const fake = await startFakeAcme()
  t.teardown(() => fake.close())
  const proxyEnv = { HTTP_PROXY: 'http://127.0.0.1:1', HTTPS_PROXY: 'http://127.0.0.1:1' }
  t.ok(await clientFor(t, { directoryUrl: fake.directoryUrl, proxyEnv }).directory(signal))
})
