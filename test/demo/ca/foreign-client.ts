/** The test CA with acme-client, which knows nothing of it. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import https from 'node:https'
import path from 'node:path'
import * as acme from 'acme-client'
import t, { type Test } from 'tap'
import type { TestCaOptions } from '../../../demo/ca/options.ts'
import { startTestCa, type TestCa } from '../../../demo/ca/test-ca.ts'
import { foreignClient, obtain } from '../fixtures/foreign-client.ts'
import { startResponder, type Responder } from '../fixtures/responder.ts'

async function scene(
  t: Test,
  options: Partial<TestCaOptions> = {},
): Promise<{ ca: TestCa; responder: Responder; client: acme.Client }> {
  const responder = await startResponder()
  const ca = await startTestCa({ directory: t.testdir(), validationPort: responder.port, ...options })
  t.teardown(async () => {
    await ca.stop()
    await responder.stop()
  })
  const client = await foreignClient(ca)
  await client.createAccount({ termsOfServiceAgreed: true, contact: ['mailto:ops@example.test'] })
  return { ca, responder, client }
}

const leafOf = (chainPem: string) => new X509Certificate(chainPem)

t.test('issues a certificate for two names after asking for each token from three places', async (t) => {
  const { ca, responder, client } = await scene(t, { lifetimeSeconds: 240 })
  const names = ['hello.localhost', 'httpbin.localhost']
  const { chainPem, keyPem } = await obtain(client, responder, { names })
  const leaf = leafOf(chainPem)
  t.equal(leaf.subjectAltName, 'DNS:hello.localhost, DNS:httpbin.localhost')
  t.equal(leaf.validToDate.getTime() - leaf.validFromDate.getTime(), 240_000)
  t.match(leaf.issuer, /port80 TEST CA \w+ \(do not trust\)/)
  t.equal(chainPem.match(/BEGIN CERTIFICATE/g)?.length, 2, 'leaf and intermediate, without the root')
  t.ok(leaf.checkPrivateKey(createPrivateKey(keyPem)))
  t.equal(responder.asked.length, 6)
  t.same(
    new Set(responder.asked.map((each) => each.host)),
    new Set(names),
    'the Host has no port, as on port 80',
  )
  t.equal(new Set(responder.asked.map((each) => each.agent)).size, 3)
  t.match(ca.stats, { accounts: 1, orders: 1, validations: 2, failedValidations: 0, certificates: 1 })
})

t.test('makes chains that a TLS client verifies with the root', async (t) => {
  const { ca, responder, client } = await scene(t)
  const { chainPem, keyPem } = await obtain(client, responder, { names: ['book.localhost'] })
  const server = https.createServer({ cert: chainPem, key: keyPem }, (_, response) => response.end('hi'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  const get = (servername: string, trusted: string) =>
    new Promise<number | string>((resolve) => {
      https
        .get({ host: '127.0.0.1', port, servername, ca: trusted, agent: false }, (response) => {
          response.resume()
          resolve(response.statusCode ?? 0)
        })
        .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
    })
  t.equal(await get('book.localhost', ca.rootPem), 200)
  t.equal(await get('other.localhost', ca.rootPem), 'ERR_TLS_CERT_ALTNAME_INVALID')
  const stranger = await startTestCa({ directory: t.testdir({ other: {} }) + '/other' })
  t.teardown(() => stranger.stop())
  t.match(await get('book.localhost', stranger.rootPem), /UNABLE_TO_|SELF_SIGNED/)
})

t.test('issues for loopback addresses, for keys of each type, and by profile', async (t) => {
  const { responder, client } = await scene(t, {
    profiles: { brief: { description: 'for a minute', lifetimeSeconds: 60 } },
  })
  const onAddress = await obtain(client, responder, { names: ['127.0.0.1', 'a.localhost'] })
  t.equal(leafOf(onAddress.chainPem).subjectAltName, 'IP Address:127.0.0.1, DNS:a.localhost')
  const rsa = await obtain(client, responder, {
    names: ['rsa.localhost'],
    keyPem: await acme.crypto.createPrivateRsaKey(2048),
  })
  t.equal(leafOf(rsa.chainPem).publicKey.asymmetricKeyType, 'rsa')
  const p384 = await obtain(client, responder, {
    names: ['p384.localhost'],
    keyPem: await acme.crypto.createPrivateEcdsaKey('P-384'),
    extra: { profile: 'brief' },
  })
  const leaf = leafOf(p384.chainPem)
  t.equal(leaf.publicKey.asymmetricKeyDetails?.namedCurve, 'secp384r1')
  t.equal(leaf.validToDate.getTime() - leaf.validFromDate.getTime(), 60_000)
})

t.test('gets its certificate in spite of refused nonces, pauses and Retry-After', async (t) => {
  const { ca, responder, client } = await scene(t, {
    nonceRejectionRate: 0.3,
    validationPauseMs: 100,
    issuePauseMs: 100,
    pollRetryAfterSeconds: 1,
  })
  const { order } = await obtain(client, responder, { names: ['slow.localhost'] })
  t.equal((await client.getOrder(order)).status, 'valid')
  for (let count = 0; count < 40 && ca.stats.noncesRejected === 0; count += 1) await client.getOrder(order)
  t.not(ca.stats.noncesRejected, 0)
})

t.test('offers an alternate chain of another root, by its name', async (t) => {
  const { ca, responder, client } = await scene(t, { alternateRoots: 1 })
  const [alternateRoot = ''] = ca.alternateRootPems
  const preferredChain = /CN=(.*)/.exec(leafOf(alternateRoot).subject)?.[1] ?? ''
  const names = ['chain.localhost']
  const standard = await obtain(client, responder, { names })
  const preferred = await obtain(client, responder, { names, preferredChain })
  const intermediateOf = (pem: string) =>
    new X509Certificate(`-----BEGIN CERTIFICATE-----${pem.split('-----BEGIN CERTIFICATE-----')[2]}`)
  t.ok(intermediateOf(standard.chainPem).verify(leafOf(ca.rootPem).publicKey))
  t.ok(intermediateOf(preferred.chainPem).verify(leafOf(alternateRoot).publicKey))
  t.notOk(intermediateOf(preferred.chainPem).verify(leafOf(ca.rootPem).publicKey))
})

t.test('uses valid authorizations again only where it is told to', async (t) => {
  for (const [reuseAuthorizations, validations] of [
    [true, 1],
    [false, 2],
  ] as const) {
    const { ca, responder, client } = await scene(t, { reuseAuthorizations })
    await obtain(client, responder, { names: ['again.localhost'] })
    await obtain(client, responder, { names: ['again.localhost'] })
    t.equal(ca.stats.validations, validations, `reuse ${reuseAuthorizations}`)
  }
})

t.test('rolls the account key over: the new one works, the old one does not', async (t) => {
  const { responder, client, ca } = await scene(t)
  const oldKey = await acme.crypto.createPrivateEcdsaKey()
  const mine = await foreignClient(ca, oldKey)
  await mine.createAccount({ termsOfServiceAgreed: true })
  const url = mine.getAccountUrl()
  await mine.updateAccountKey(await acme.crypto.createPrivateEcdsaKey())
  await obtain(mine, responder, { names: ['rolled.localhost'] })
  t.equal(mine.getAccountUrl(), url)
  const stale = new acme.Client({ directoryUrl: ca.directoryUrl, accountKey: oldKey, accountUrl: url })
  await t.rejects(stale.updateAccount({}), /signature does not verify/)
  const lost = await foreignClient(ca, oldKey)
  await t.rejects(lost.createAccount({ onlyReturnExisting: true }), /No account has this key/)
  await t.resolves(client.updateAccount({ contact: ['mailto:new@example.test'] }), 'others are untouched')
})

t.test('goes on after a restart: accounts, orders in flight, certificates, and the same root', async (t) => {
  const directory = t.testdir()
  const responder = await startResponder()
  t.teardown(() => responder.stop())
  const first = await startTestCa({ directory, validationPort: responder.port })
  t.teardown(() => first.stop())
  const client = await foreignClient(first)
  await client.createAccount({ termsOfServiceAgreed: true })
  const names = ['restart.localhost']
  const before = await obtain(client, responder, { names })
  const order = await client.createOrder({ identifiers: [{ type: 'dns', value: 'flight.localhost' }] })
  await first.stop()
  const second = await startTestCa({ directory, port: first.port, validationPort: responder.port })
  t.teardown(() => second.stop())
  t.equal(second.rootPem, first.rootPem)
  t.equal((await client.getOrder(order)).status, 'pending')
  t.equal(await client.getCertificate(await client.getOrder(before.order)), before.chainPem)
  t.same(second.stats.orders, 0, 'the statistics are of this process')
  const [authorization] = await client.getAuthorizations(order)
  const challenge = authorization?.challenges[0]
  if (!challenge) throw new Error('no challenge')
  responder.tokens.set(challenge.token, await client.getChallengeKeyAuthorization(challenge))
  await client.completeChallenge(challenge)
  await client.waitForValidStatus(challenge)
})

t.test('forgets what ran out more than a day ago, when it starts', async (t) => {
  const directory = t.testdir()
  const now = Date.now()
  const first = await startTestCa({ directory })
  await first.stop()
  const past = { expiresAt: now - 90_000_000, authorizationIds: [] }
  const old = { id: 'old', notAfter: now - 90_000_000, ...past }
  const recent = { id: 'recent', notAfter: now - 1_000, certificateId: 'recent', ...past }
  const kinds = { certificates: [old, recent], orders: [old, recent], authorizations: [old] }
  await writeFile(path.join(directory, 'state.json'), JSON.stringify(kinds))
  const second = await startTestCa({ directory })
  t.teardown(() => second.stop())
  t.same([...second.state.certificates.keys()], ['recent'])
  t.same([...second.state.orders.keys()], ['recent'], 'the order of a certificate stays with it')
  t.equal(second.state.authorizations.size, 0)
})
