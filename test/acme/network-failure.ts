import t from 'tap'
import { abortedBy, networkFailure, unusable } from '../../src/acme/network-failure.ts'
import { Port80Failure } from '../../src/reason.ts'

const withCode = (code: string) => Object.assign(new Error('some words'), { code })

const rows: readonly (readonly [string, Error, string, string])[] = [
  ['refused', withCode('ECONNREFUSED'), 'CaUnreachable', 'ca.example: ECONNREFUSED'],
  ['no such name', withCode('ENOTFOUND'), 'CaUnreachable', 'ca.example: ENOTFOUND'],
  ['reset', withCode('ECONNRESET'), 'CaUnreachable', 'ca.example: ECONNRESET'],
  ['a handshake that broke off', withCode('EPROTO'), 'CaUnreachable', 'ca.example: EPROTO'],
  ['without a code', new Error('some words'), 'CaUnreachable', 'ca.example: some words'],
  [
    'every address refused',
    new AggregateError([withCode('ECONNREFUSED'), withCode('EHOSTUNREACH')]),
    'CaUnreachable',
    'ca.example: ECONNREFUSED',
  ],
  [
    'self-signed',
    withCode('DEPTH_ZERO_SELF_SIGNED_CERT'),
    'CaUntrusted',
    'ca.example: DEPTH_ZERO_SELF_SIGNED_CERT',
  ],
  [
    'another name',
    withCode('ERR_TLS_CERT_ALTNAME_INVALID'),
    'CaUntrusted',
    'ca.example: ERR_TLS_CERT_ALTNAME_INVALID',
  ],
  ['no HTTP', withCode('HPE_INVALID_CONSTANT'), 'CaAnswerUnusable', 'ca.example: HPE_INVALID_CONSTANT'],
]

for (const [name, error, reason, detail] of rows) {
  const { failure, cause } = networkFailure(error, 'ca.example')
  t.strictSame(failure, { reason, detail }, name)
  t.equal(cause, error)
}

t.strictSame(unusable('a\u0000b').failure, { reason: 'CaAnswerUnusable', detail: 'a b' })

t.test('what aborts may say why', async (t) => {
  const why = new Port80Failure({ reason: 'LeadershipLost', detail: 'another worker leads' })
  t.equal(abortedBy(AbortSignal.abort(why)), why)
  t.match(abortedBy(AbortSignal.abort()), { failure: { reason: 'Aborted' } })
})
