import fc from 'fast-check'
import t from 'tap'
import type { CertificateWorld } from '../../src/certificate/plan.ts'
import type { CertificateStatus } from '../../src/status/snapshot.ts'
import {
  attemptRecord,
  certificate,
  day,
  desired,
  failure,
  hold,
  hour,
  leaf,
  now,
  record,
  renewalInfo,
  storedPair,
  unissued,
} from '../certificate/fixtures/builders.ts'
import { only, status } from './fixtures/built.ts'

t.test('a certificate in full', async (t) => {
  const told = failure({
    reason: 'AcmeDns',
    detail: 'NXDOMAIN',
    identifier: 'book.example.com',
    helpUrl: 'https://h.example/',
  })
  const { reason, detail, identifier, helpUrl } = told
  const each = certificate({
    desired: desired({ renewal: { ari: true }, profiles: { main: 'classic' }, redirectStatus: 308 }),
    stored: { pair: storedPair({ profile: 'classic' }), leaf: leaf() },
    record: record({
      renewalInfo: renewalInfo({
        window: { start: now + day, end: now + 2 * day, explanationUrl: 'https://e.example/' },
      }),
      wantedToInstalledSeconds: 4.2,
      failures: 1,
      attempts: [
        attemptRecord({
          at: now - 3,
          endedAt: now - 1,
          outcome: 'failed',
          failure: {
            reason,
            detail,
            ...(identifier && { identifier }),
            ...(helpUrl && { helpUrl }),
            retryAt: now,
          },
        }),
        attemptRecord({ at: now - day, endedAt: now - day + 1, outcome: 'issued' }),
      ],
    }),
  })
  t.match(only(each), {
    name: 'book',
    domains: ['book.example.com'],
    issuer: 'main',
    current: {
      serial: '7F01',
      issuedBy: 'Test Issuer',
      issuer: 'main',
      notBefore: now - 30 * day,
      notAfter: now + 60 * day,
      keyType: 'ecdsa-p256',
      profile: 'classic',
    },
    renewal: {
      at: now + 11 * day,
      source: 'ari',
      window: { start: now + day, end: now + 2 * day, explanationUrl: 'https://e.example/' },
    },
    redirectStatus: 308,
    failures: 1,
    wantedToInstalledSeconds: 4.2,
    nextAt: now + 5 * hour,
  })
  t.same(only(each).attempts, [
    {
      at: now - 3,
      endedAt: now - 1,
      why: 'Missing',
      issuer: 'main',
      outcome: 'failed',
      failure: { reason, detail, identifier, helpUrl },
    },
    { at: now - day, endedAt: now - day + 1, why: 'Missing', issuer: 'main', outcome: 'issued' },
  ])
})

t.test('what is not known is absent', async (t) => {
  const rows: readonly { name: string; certificate: CertificateWorld; member: keyof CertificateStatus }[] = [
    { name: 'no pair: nothing current', certificate: unissued(), member: 'current' },
    { name: 'no pair: no renewal', certificate: unissued(), member: 'renewal' },
    { name: 'never installed: no seconds', certificate: unissued(), member: 'wantedToInstalledSeconds' },
    {
      name: 'wanted again: not the seconds of the last time',
      certificate: certificate({ record: record({ wantedToInstalledSeconds: 3, wantedSince: now }) }),
      member: 'wantedToInstalledSeconds',
    },
    { name: 'an act under way: no moment', certificate: certificate({ running: true }), member: 'nextAt' },
  ]
  for (const { name, certificate, member } of rows) {
    t.test(name, async (t) => t.equal(member in only(certificate), false))
  }
  const ariOff = certificate({ record: record({ renewalInfo: renewalInfo() }) })
  t.equal(only(ariOff).renewal?.window, undefined, 'a window is not shown when it does not count')
})

t.test('the issuer shown is the one that the next order goes to', async (t) => {
  const two = desired({ fallbackIssuer: 'other' })
  t.equal(only(unissued({ desired: two, record: record({ failures: 3 }) })).issuer, 'other')
  t.equal(only(unissued({ desired: two }), { holds: new Map([['main', [hold()]]]) }).issuer, 'other')
})

t.test('limits in force', async (t) => {
  const holds = new Map([
    ['main', [hold({ until: now + day }), hold({ until: now })]],
    [
      'other',
      [
        hold({ kind: 'registeredDomain', value: 'example.com' }),
        hold({ kind: 'identifierSet', value: 'x'.repeat(9_000) }),
      ],
    ],
  ])
  const shown = status([], { holds }).holds
  t.match(shown, [
    {
      issuer: 'main',
      covers: 'issuer',
      until: now + day,
      reason: 'AcmeRateLimited',
      detail: 'too many certificates',
    },
    { issuer: 'other', covers: 'registeredDomain example.com' },
    { issuer: 'other', covers: /^identifierSet x{280,}$/ },
  ])
  t.equal(shown.length, 3, 'one that has ended is none')
  t.equal(
    shown.every(({ covers }) => covers.length <= 300),
    true,
  )
})

t.test('a record that cannot be read is shown beside the others', async (t) => {
  const { certificates } = status([certificate()], {}, [['torn', 'is not JSON (torn or foreign)']])
  t.match(certificates, [
    { name: 'book', state: 'ready' },
    {
      name: 'torn',
      state: 'missing',
      reason: 'StoreFailed',
      next: /^Its record in the store is not JSON.*move the record away/,
    },
  ])
})

t.test('no key is in a status, whatever the records hold', async (t) => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9+/]{40,60}$/), (secret) => {
      const pair = storedPair({ keyPem: secret })
      const all = [
        certificate({ stored: { pair, leaf: leaf() }, record: record({ pairs: [pair] }) }),
        unissued({ record: record({ placeholder: { chainPem: 'c', keyPem: secret } }) }),
      ]
      return !JSON.stringify(status(all)).includes(secret)
    }),
    { numRuns: 20 },
  )
  t.match(status([]), {
    at: now,
    version: '1.2.3',
    certificates: [],
    worker: { role: 'leader' },
    store: { tokens: 2 },
  })
})
