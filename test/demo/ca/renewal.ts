/** RFC 9773: renewal information, and orders that replace. Revocation, which moves the window. */
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import t from 'tap'
import { certificateId } from '../../../demo/ca/certificate-id.ts'
import { renewalWindow } from '../../../demo/ca/renewal-window.ts'
import type { Certificate } from '../../../demo/ca/state.ts'
import { startTestCa } from '../../../demo/ca/test-ca.ts'
import { foreignClient, obtain } from '../fixtures/foreign-client.ts'
import { problemType, RawClient, type Key } from '../fixtures/raw-client.ts'
import { startResponder } from '../fixtures/responder.ts'

const responder = await startResponder()
const ca = await startTestCa({
  directory: t.testdir(),
  validationPort: responder.port,
  lifetimeSeconds: 240,
  renewalWindow: { afterSeconds: 60, forSeconds: 30 },
  renewalRetryAfterSeconds: 15,
})
t.teardown(async () => {
  await ca.stop()
  await responder.stop()
})
const client = await foreignClient(ca)
await client.createAccount({ termsOfServiceAgreed: true })
const raw = new RawClient(ca)
await raw.register()

const issue = async (names: string[], extra: object = {}) => {
  const { chainPem, keyPem, order } = await obtain(client, responder, { names, extra })
  return { order, chainPem, keyPem, leaf: new X509Certificate(chainPem), certId: certificateId(chainPem) }
}
const windowOf = async (certId: string) => {
  const answer = await raw.get(`/renewal-info/${certId}`)
  const window = answer.json['suggestedWindow'] as { start: string; end: string }
  return { answer, start: Date.parse(window.start), end: Date.parse(window.end) }
}

t.test('tells anybody the window, and when to ask again', async (t) => {
  const { leaf, certId } = await issue(['ari.localhost'])
  const { answer, start, end } = await windowOf(certId)
  t.equal(answer.headers['retry-after'], '15')
  t.equal(start, leaf.validFromDate.getTime() + 60_000)
  t.equal(end, start + 30_000)
})

t.test('names a certificate as RFC 9773 does, for serials with and without a leading zero', async (t) => {
  const tops = new Set<boolean>()
  for (let count = 0; count < 40 && tops.size < 2; count += 1) {
    const { leaf, certId } = await issue([`s${count}.localhost`])
    const high = parseInt(leaf.serialNumber.slice(0, 2), 16) > 0x7f
    tops.add(high)
    const [, serial = ''] = certId.split('.')
    const content = Buffer.from(serial, 'base64url').toString('hex').toUpperCase()
    t.equal(content, high ? `00${leaf.serialNumber}` : leaf.serialNumber)
    t.ok(leaf.raw.includes(Buffer.from(content, 'hex')), 'the same bytes are in the certificate')
    t.equal((await windowOf(certId)).answer.status, 200)
  }
  t.equal(tops.size, 2)
})

t.test('moves a window on demand, by serial or by id', async (t) => {
  const { leaf, certId } = await issue(['moved.localhost'])
  const window = { start: 1_000, end: 2_000, explanationUrl: 'https://localhost/why' }
  ca.setRenewalWindow(leaf.serialNumber, window)
  const moved = await windowOf(certId)
  t.match(moved, { start: 1_000, end: 2_000, answer: { json: { explanationURL: 'https://localhost/why' } } })
  ca.setRenewalWindow(certId, { start: 3_000, end: 4_000 })
  t.match(await windowOf(certId), { start: 3_000, end: 4_000 })
  t.throws(() => ca.setRenewalWindow('00', window), /has issued no certificate 00/)
})

t.test('knows only its own certificates', async (t) => {
  t.equal((await raw.get('/renewal-info/AAAA.BBBB')).status, 404)
  t.equal(problemType(await raw.get('/renewal-info/AAAA')), 'malformed')
})

t.test('lets an order replace a certificate once', async (t) => {
  const first = await issue(['old.localhost'])
  const second = await issue(['old.localhost'], { replaces: first.certId })
  t.match(second.order, { replaces: first.certId })
  await t.rejects(
    issue(['old.localhost'], { replaces: first.certId }),
    /has replaced that certificate already/,
  )
  await t.resolves(issue(['old.localhost'], { replaces: second.certId }))
  const order = { identifiers: [{ type: 'dns', value: 'old.localhost' }] }
  const foreign = await raw.post('/new-order', { ...order, replaces: second.certId })
  t.match([foreign.status, problemType(foreign)], [403, 'unauthorized'])
  const unknown = await raw.post('/new-order', { ...order, replaces: 'AAAA.BBBB' })
  t.equal(problemType(unknown), 'malformed')
  const unreadable = await raw.post('/new-order', { ...order, replaces: 'old.localhost' })
  t.equal(problemType(unreadable), 'malformed')
})

t.test('answers alreadyReplaced as a conflict', async (t) => {
  const mine = new RawClient(ca, accountKeyOf(client))
  await mine.register()
  const { certId } = await issue(['conflict.localhost'])
  const order = { identifiers: [{ type: 'dns', value: 'conflict.localhost' }], replaces: certId }
  t.equal((await mine.post('/new-order', order)).status, 201)
  const again = await mine.post('/new-order', order)
  t.match([again.status, problemType(again)], [409, 'alreadyReplaced'])
})

t.test('revokes for its account and for its key, once, and wants it replaced at once', async (t) => {
  const { chainPem, certId } = await issue(['revoked.localhost'])
  const certificate = new X509Certificate(chainPem).raw.toString('base64url')
  const mine = new RawClient(ca, accountKeyOf(client))
  await mine.register()
  const stranger = await raw.post('/revoke-cert', { certificate })
  t.match([stranger.status, problemType(stranger)], [403, 'unauthorized'])
  const unsaid = await mine.post('/revoke-cert', { certificate, reason: 7 })
  t.match(problemType(unsaid), 'badRevocationReason')
  await client.revokeCertificate(chainPem, { reason: 4 })
  await t.rejects(client.revokeCertificate(chainPem, { reason: 4 }), /revoked before/)
  t.ok((await windowOf(certId)).end < Date.now())

  const other = await issue(['key.localhost'])
  const privateKey = createPrivateKey(other.keyPem)
  const holder = new RawClient(ca, { privateKey, publicKey: createPublicKey(privateKey), alg: 'RS256' })
  const der = other.leaf.raw.toString('base64url')
  t.equal((await holder.post('/revoke-cert', { certificate: der })).status, 200)
  t.equal((await raw.post('/revoke-cert', { certificate: 'AAAA' })).status, 400)
})

t.test('lets an account revoke that has proved every name, and no other', async (t) => {
  const { chainPem } = await issue(['p.localhost', 'q.localhost'])
  const heir = await foreignClient(ca)
  await heir.createAccount({ termsOfServiceAgreed: true })
  await obtain(heir, responder, { names: ['p.localhost'] })
  await t.rejects(heir.revokeCertificate(chainPem), /Neither the account nor the key/)
  await obtain(heir, responder, { names: ['q.localhost'] })
  await t.resolves(heir.revokeCertificate(chainPem))
})

const at = 1_800_000_000_000
const rule = { startedAt: at + 100_000 }
const early = { ...rule, earlyRenewal: { afterSeconds: 45, forSeconds: 30 } }
const certificate = { notBefore: at, notAfter: at + 600_000 } as Certificate

const windows: readonly {
  name: string
  given?: Certificate
  by?: Parameters<typeof renewalWindow>[1]
  now?: number
  expected: readonly [start: number, end: number]
}[] = [
  { name: 'from two thirds of the lifetime', expected: [400_000, 430_000] },
  {
    name: 'where it was told',
    by: { ...rule, renewalWindow: { afterSeconds: 60, forSeconds: 30 } },
    expected: [60_000, 90_000],
  },
  {
    name: 'before the end of the certificate',
    by: { ...rule, renewalWindow: { afterSeconds: 9_999, forSeconds: 30 } },
    expected: [569_000, 599_000],
  },
  {
    name: 'in the past for a revoked one',
    given: { ...certificate, revokedAt: at + 9_000 },
    expected: [7_000, 8_000],
  },
  {
    name: 'as usual before the early renewal has begun',
    by: early,
    now: at + 144_999,
    expected: [400_000, 430_000],
  },
  { name: 'early once it has', by: early, now: at + 145_000, expected: [145_000, 175_000] },
  {
    name: 'as usual for a certificate from after that',
    given: { ...certificate, notBefore: at + 145_000 },
    by: early,
    now: at + 200_000,
    expected: [448_333, 471_083],
  },
  {
    name: 'as usual when that is earlier still',
    by: { ...early, startedAt: at + 500_000 },
    now: at + 545_000,
    expected: [400_000, 430_000],
  },
]
for (const { name, given = certificate, by = rule, now = at, expected } of windows)
  t.test(`places the window ${name}`, async (t) => {
    const { start, end } = renewalWindow(given, by, now)
    t.same([Math.floor(start - at), Math.floor(end - at)], expected)
  })

/** The account key of an acme-client, to sign by hand with. */
function accountKeyOf(of: typeof client): Key {
  const { accountKey } = (of as unknown as { opts: { accountKey: Buffer } }).opts
  const privateKey = createPrivateKey(accountKey)
  return { privateKey, publicKey: createPublicKey(privateKey), alg: 'ES256' }
}
