import t from 'tap'
import fc from 'fast-check'
import { createPublicKey } from 'node:crypto'
import { newPrivateKey } from '../../src/acme/key.ts'
import { certificateId, nextRenewalInfo, type RenewalAnswer } from '../../src/acme/renewal-info.ts'
import type { RenewalInfoRecord } from '../../src/state/records.ts'
import { authority, leaf } from './fixtures/certificates.ts'

const now = Date.parse('2026-11-24T12:00:00Z')
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const certId = 'aki.serial'

/** RFC 9773 appendix A. */
const example = `-----BEGIN CERTIFICATE-----
MIIBQzCB66ADAgECAgUAh2VDITAKBggqhkjOPQQDAjAVMRMwEQYDVQQDEwpFeGFt
cGxlIENBMCIYDzAwMDEwMTAxMDAwMDAwWhgPMDAwMTAxMDEwMDAwMDBaMBYxFDAS
BgNVBAMTC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeBZu
7cbpAYNXZLbbh8rNIzuOoqOOtmxA1v7cRm//AwyMwWxyHz4zfwmBhcSrf47NUAFf
qzLQ2PPQxdTXREYEnKMjMCEwHwYDVR0jBBgwFoAUaYhba4dGQEHhs3uEe6CuLN4B
yNQwCgYIKoZIzj0EAwIDRwAwRAIge09+S5TZAlw5tgtiVvuERV6cT4mfutXIlwTb
+FYN/8oCIClDsqBklhB9KAelFiYt9+6FDj3z4KGVelYM5MdsO3pK
-----END CERTIFICATE-----
`

t.equal(certificateId(example), 'aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE', 'the id of the example of RFC 9773')

t.test('the id of a chain is that of its leaf, in the bytes of the certificate', async (t) => {
  const ca = await authority('Some CA')
  const publicKey = createPublicKey(await newPrivateKey('ecdsa-p256'))
  for (const serialNumber of ['7f', '00ff', '0102030405060708090a0b0c0d0e0f10']) {
    const pem = await leaf(ca, { publicKey, domains: ['a.example.com'], serialNumber })
    const [keyIdentifier = '', serial = ''] = (certificateId(pem + ca.pem) ?? '').split('.')
    t.equal(Buffer.from(serial, 'base64url').toString('hex'), serialNumber)
    t.equal(Buffer.from(keyIdentifier, 'base64url').toString('hex'), ca.keyId)
  }
  t.equal(certificateId(ca.pem), undefined, 'a root has no AKI here')
  t.equal(certificateId('no PEM'), undefined)
})

const window = { start: now + 10 * day, end: now + 12 * day }
const ok = (extra: object = {}, own = window): RenewalAnswer => ({ ok: { window: own, ...extra } })

interface Row {
  readonly previous?: RenewalInfoRecord
  readonly answer: RenewalAnswer
  readonly lifetimeMs?: number
  readonly random?: number
  readonly expected: Partial<RenewalInfoRecord> | Record<string, undefined>
}

const before: RenewalInfoRecord = {
  certId,
  window,
  chosenAt: now + 11 * day,
  checkedAt: now - 6 * hour,
  askAgainAt: now,
}

const rows: Record<string, Row> = {
  'the first answer: a random moment in the window': {
    answer: ok(),
    random: 0.25,
    expected: { window, chosenAt: now + 10.5 * day, checkedAt: now, askAgainAt: now + 6.15 * hour },
  },
  'the moment stays while the window holds it': {
    previous: before,
    answer: ok({}, { start: now + 10.9 * day, end: now + 20 * day }),
    random: 0.9,
    expected: { chosenAt: now + 11 * day },
  },
  'a window that moved away: chosen anew': {
    previous: before,
    answer: ok({}, { start: now + day, end: now + 2 * day }),
    expected: { chosenAt: now + 1.5 * day },
  },
  'a moment of another certificate is not kept': {
    previous: { ...before, certId: 'other.serial' },
    answer: ok(),
    random: 0,
    expected: { certId, chosenAt: now + 10 * day },
  },
  'a window that has passed means now': {
    previous: before,
    answer: ok({}, { start: now - 2 * day, end: now - day }),
    expected: { chosenAt: now },
  },
  'and goes on meaning the same moment': {
    previous: { ...before, chosenAt: now - minute },
    answer: ok({}, { start: now - 2 * day, end: now - day }),
    expected: { chosenAt: now - minute },
  },
  'a window that has begun may give a moment that has passed': {
    answer: ok({}, { start: now - day, end: now + day }),
    random: 0.1,
    expected: { chosenAt: now - 0.8 * day },
  },
  'the explanation is kept': {
    answer: ok({ explanationUrl: 'https://ca.example/why' }),
    expected: { window: { ...window, explanationUrl: 'https://ca.example/why' } },
  },
  'Retry-After says when to ask again': {
    answer: ok({ retryAfterMs: 2 * hour }),
    random: 0,
    expected: { askAgainAt: now + 2 * hour },
  },
  'at least twice a day, whatever Retry-After says': {
    answer: ok({ retryAfterMs: 30 * day }),
    random: 0.9,
    expected: { askAgainAt: now + 12 * hour },
  },
  'at most once a minute, whatever Retry-After says': {
    answer: ok({ retryAfterMs: 0 }),
    random: 0,
    expected: { askAgainAt: now + minute },
  },
  'a life of a day: ten times in it': {
    answer: ok(),
    lifetimeMs: day,
    expected: { askAgainAt: now + 2.4 * hour },
  },
  'a life of two minutes: even sooner than once a minute': {
    answer: ok({ retryAfterMs: minute }),
    lifetimeMs: 2 * minute,
    expected: { askAgainAt: now + 12_000 },
  },
  'an error keeps window and moment, and asks again in an hour': {
    previous: before,
    answer: { error: 'CaOverloaded: busy' },
    random: 0,
    expected: { ...before, askAgainAt: now + hour, error: 'CaOverloaded: busy' },
  },
  'an error with a moment of the CA': {
    previous: before,
    answer: { error: 'busy', retryAt: now + 3 * hour },
    random: 0,
    expected: { askAgainAt: now + 3 * hour },
  },
  'the first answer is an error': {
    answer: { error: 'busy' },
    random: 0,
    expected: { window: undefined, chosenAt: undefined, checkedAt: now, askAgainAt: now + hour },
  },
  'a window that ends before it starts is an error': {
    previous: before,
    answer: ok({}, { start: now, end: now }),
    expected: { window, chosenAt: now + 11 * day, error: 'the window ends before it starts' },
  },
  'a good answer takes the error away': {
    previous: { ...before, error: 'busy' },
    answer: ok(),
    expected: { error: undefined },
  },
}

for (const [name, { previous, answer, lifetimeMs = 90 * day, random = 0.5, expected }] of Object.entries(
  rows,
)) {
  t.match(nextRenewalInfo({ previous, certId, answer, lifetimeMs, now, random }), expected, name)
}

t.test('the moment is in the window and the next question within half a day, for every answer', async (t) => {
  const moment = fc.integer({ min: 0, max: 4e12 })
  fc.assert(
    fc.property(
      fc.record({ start: moment, end: moment }),
      fc.option(fc.integer({ min: -1e9, max: 1e12 }), { nil: undefined }),
      fc.integer({ min: 1, max: 1e12 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (own, retryAfterMs, lifetimeMs, random) => {
        const answer = ok(retryAfterMs === undefined ? {} : { retryAfterMs }, own)
        const record = nextRenewalInfo({ previous: undefined, certId, answer, lifetimeMs, now, random })
        const wait = record.askAgainAt - now
        if (wait < 1_000 || wait > 12 * hour || !Number.isInteger(record.askAgainAt)) return false
        if (own.end <= own.start) return record.error !== undefined
        const chosen = record.chosenAt ?? -1
        return (chosen >= own.start && chosen <= own.end) || (own.end <= now && chosen === now)
      },
    ),
  )
  t.pass()
})
