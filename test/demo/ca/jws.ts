/** RFC 8555 §6: what the CA takes for a request, and what it says to everything else. */
import t from 'tap'
import { startTestCa } from '../../../demo/ca/test-ca.ts'
import { ecKey, jwkOf, problemType, RawClient, rsaKey, signed, type Flaws } from '../fixtures/raw-client.ts'

const ca = await startTestCa({ directory: t.testdir() })
t.teardown(() => ca.stop())
const client = new RawClient(ca)
await client.register()
const order = { identifiers: [{ type: 'dns', value: 'a.localhost' }] }

t.test('takes keys of the three algorithms', async (t) => {
  for (const key of [ecKey(), ecKey('P-384'), rsaKey(2048)]) {
    const each = new RawClient(ca, key)
    t.equal((await each.register()).status, 201, key.alg)
    t.equal((await each.post('/new-order', order)).status, 201, key.alg)
  }
})

t.test('gives a fresh nonce for HEAD (200) and GET (204), never cached', async (t) => {
  const head = await client.get('/new-nonce', 'HEAD')
  const get = await client.get('/new-nonce')
  t.same([head.status, get.status], [200, 204])
  t.not(head.headers['replay-nonce'], get.headers['replay-nonce'])
  t.equal(get.headers['cache-control'], 'no-store')
  t.match(get.headers['link'], /directory>;rel="index"/)
})

const rows: readonly {
  readonly name: string
  readonly flaws: Flaws | (() => Flaws | Promise<Flaws>)
  readonly status: number
  readonly type: string
}[] = [
  { name: 'a nonce nobody gave', flaws: { header: { nonce: 'AAAA' } }, status: 400, type: 'badNonce' },
  { name: 'no nonce', flaws: { header: { nonce: undefined } }, status: 400, type: 'badNonce' },
  {
    name: 'a url other than the one asked',
    flaws: { header: { url: ca.directoryUrl } },
    status: 403,
    type: 'unauthorized',
  },
  {
    name: 'an algorithm of none',
    flaws: { header: { alg: 'none' } },
    status: 400,
    type: 'badSignatureAlgorithm',
  },
  { name: 'an HMAC', flaws: { header: { alg: 'HS256' } }, status: 400, type: 'badSignatureAlgorithm' },
  {
    name: 'an algorithm that is not the key’s',
    flaws: { header: { alg: 'RS256' } },
    status: 400,
    type: 'malformed',
  },
  { name: 'both kid and jwk', flaws: { header: { jwk: jwkOf(client.key) } }, status: 400, type: 'malformed' },
  { name: 'neither kid nor jwk', flaws: { header: { kid: undefined } }, status: 400, type: 'malformed' },
  {
    name: 'a jwk where an account is needed',
    flaws: { header: { kid: undefined, jwk: jwkOf(client.key) } },
    status: 400,
    type: 'malformed',
  },
  {
    name: 'a kid that is no account',
    flaws: { header: { kid: client.url('/account/00') } },
    status: 400,
    type: 'accountDoesNotExist',
  },
  {
    name: 'the signature of another key',
    flaws: () => ({ signWith: ecKey() }),
    status: 400,
    type: 'malformed',
  },
  { name: 'an unprotected header', flaws: { envelope: { header: {} } }, status: 400, type: 'malformed' },
  { name: 'several signatures', flaws: { envelope: { signatures: [] } }, status: 400, type: 'malformed' },
  {
    name: 'a payload that is not JSON',
    flaws: { envelope: { payload: 'AAAA' } },
    status: 400,
    type: 'malformed',
  },
  { name: 'a body that is not JSON', flaws: { body: '{' }, status: 400, type: 'malformed' },
  { name: 'a body that is too large', flaws: { body: 'x'.repeat(70_000) }, status: 413, type: 'malformed' },
  {
    name: 'another content type',
    flaws: { contentType: 'application/json' },
    status: 415,
    type: 'malformed',
  },
  { name: 'another method', flaws: { method: 'PUT' }, status: 405, type: 'malformed' },
]

for (const row of rows)
  t.test(`refuses ${row.name}`, async (t) => {
    const flaws = typeof row.flaws === 'function' ? await row.flaws() : row.flaws
    const answer = await client.post('/new-order', order, flaws)
    t.equal(answer.status, row.status)
    t.equal(problemType(answer), row.type)
    t.equal(answer.headers['content-type'], 'application/problem+json')
    t.type(answer.json['detail'], 'string')
  })

t.test('takes a nonce once', async (t) => {
  const nonce = await client.nonce()
  t.equal((await client.post('/new-order', order, { header: { nonce } })).status, 201)
  const again = await client.post('/new-order', order, { header: { nonce } })
  t.equal(problemType(again), 'badNonce')
  t.type(again.headers['replay-nonce'], 'string', 'and gives another with the refusal (§6.5)')
})

t.test('names the algorithms that it would have taken', async (t) => {
  const answer = await client.post('/new-order', order, { header: { alg: 'EdDSA' } })
  t.same(answer.json['algorithms'], ['ES256', 'ES384', 'RS256'])
})

t.test('refuses weak, private and unknown account keys', async (t) => {
  const weak = await new RawClient(ca, rsaKey(1024)).register()
  t.equal(problemType(weak), 'badPublicKey')
  const key = ecKey()
  const published = await new RawClient(ca, key).post(
    '/new-account',
    {},
    {
      header: { jwk: key.privateKey.export({ format: 'jwk' }) },
    },
  )
  t.equal(problemType(published), 'badPublicKey')
  const unknown = await new RawClient(ca, key).post(
    '/new-account',
    {},
    { header: { jwk: { kty: 'oct', k: 'AA' } } },
  )
  t.equal(problemType(unknown), 'badPublicKey')
})

t.test('reads signed resources by POST-as-GET only', async (t) => {
  const location = String((await client.post('/new-order', order)).headers['location'])
  t.equal((await client.post(location, undefined)).status, 200)
  t.equal((await client.post(location, {})).status, 400)
  t.equal((await client.get(location)).status, 405)
})

t.test('refuses a key change that is not signed by the new key for this account', async (t) => {
  const rolling = new RawClient(ca)
  await rolling.register()
  const url = rolling.url('/key-change')
  const newKey = ecKey()
  const payload = { account: rolling.kid, oldKey: jwkOf(rolling.key) }
  const header = { alg: 'ES256', url, jwk: jwkOf(newKey) }
  const change = async (inner: object) => rolling.post('/key-change', inner)
  const faults = [
    signed(header, payload, ecKey()),
    signed({ ...header, url: ca.directoryUrl }, payload, newKey),
    signed({ ...header, nonce: 'AAAA' }, payload, newKey),
    signed(header, { ...payload, account: client.kid }, newKey),
    signed(header, { ...payload, oldKey: jwkOf(newKey) }, newKey),
  ]
  for (const inner of faults) t.equal(problemType(await change(inner)), 'malformed')
  const taken = await change(signed({ ...header, jwk: jwkOf(client.key) }, payload, client.key))
  t.equal(taken.status, 409)
  t.equal(taken.headers['location'], client.kid)
  t.equal((await change(signed(header, payload, newKey))).status, 200)
  t.equal(problemType(await rolling.post('/new-order', order)), 'malformed', 'the old key signs no more')
})
