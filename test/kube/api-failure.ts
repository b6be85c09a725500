/** What the API server's refusals become. Bodies as kube-apiserver 1.34 sends them. */
import t from 'tap'
import {
  failureOfAnswer,
  failureOfEvent,
  mayPass,
  storeFailure,
  type Act,
  type ApiFailureKind,
} from '../../src/kube/api-failure.ts'

const act: Act = { verb: 'patch', resource: 'secrets', namespace: 'istio-system', name: 'book' }
const status = (more: object) =>
  JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', ...more })
const rbac =
  'secrets "book" is forbidden: User "system:serviceaccount:port80:worker" cannot patch resource "secrets" in API group "" in the namespace "istio-system"'
const causes = (list: object[]) => ({ details: { name: 'book', kind: 'secrets', causes: list } })

t.test('kinds and words', (t) => {
  const rows: [string, number, string, ApiFailureKind, RegExp][] = [
    [
      'RBAC',
      403,
      status({ reason: 'Forbidden', message: rbac }),
      'forbidden',
      /: system:serviceaccount:port80:worker may not patch secrets there \(403\): a Role is missing$/,
    ],
    [
      'RBAC, of another verb than the one that was tried',
      403,
      status({ reason: 'Forbidden', message: rbac.replace('cannot patch', 'cannot create') }),
      'forbidden',
      /worker may not create secrets there/,
    ],
    [
      'quota',
      403,
      status({
        reason: 'Forbidden',
        message: 'secrets "x" is forbidden: exceeded quota: q, requested: secrets=1',
      }),
      'forbidden',
      /ResourceQuota/,
    ],
    [
      'a namespace that ends',
      403,
      status({
        reason: 'Forbidden',
        ...causes([{ reason: 'NamespaceTerminating', field: 'metadata.namespace' }]),
      }),
      'forbidden',
      /being deleted/,
    ],
    [
      'a webhook',
      400,
      status({ message: 'admission webhook "policy.example.com" denied the request: tls.key MIIEvQ' }),
      'forbidden',
      /webhook policy\.example\.com refused it$/,
    ],
    [
      'no such object',
      404,
      status({ reason: 'NotFound', details: { kind: 'secrets' } }),
      'notFound',
      /: does not exist$/,
    ],
    [
      'no such namespace',
      404,
      status({ reason: 'NotFound', details: { kind: 'namespaces' } }),
      'notFound',
      /the namespace does not exist/,
    ],
    ['no such API', 404, '404 page not found', 'notFound', /does not know such a resource/],
    ['exists', 409, status({ reason: 'AlreadyExists' }), 'exists', /exists already/],
    ['conflict', 409, status({ reason: 'Conflict' }), 'conflict', /changed by somebody else/],
    ['too old', 410, status({ reason: 'Expired' }), 'gone', /no longer kept/],
    ['token', 401, status({ reason: 'Unauthorized' }), 'unauthorized', /not accepted/],
    ['slow down', 429, 'Too many requests, please try again later.', 'tooMany', /slow down/],
    [
      'invalid',
      422,
      status({
        reason: 'Invalid',
        ...causes([{ reason: 'FieldValueRequired', field: 'data[tls.crt]', message: 'MIIE' }]),
      }),
      'invalid',
      /: not accepted \(422\): data\[tls\.crt\] FieldValueRequired$/,
    ],
    ['too large', 413, '', 'invalid', /413/],
    ['broken', 500, status({ message: 'etcdserver: request timed out' }), 'unavailable', /failed \(500\)/],
    ['stopping', 503, 'apiserver is shutting down', 'unavailable', /503/],
    ['a proxy’s page', 302, '<html>', 'unusable', /302/],
    ['an answer that is JSON but no Status', 403, '[1]', 'forbidden', /this user may not/],
    ['null', 403, 'null', 'forbidden', /this user may not/],
  ]
  for (const [name, code, body, kind, words] of rows) {
    const failure = failureOfAnswer(act, { status: code, body })
    t.equal(failure.kind, kind, name)
    t.match(failure.detail, /^patch secrets book in namespace istio-system: /, name)
    t.match(failure.detail, words, name)
  }
  t.end()
})

t.test('the server’s own words are not repeated: it quotes from the body that it could not read', (t) => {
  const message =
    'Secret in version "v1" cannot be handled as a Secret: error found in #10 byte of ...|"tls.key":"MIIEvQIBADAN|...'
  for (const code of [400, 403, 404, 409, 410, 422, 500, 302]) {
    const body = status({ message, ...causes([{ message, field: '"MIIEvQ\n', reason: 'x'.repeat(1_000) }]) })
    const { detail } = failureOfAnswer(act, { status: code, body })
    t.notMatch(detail, /IBADAN|cannot be handled/, String(code))
    t.match(detail, /^[\x20-\x7e]{1,400}$/)
  }
  t.end()
})

t.test('Retry-After, from the header or the Status, at most an hour', (t) => {
  const rows: [string, string | undefined, string, number | undefined][] = [
    ['header', '2', '', 2_000],
    ['Status', undefined, status({ details: { retryAfterSeconds: 3 } }), 3_000],
    ['the header wins', '2', status({ details: { retryAfterSeconds: 3 } }), 2_000],
    ['none', undefined, '', undefined],
    ['zero', '0', '', undefined],
    ['a date, which the API server does not send', 'Tue, 24 Nov 2026 10:00:00 GMT', '', undefined],
    ['a year', '31536000', '', 3_600_000],
    ['less than nothing', '-1', '', undefined],
  ]
  for (const [name, retryAfter, body, ms] of rows) {
    t.equal(failureOfAnswer(act, { status: 429, body, retryAfter }).retryAfterMs, ms, name)
  }
  t.end()
})

t.test('an ERROR event in a watch is a Status without an answer', (t) => {
  const watching: Act = { verb: 'watch', resource: 'configmaps', namespace: undefined }
  t.match(failureOfEvent(watching, { kind: 'Status', code: 410, reason: 'Expired' }), {
    kind: 'gone',
    detail: /^watch configmaps in all namespaces: /,
  })
  for (const object of [null, undefined, 'x', 7, {}, { code: '410' }])
    t.equal(failureOfEvent(watching, object).kind, 'unusable')
  t.end()
})

t.test('a refusal soon after an outage may pass, like the outage itself', (t) => {
  const rows: [string, number, number, boolean][] = [
    ['an outage', 503, Infinity, true],
    ['a right that is missing', 403, Infinity, false],
    ['refused by a server that has just come back', 403, 2_000, true],
    ['still refused, long after it came back', 403, 30_000, false],
    ['what does not depend on rights', 404, 2_000, false],
    ['nor does this', 422, 2_000, false],
  ]
  for (const [name, code, sinceMs, passes] of rows)
    t.equal(mayPass(failureOfAnswer(act, { status: code, body: '' }), sinceMs), passes, name)
  t.end()
})

t.test('for a store every refusal is a medium that fails', (t) => {
  const failure = failureOfAnswer(act, { status: 503, body: '' })
  t.match(storeFailure(failure), { failure: { reason: 'StoreFailed', detail: failure.detail } })
  t.end()
})
