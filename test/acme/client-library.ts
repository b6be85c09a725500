/** What we rely on in acme-client, so that another version of it fails here and not at a CA. */
import t from 'tap'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { loadSigningClient, publicJwk } from '../../src/acme/client-library.ts'
import { newPrivateKey } from '../../src/acme/key.ts'
import { hmacHolds, readJws, signatureHolds, thumbprintOf } from './fixtures/jws.ts'

const require = createRequire(import.meta.url)
const key = createPrivateKey(await newPrivateKey('ecdsa-p256'))

t.test('the version is pinned exactly', async (t) => {
  const read = (path: string) => JSON.parse(readFileSync(require.resolve(path), 'utf8')) as Package
  const wanted = read('../../package.json').dependencies?.['acme-client']
  t.equal(read('acme-client/package.json').version, wanted)
})

interface Package {
  readonly version: string
  readonly dependencies?: Record<string, string>
}

t.test('loading it loads neither axios nor node-forge nor @peculiar/x509', async (t) => {
  const before = new Set(Object.keys(require.cache))
  loadSigningClient()
  const loaded = Object.keys(require.cache).filter((file) => !before.has(file))
  t.ok(loaded.some((file) => /acme-client.src.http\.js$/.test(file)))
  t.strictSame(
    loaded.filter((file) => /node_modules.(axios|node-forge|@peculiar|asn1js)/.test(file)),
    [],
  )
})

t.test('its own transport cannot be used', async (t) => {
  const Signer = loadSigningClient()
  await t.rejects(new Signer('', key).request('http://127.0.0.1:1/', 'get'), /must not send requests/)
})

t.test('signs with nonce, URL and kid or jwk (RFC 8555 §6.2)', async (t) => {
  const Signer = loadSigningClient()
  const bodies: unknown[] = []
  const signer = new Signer('', key, { kid: 'kid-1', hmacKey: 'c2VjcmV0' })
  signer.getNonce = async () => 'nonce-1'
  signer.request = async (_url, _method, options) => {
    bodies.push(options?.data)
    return { status: 200, headers: {}, data: {} }
  }
  await signer.signedRequest('https://ca.example/order', null, { kid: 'https://ca.example/account/1' })
  await signer.signedRequest('https://ca.example/new', { a: 1 }, { includeExternalAccountBinding: true })
  const [asGet, fresh] = bodies.map(readJws)
  t.match(asGet, {
    header: {
      alg: 'ES256',
      nonce: 'nonce-1',
      url: 'https://ca.example/order',
      kid: 'https://ca.example/account/1',
    },
    payload: undefined,
    raw: { payload: '' },
  })
  t.equal(asGet?.header.jwk, undefined)
  t.ok(asGet && signatureHolds(asGet, createPublicKey(key)))
  t.equal(fresh?.header.kid, undefined)
  t.equal(thumbprintOf(fresh?.header.jwk ?? {}), thumbprintOf(publicJwk(key)))
  t.ok(fresh && signatureHolds(fresh, createPublicKey(key)))
  const binding = readJws((fresh?.payload as { externalAccountBinding: unknown }).externalAccountBinding)
  t.match(binding.header, { alg: 'HS256', kid: 'kid-1', url: 'https://ca.example/new' })
  t.ok(hmacHolds(binding, 'c2VjcmV0'))
})

t.test('repeats a request whose nonce was refused, with the nonce of the refusal', async (t) => {
  const Signer = loadSigningClient()
  const signer = new Signer('', key)
  const nonces: unknown[] = []
  signer.maxBadNonceRetries = 2
  signer.getNonce = async () => 'first'
  signer.request = async (_url, _method, options) => {
    nonces.push(readJws(options?.data).header.nonce)
    const refused = { type: 'urn:ietf:params:acme:error:badNonce' }
    return { status: 400, headers: { 'replay-nonce': `after-${nonces.length}` }, data: refused }
  }
  t.match(await signer.signedRequest('https://ca.example/new', {}, {}), { status: 400 })
  t.strictSame(nonces, ['first', 'after-1', 'after-2'])
})

t.test('a JWK has the required members alone, in alphabetical order (RFC 7638 §3)', async (t) => {
  t.strictSame(Object.keys(publicJwk(key)), ['crv', 'kty', 'x', 'y'])
  t.strictSame(Object.keys(publicJwk(createPrivateKey(await newPrivateKey('rsa-2048')))), ['e', 'kty', 'n'])
})
