import t from 'tap'
import fc from 'fast-check'
import { failureOf, type ProblemAnswer } from '../../src/acme/problem.ts'
import { failureReasons, type Failure } from '../../src/reason.ts'

const now = Date.parse('2026-11-24T12:00:00Z')
const urn = 'urn:ietf:params:acme:error:'

/** Every type of RFC 8555 §6.7, RFC 9773 §7.4 and the profiles draft. */
const types = {
  accountDoesNotExist: 'AcmeAccountDoesNotExist',
  alreadyReplaced: 'AcmeAlreadyReplaced',
  alreadyRevoked: 'AcmeAlreadyRevoked',
  badCSR: 'AcmeBadCsr',
  badNonce: 'AcmeBadNonce',
  badPublicKey: 'AcmeBadPublicKey',
  badRevocationReason: 'AcmeBadRevocationReason',
  badSignatureAlgorithm: 'AcmeBadSignatureAlgorithm',
  caa: 'AcmeCaa',
  compound: 'AcmeCompound',
  connection: 'AcmeConnection',
  dns: 'AcmeDns',
  externalAccountRequired: 'AcmeExternalAccountRequired',
  incorrectResponse: 'AcmeIncorrectResponse',
  invalidContact: 'AcmeInvalidContact',
  invalidProfile: 'AcmeInvalidProfile',
  malformed: 'AcmeMalformed',
  orderNotReady: 'AcmeOrderNotReady',
  rateLimited: 'AcmeRateLimited',
  rejectedIdentifier: 'AcmeRejectedIdentifier',
  serverInternal: 'AcmeServerInternal',
  tls: 'AcmeTls',
  unauthorized: 'AcmeUnauthorized',
  unsupportedContact: 'AcmeUnsupportedContact',
  unsupportedIdentifier: 'AcmeUnsupportedIdentifier',
  userActionRequired: 'AcmeUserActionRequired',
} as const

t.test('each problem type has its reason, and each reason of a CA a type', async (t) => {
  for (const [type, reason] of Object.entries(types)) {
    const failure = failureOf({ status: 400, document: { type: `${urn}${type}`, detail: 'words' }, now })
    t.equal(failure.reason, reason, type)
    t.equal(failure.detail, 'words')
  }
  const ofCa = failureReasons.filter((reason) => reason.startsWith('Acme'))
  t.strictSame(new Set([...Object.values(types), 'AcmeUnknownProblem']), new Set(ofCa))
})

const part = (value: string, type: string, detail: string) => ({
  type: `${urn}${type}`,
  detail,
  identifier: { type: 'dns', value },
})

const rows: Record<string, { answer: Partial<ProblemAnswer>; failure: Partial<Failure> }> = {
  'an unknown type keeps its name in the words': {
    answer: { document: { type: `${urn}onionCAARequired`, detail: 'words' } },
    failure: { reason: 'AcmeUnknownProblem', detail: `${urn}onionCAARequired words` },
  },
  'a type that only looks like a member of the table': {
    answer: { document: { type: `${urn}toString`, detail: 'words' } },
    failure: { reason: 'AcmeUnknownProblem' },
  },
  'about:blank says nothing and is not shown': {
    answer: { document: { type: 'about:blank', title: 'Not Found' } },
    failure: { reason: 'AcmeUnknownProblem', detail: 'Not Found' },
  },
  'a document without words': {
    answer: { status: 418, document: { type: `${urn}caa` } },
    failure: { reason: 'AcmeCaa', detail: 'the answer has status 418 and says nothing more' },
  },
  'no document at all': {
    answer: { status: 404, document: '<h1>404</h1>' },
    failure: { reason: 'CaAnswerUnusable', detail: 'the answer has status 404 and no problem document' },
  },
  'a document of wrong members': {
    answer: { status: 400, document: { type: 7, detail: [], title: {} } },
    failure: { reason: 'CaAnswerUnusable' },
  },
  'null inside an order': {
    answer: { status: undefined, document: null } as unknown as Partial<ProblemAnswer>,
    failure: { reason: 'CaAnswerUnusable' },
  },
  '503 is the CA’s load, whatever the type': {
    answer: { status: 503, document: { type: `${urn}rateLimited`, detail: 'Service busy; retry later.' } },
    failure: { reason: 'CaOverloaded', scope: { kind: 'issuer' } },
  },
  '429 is a limit, whatever the type': {
    answer: { status: 429, document: { type: `${urn}malformed`, detail: 'too fast' }, retryAfter: '60' },
    failure: { reason: 'AcmeRateLimited', retryAt: now + 60_000, scope: { kind: 'issuer' } },
  },
  'a limit without the header: the words say when': {
    answer: {
      status: 429,
      document: {
        type: `${urn}rateLimited`,
        detail:
          'too many failed authorizations (5) for "a.example.com" in the last 1h0m0s, retry after 2026-11-24 12:30:00 UTC: see https://letsencrypt.org/docs/rate-limits/#authorization-failures-per-identifier-per-account',
      },
    },
    failure: {
      reason: 'AcmeRateLimited',
      retryAt: now + 1_800_000,
      scope: { kind: 'identifier', value: 'a.example.com' },
      identifier: 'a.example.com',
      helpUrl: 'https://letsencrypt.org/docs/rate-limits/#authorization-failures-per-identifier-per-account',
    },
  },
  'a senseless header falls back to the words': {
    answer: {
      status: 429,
      document: { detail: 'retry after 2026-11-24 12:30:00 UTC' },
      retryAfter: 'later',
    },
    failure: { retryAt: now + 1_800_000 },
  },
  'subproblems name the identifier and add their words': {
    answer: {
      document: {
        type: `${urn}rejectedIdentifier`,
        detail: 'Error creating new order',
        subproblems: [part('Bad.example.com', 'rejectedIdentifier', 'forbidden by policy')],
      },
    },
    failure: {
      reason: 'AcmeRejectedIdentifier',
      identifier: 'bad.example.com',
      detail: 'Error creating new order [bad.example.com] forbidden by policy',
    },
  },
  'a compound of one kind is that kind': {
    answer: {
      document: {
        type: `${urn}compound`,
        detail: 'two',
        subproblems: [part('a.test', 'caa', 'x'), part('b.test', 'caa', 'y')],
      },
    },
    failure: { reason: 'AcmeCaa', identifier: 'a.test' },
  },
  'a compound of several kinds is compound': {
    answer: {
      document: {
        type: `${urn}compound`,
        detail: 'two',
        subproblems: [part('a.test', 'caa', 'x'), part('b.test', 'dns', 'y')],
      },
    },
    failure: { reason: 'AcmeCompound', detail: 'two [a.test] x [b.test] y' },
  },
  'the page to visit of a user action': {
    answer: {
      document: {
        type: `${urn}userActionRequired`,
        detail: 'new terms',
        instance: 'https://ca.example/agree',
      },
      link: '<https://ca.example/terms>;rel="terms-of-service"',
    },
    failure: { reason: 'AcmeUserActionRequired', helpUrl: 'https://ca.example/agree' },
  },
  'the terms are not the help of another problem': {
    answer: {
      document: { type: `${urn}malformed`, detail: 'bad' },
      link: '<https://ca.example/terms>;rel="terms-of-service"',
    },
    failure: { reason: 'AcmeMalformed', helpUrl: undefined } as unknown as Partial<Failure>,
  },
  'a link in the words of a validation is a stranger’s': {
    answer: {
      document: { type: `${urn}unauthorized`, detail: 'Invalid response from https://evil.test/x: 404' },
    },
    failure: { reason: 'AcmeUnauthorized', helpUrl: undefined } as unknown as Partial<Failure>,
  },
  'a help link that is not https is not passed on': {
    answer: { document: { type: `${urn}malformed` }, link: '<http://ca.example/help>;rel="help"' },
    failure: { helpUrl: undefined } as unknown as Partial<Failure>,
  },
  'a problem inside an order has its status in the document': {
    answer: {
      status: undefined,
      document: { type: `${urn}x`, status: 503 },
    } as unknown as Partial<ProblemAnswer>,
    failure: { reason: 'CaOverloaded' },
  },
}

for (const [name, { answer, failure }] of Object.entries(rows)) {
  t.match(failureOf({ status: 400, document: undefined, now, ...answer }), failure, name)
}

t.test('whatever a server sends becomes one bounded failure', async (t) => {
  const reasons: readonly string[] = failureReasons
  fc.assert(
    fc.property(fc.anything(), fc.string(), fc.integer(), (document, header, status) => {
      const failure = failureOf({ document, status, retryAfter: header, link: header, now })
      return reasons.includes(failure.reason) && failure.detail.length <= 500 && failure.detail !== ''
    }),
  )
  t.pass()
})
