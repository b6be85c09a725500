import t from 'tap'
import { createPublicKey, X509Certificate } from 'node:crypto'
import { csr, newPrivateKey } from '../../src/acme/key.ts'
import { accountKeyPem, bench, failureOf, signal } from './fixtures/bench.ts'
import { thumbprintOf } from './fixtures/jws.ts'

const certificateKeyPem = await newPrivateKey('ecdsa-p256')
const domains = ['book.example.com', '2001:DB8::1']

t.test('goes from nothing to a certificate, with one nonce request', async (t) => {
  const { client, fake, requests } = await bench(t)
  t.equal(client.accountUrl(), undefined)
  const account = await client.register({ email: 'ops@example.com' }, signal)
  t.equal(client.accountUrl(), account.url)
  t.strictSame(fake.accounts.get(account.url)?.contact, ['mailto:ops@example.com'])

  const order = await client.newOrder({ identifiers: domains }, signal)
  t.match(order, { status: 'pending', url: /\/order\/1$/, expires: Date.parse('2030-01-01T00:00:00Z') })
  const sent = fake.seen.find(({ path }) => path === '/new-order')
  t.strictSame(sent?.payload, {
    identifiers: [
      { type: 'dns', value: 'book.example.com' },
      { type: 'ip', value: '2001:db8::1' },
    ],
  })

  const request = await csr(certificateKeyPem, domains)
  t.match(await failureOf(client.finalize(order, request, signal)), { reason: 'AcmeOrderNotReady' })
  const authorizations = await Promise.all(
    order.authorizations.map((url) => client.authorization(url, signal)),
  )
  t.match(authorizations[0], {
    identifier: 'book.example.com',
    wildcard: false,
    status: 'pending',
    http01: { token: 'token-1-0', status: 'pending' },
    retryAfterMs: 3_000,
  })
  await Promise.all(authorizations.map(({ http01 }) => client.accept(http01?.url ?? '', signal)))
  t.equal((await client.authorization(order.authorizations[1] ?? '', signal)).status, 'valid')
  t.equal((await client.order(order.url, signal)).status, 'ready')

  const valid = await client.finalize(order, request, signal)
  t.match(valid, { url: order.url, status: 'valid', retryAfterMs: 7_000 })
  const { chainPem, alternates } = await client.certificate(valid.certificate ?? '', signal)
  t.match(new X509Certificate(chainPem).subjectAltName, /DNS:book\.example\.com, IP Address:2001:DB8:/)
  t.strictSame(alternates, [`${fake.url}/certificate/1/1`])

  await client.revoke({ chainPem, reason: 4 }, signal)
  t.match(await failureOf(client.revoke({ chainPem }, signal)), { reason: 'AcmeAlreadyRevoked' })
  t.match(
    await failureOf(client.revoke({ chainPem, certificateKeyPem }, signal)),
    { reason: 'AcmeAlreadyRevoked' },
    'also when signed by the key of the certificate',
  )
  t.equal(fake.count('/directory'), 1)
  t.ok(
    fake.count('/new-nonce') <= 2,
    'nonces are taken from answers; only what runs at once may ask for more',
  )
  t.ok(fake.seen.every(({ userAgent }) => userAgent === 'port80/test'))
  t.equal(requests.length, fake.seen.length, 'every request is told to the observer')
  t.strictSame(
    requests.filter(({ status }) => status === 403).map(({ action }) => action),
    ['finalize'],
  )
})

t.test('finds the account of a key, and says undefined when there is none', async (t) => {
  const { client } = await bench(t)
  t.equal(await client.findAccount(signal), undefined)
  const { url } = await client.register({}, signal)
  t.strictSame(await client.findAccount(signal), { url })
})

t.test('changes and removes the contact', async (t) => {
  const { client, fake } = await bench(t)
  const { url } = await client.register({ email: 'a@example.com' }, signal)
  await client.updateContact('b@example.com', signal)
  t.strictSame(fake.accounts.get(url)?.contact, ['mailto:b@example.com'])
  await client.updateContact(undefined, signal)
  t.strictSame(fake.accounts.get(url)?.contact, [])
})

t.test('binds the account to an external one', async (t) => {
  const hmacKey = Buffer.from('a secret of the CA').toString('base64url')
  const { client } = await bench(t, { externalAccountKey: hmacKey })
  t.equal((await client.directory(signal)).externalAccountRequired, true)
  t.match(await failureOf(client.register({}, signal)), { reason: 'AcmeExternalAccountRequired' })
  const wrong = { keyId: 'kid-1', hmacKey: Buffer.from('another').toString('base64url') }
  t.match(await failureOf(client.register({ externalAccount: wrong }, signal)), {
    reason: 'AcmeUnauthorized',
  })
  t.ok(await client.register({ externalAccount: { keyId: 'kid-1', hmacKey } }, signal))
})

for (const type of ['ecdsa-p256', 'ecdsa-p384', 'rsa-2048'] as const) {
  t.test(`signs with a ${type} account key and rolls over to another`, async (t) => {
    const { client, fake } = await bench(t, { accountKeyPem: await newPrivateKey(type) })
    const { url } = await client.register({}, signal)
    const newKeyPem = await newPrivateKey('ecdsa-p384')
    const jwk = createPublicKey(newKeyPem).export({ format: 'jwk' })
    t.not(client.thumbprint(), thumbprintOf(jwk))
    await client.rollOver(newKeyPem, signal)
    t.equal(client.thumbprint(), thumbprintOf(jwk))
    t.equal(fake.accounts.get(url)?.thumbprint, thumbprintOf(jwk))
    await client.updateContact('a@example.com', signal)
    t.strictSame(await client.findAccount(signal), { url }, 'the new key is the account’s')
  })
}

t.test('the thumbprint is RFC 7638’s', async (t) => {
  const { client } = await bench(t)
  t.equal(client.thumbprint(), thumbprintOf(createPublicKey(accountKeyPem).export({ format: 'jwk' })))
})

t.test('asks for renewal information unsigned', async (t) => {
  const { client, fake } = await bench(t)
  t.strictSame(await client.renewalInfo('aki.serial', signal), {
    window: { start: Date.parse('2030-01-01T00:00:00Z'), end: Date.parse('2030-01-02T00:00:00Z') },
    explanationUrl: 'https://ca.example/why',
    retryAfterMs: 21_600_000,
  })
  t.match(fake.seen.at(-1), { method: 'GET', path: '/renewal-info/aki.serial', header: undefined })
})

t.test('a CA without renewal information is not asked, nor told what is replaced', async (t) => {
  const { client, fake } = await bench(t, { renewalInfo: false })
  t.match(await failureOf(client.renewalInfo('aki.serial', signal)), {
    reason: 'CaAnswerUnusable',
    detail: /no renewal information/,
  })
  t.notOk(fake.seen.some(({ path }) => path.startsWith('/renewal-info')))
  await client.register({}, signal)
  await client.newOrder({ identifiers: ['a.example.com'], replaces: 'aki.serial' }, signal)
  t.strictSame(Object.keys(fake.seen.at(-1)?.payload ?? {}), ['identifiers'])
})

t.test('sends profile and replaces to a CA that has both', async (t) => {
  const { client, fake } = await bench(t, { profiles: { shortlived: 'six days' } })
  t.strictSame((await client.directory(signal)).profiles, ['shortlived'])
  await client.register({}, signal)
  const order = await client.newOrder(
    { identifiers: ['a.example.com'], profile: 'shortlived', replaces: 'aki.serial' },
    signal,
  )
  t.equal(order.profile, 'shortlived')
  t.match(fake.seen.at(-1)?.payload, { profile: 'shortlived', replaces: 'aki.serial' })
})

t.test('a profile that the CA does not list is refused before an order, after a fresh look', async (t) => {
  const { client, fake } = await bench(t, { profiles: { classic: '' } })
  await client.register({}, signal)
  t.match(await failureOf(client.newOrder({ identifiers: ['a.example.com'], profile: 'tls' }, signal)), {
    reason: 'AcmeInvalidProfile',
    detail: 'the CA offers no profile "tls"; it offers classic',
  })
  t.equal(fake.count('/directory'), 2)
  t.equal(fake.count('/new-order'), 0)
  fake.settings.profiles = { classic: '', tls: '' }
  t.ok(await client.newOrder({ identifiers: ['a.example.com'], profile: 'tls' }, signal))
})

t.test('finds the unfinished order for exactly these names', async (t) => {
  const { client } = await bench(t, { listOrders: true })
  await client.register({}, signal)
  for (const identifiers of [['a.example.com'], ['b.example.com', 'A.example.com'], ['c.example.com']]) {
    await client.newOrder({ identifiers }, signal)
  }
  const found = await client.unfinishedOrders(['a.example.com', 'b.example.com'], signal)
  t.match(found, [{ url: /\/order\/2$/, status: 'pending' }])
  t.strictSame(await client.unfinishedOrders(['d.example.com'], signal), [])
})

t.test('a CA that does not list orders has no unfinished ones to show', async (t) => {
  const { client } = await bench(t)
  await client.register({}, signal)
  await client.newOrder({ identifiers: ['a.example.com'] }, signal)
  t.strictSame(await client.unfinishedOrders(['a.example.com'], signal), [])
})

t.test('what the CA no longer knows is OrderLost', async (t) => {
  const { client, fake } = await bench(t)
  await client.register({}, signal)
  const gone = { url: `${fake.url}/order/99`, finalize: `${fake.url}/finalize/99` }
  const acts = [
    () => client.order(gone.url, signal),
    () => client.authorization(`${fake.url}/authz/99-0`, signal),
    () => client.finalize(gone, Buffer.from('csr'), signal),
    () => client.certificate(`${fake.url}/certificate/99`, signal),
  ]
  for (const act of acts) {
    t.match(await failureOf(act()), { reason: 'OrderLost', detail: 'No order for ID' })
  }
})

t.test('and so is what a 404 without a document is about', async (t) => {
  const { client, fake } = await bench(t)
  await client.register({}, signal)
  fake.fault = (_seen, response) => {
    response.writeHead(404).end('404 page not found')
    return true
  }
  t.match(await failureOf(client.order(`${fake.url}/order/1`, signal)), {
    reason: 'OrderLost',
    detail: 'the CA no longer knows the order',
  })
  t.match(await failureOf(client.newOrder({ identifiers: ['a.example.com'] }, signal)), {
    reason: 'CaAnswerUnusable',
  })
})

t.test('many requests run at once on one client', async (t) => {
  const { client, fake } = await bench(t)
  await client.register({}, signal)
  const names = Array.from({ length: 20 }, (_, index) => `n${index}.example.com`)
  const orders = await Promise.all(names.map((name) => client.newOrder({ identifiers: [name] }, signal)))
  t.equal(new Set(orders.map(({ url }) => url)).size, 20)
  const again = fake.count('/new-nonce')
  await Promise.all(orders.map(({ url }) => client.order(url, signal)))
  t.equal(fake.count('/new-nonce'), again, 'the nonces of the first twenty serve the next twenty')
})

t.test('an act before there is an account is a bug, and says so', async (t) => {
  const { client } = await bench(t)
  t.match(await failureOf(client.order('http://127.0.0.1/order/1', signal)), { reason: 'InternalError' })
})
