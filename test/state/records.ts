import fc from 'fast-check'
import t from 'tap'
import type { z } from 'zod'
import {
  accountRecord,
  certificateRecord,
  emptyCertificateRecord,
  holdsRecord,
  readRecord,
  requestRecord,
} from '../../src/state/records.ts'
import {
  attemptRecord,
  failure,
  hold,
  inFlight,
  now,
  record,
  renewalInfo,
  storedPair,
} from '../certificate/fixtures/builders.ts'

const secret = 'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg'
const full = record({
  wantedSince: now,
  wantedToInstalledSeconds: 1.5,
  pairs: [
    storedPair({ profile: 'classic', orderUrl: 'https://main.example/order/1', revokedAt: now }),
    storedPair(),
  ],
  placeholder: { chainPem: 'c', keyPem: secret },
  inFlight: inFlight({ profile: 'classic', replaces: 'aki.serial' }),
  renewalInfo: renewalInfo({ error: 'CaTimedOut: …' }),
  failures: 2,
  failingIssuer: 'main',
  notBefore: now,
  stoppedFor: 'a',
  primaryStoppedFor: 'b',
  failedFor: 'c',
  attempts: [
    attemptRecord({
      outcome: 'failed',
      failure: failure({ identifier: 'a', retryAt: now, helpUrl: 'https://h/' }),
    }),
  ],
})
const account = { v: 1, directory: 'https://main.example/', keyPem: secret, createdAt: now }

const whole: readonly { name: string; schema: z.ZodType; record: object }[] = [
  {
    name: 'a certificate that nothing is known of',
    schema: certificateRecord,
    record: emptyCertificateRecord,
  },
  { name: 'a certificate with everything', schema: certificateRecord, record: full },
  { name: 'an account before it is registered', schema: accountRecord, record: account },
  {
    name: 'an account in a roll-over',
    schema: accountRecord,
    record: {
      ...account,
      url: 'https://main.example/account/1',
      email: 'a@example.com',
      externalAccountKeyId: 'k',
      nextKeyPem: secret,
    },
  },
  {
    name: 'limits',
    schema: holdsRecord,
    record: { v: 1, holds: [hold(), hold({ kind: 'identifier', value: 'a' })] },
  },
  { name: 'a request', schema: requestRecord, record: { v: 1, do: 'revoke', at: now, revocationReason: 1 } },
]

t.test('what is written can be read', async (t) => {
  for (const { name, schema, record: written } of whole) {
    t.test(name, async (t) => t.same(readRecord(schema, JSON.stringify(written)), { ok: written }))
  }
})

t.test('what is torn or foreign is a fault', async (t) => {
  const text = JSON.stringify(full)
  const rows = [
    { name: 'empty', text: '', fault: 'is not JSON (torn or foreign)' },
    { name: 'zeros, as after a power cut', text: '\0\0\0', fault: 'is not JSON (torn or foreign)' },
    { name: 'no JSON', text: 'hello', fault: 'is not JSON (torn or foreign)' },
    { name: 'null', text: 'null', fault: /^is not a record of this version: document/ },
    { name: 'a list', text: '[]', fault: /^is not a record of this version: document/ },
    { name: 'another document', text: '{"kind":"Secret"}', fault: /^is not a record of this version/ },
    {
      name: 'another version',
      text: text.replace('"v":1', '"v":2'),
      fault: 'is not a record of this version: v (invalid_value)',
    },
    {
      name: 'a reason that is no word',
      text: text.replace('AcmeConnection', 'not a word'),
      fault: /attempts\.0\.failure\.reason \(custom\)/,
    },
    {
      name: 'a time that is none',
      text: text.replace(`"notBefore":${now}`, '"notBefore":1.5'),
      fault: /notBefore \(invalid_type\)/,
    },
    {
      name: 'a time before all times',
      text: text.replace(`"notBefore":${now}`, '"notBefore":-1'),
      fault: /notBefore \(too_small\)/,
    },
    {
      name: 'more pairs than are kept',
      text: JSON.stringify(record({ pairs: [1, 2, 3, 4].map(() => storedPair()) })),
      fault: /pairs \(too_big\)/,
    },
  ]
  for (const { name, text, fault } of rows) {
    t.test(name, async (t) => t.match(readRecord(certificateRecord, text), { fault }))
  }
})

t.test(
  'a request with something more is none of this version: half of it is not what was asked',
  async (t) => {
    const request = { v: 1, do: 'renew', at: now }
    for (const [text, fault] of [
      [JSON.stringify({ ...request, more: 1 }), /document \(unrecognized_keys\)/],
      [JSON.stringify({ ...request, do: 'pause' }), /do \(invalid_value\)/],
    ] as const)
      t.match(readRecord(requestRecord, text), { fault })
  },
)

t.test('a record that is cut off anywhere is a fault, and the fault names no content', async (t) => {
  const text = JSON.stringify(full)
  for (let length = 0; length < text.length; length += 7) {
    const result = readRecord(certificateRecord, text.slice(0, length))
    t.equal('fault' in result && !result.fault.includes('MIGH'), true, `${length} characters`)
  }
})

t.test('nothing that is read throws', async () => {
  const schemas = fc.constantFrom<z.ZodType>(accountRecord, certificateRecord, holdsRecord, requestRecord)
  fc.assert(
    fc.property(
      schemas,
      fc.oneof(fc.string(), fc.json()),
      (schema, text) => 'fault' in readRecord(schema, text),
    ),
  )
})
