/** RFC 8555 §7.4: which orders are taken, and which requests for signature. */
import * as acme from 'acme-client'
import t from 'tap'
import { startTestCa } from '../../../demo/ca/test-ca.ts'
import { authorize, foreignClient, obtain } from '../fixtures/foreign-client.ts'
import { problemType, RawClient } from '../fixtures/raw-client.ts'
import { startResponder } from '../fixtures/responder.ts'

const responder = await startResponder()
const ca = await startTestCa({ directory: t.testdir(), validationPort: responder.port })
t.teardown(async () => {
  await ca.stop()
  await responder.stop()
})
const raw = new RawClient(ca)
await raw.register()
const dns = (value: string) => ({ type: 'dns', value })

const refusals: readonly { name: string; payload: object; type: string; status?: number }[] = [
  { name: 'a public name', payload: { identifiers: [dns('example.com')] }, type: 'rejectedIdentifier' },
  {
    name: 'a public address',
    payload: { identifiers: [{ type: 'ip', value: '192.0.2.1' }] },
    type: 'rejectedIdentifier',
  },
  { name: 'a wildcard', payload: { identifiers: [dns('*.localhost')] }, type: 'malformed' },
  { name: 'a name that is no DNS name', payload: { identifiers: [dns('a b.localhost')] }, type: 'malformed' },
  { name: 'an address as a DNS name', payload: { identifiers: [dns('127.0.0.1')] }, type: 'malformed' },
  {
    name: 'a name as an address',
    payload: { identifiers: [{ type: 'ip', value: 'localhost' }] },
    type: 'malformed',
  },
  {
    name: 'another type',
    payload: { identifiers: [{ type: 'email', value: 'a@b' }] },
    type: 'unsupportedIdentifier',
  },
  { name: 'no identifiers', payload: { identifiers: [] }, type: 'malformed' },
  {
    name: 'a profile that is not offered',
    payload: { identifiers: [dns('a.localhost')], profile: 'x' },
    type: 'invalidProfile',
  },
  {
    name: 'dates of the client’s choice',
    payload: { identifiers: [dns('a.localhost')], notAfter: 'x' },
    type: 'malformed',
  },
]

for (const row of refusals)
  t.test(`refuses ${row.name}`, async (t) => {
    const answer = await raw.post('/new-order', row.payload)
    t.equal(answer.status, 400)
    t.equal(problemType(answer), row.type)
  })

t.test('says in plain words what it issues for', async (t) => {
  const answer = await raw.post('/new-order', { identifiers: [dns('book.example.com')] })
  t.match(answer.json['detail'], /This is a test CA: it issues for localhost.*not for "book\.example\.com"/)
  t.same(answer.json['identifier'], dns('book.example.com'))
})

t.test('lists every refused identifier in one problem', async (t) => {
  const answer = await raw.post('/new-order', {
    identifiers: [dns('a.example.com'), dns('ok.localhost'), dns('b.example.com')],
  })
  const subproblems = answer.json['subproblems'] as { identifier: object }[]
  t.same(
    subproblems.map((each) => each.identifier),
    [dns('a.example.com'), dns('b.example.com')],
  )
})

t.test('folds case and repeated names, and echoes the profile', async (t) => {
  const answer = await raw.post('/new-order', {
    identifiers: [dns('A.localhost'), dns('a.localhost')],
    profile: 'shortlived',
  })
  t.match(answer.json, { status: 'pending', identifiers: [dns('a.localhost')], profile: 'shortlived' })
  t.equal((answer.json['identifiers'] as unknown[]).length, 1)
})

t.test('does not finalize before the names are proved', async (t) => {
  const answer = await raw.post('/new-order', { identifiers: [dns('early.localhost')] })
  const [, csr] = await acme.crypto.createCsr({ altNames: ['early.localhost'] })
  const finalize = String(answer.json['finalize'])
  const early = await raw.post(finalize, { csr: derOf(csr).toString('base64url') })
  t.equal(problemType(early), 'orderNotReady')
  t.equal(early.status, 403)
})

t.test('signs only a request that is exactly the order', async (t) => {
  const accountKey = await acme.crypto.createPrivateEcdsaKey()
  const mine = await foreignClient(ca, accountKey)
  await mine.createAccount({ termsOfServiceAgreed: true })
  const order = await mine.createOrder({ identifiers: [dns('a.localhost'), dns('b.localhost')] })
  await authorize(mine, responder, order)
  const names = ['a.localhost', 'b.localhost']
  const make = async (altNames: string[], key?: Buffer, commonName?: string) =>
    (await acme.crypto.createCsr({ altNames, ...(commonName && { commonName }) }, key))[1]
  const good = await make(names)
  const broken = Buffer.from(derOf(good))
  broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 1
  const rows: readonly (readonly [string, Buffer, RegExp])[] = [
    ['with a name missing', await make(['a.localhost']), /lacks dns b\.localhost/],
    ['with a name too many', await make([...names, 'c.localhost']), /does not have dns c\.localhost/],
    ['with a foreign common name', await make(names, undefined, 'x.localhost'), /does not have/],
    ['with the account key', await make(names, accountKey), /key of the account/],
    [
      'with a small RSA key',
      await make(names, await acme.crypto.createPrivateRsaKey(1024)),
      /Keys are ECDSA/,
    ],
    [
      'with a P-521 key',
      await make(names, await acme.crypto.createPrivateEcdsaKey('P-521')),
      /Keys are ECDSA/,
    ],
    ['whose signature is broken', pemOf(broken), /signature of the request does not verify/],
    ['that is none', pemOf(Buffer.from('hello')), /not PKCS #10/],
  ]
  for (const [name, csr, detail] of rows) await t.rejects(mine.finalizeOrder(order, csr), detail, name)
  const finalized = await mine.finalizeOrder(order, good)
  t.equal(finalized.status, 'valid', 'and the order is still good after all of these')
  await t.rejects(mine.finalizeOrder(order, good), /valid, not ready/)
})

t.test('strikes with a forced failure at its place, for as often as told', async (t) => {
  const client = await foreignClient(ca)
  await client.createAccount({ termsOfServiceAgreed: true })
  const names = ['sick.localhost']
  ca.fail('sick.localhost', {
    at: 'newOrder',
    type: 'rateLimited',
    detail: 'too many',
    retryAfterSeconds: 7,
    times: 1,
  })
  const limited = await raw.post('/new-order', { identifiers: [dns('sick.localhost')] })
  t.match([limited.status, limited.headers['retry-after'], problemType(limited)], [429, '7', 'rateLimited'])
  await t.resolves(obtain(client, responder, { names }), 'once only')
  ca.fail('sick.localhost', { at: 'validation', type: 'caa', detail: 'CAA says no' })
  await t.rejects(obtain(client, responder, { names }))
  const failed = [...ca.state.authorizations.values()].at(-1)
  t.match(failed?.challenge.error, { type: /caa$/, detail: 'CAA says no' })
  ca.fail('sick.localhost', { at: 'finalize', type: 'serverInternal', detail: 'out of ink' })
  await t.rejects(obtain(client, responder, { names }), /out of ink/)
  ca.heal('sick.localhost')
  await t.resolves(obtain(client, responder, { names }))
})

function derOf(pem: Buffer): Buffer {
  return Buffer.from(pem.toString().replace(/-----[^-]+-----|\s/g, ''), 'base64')
}

function pemOf(der: Buffer): Buffer {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return Buffer.from(
    ['-----BEGIN CERTIFICATE REQUEST-----', ...lines, '-----END CERTIFICATE REQUEST-----', ''].join('\n'),
  )
}
