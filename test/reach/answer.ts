import t from 'tap'
import { catalogue, type FindingCode } from '../../src/finding/catalogue.ts'
import {
  judgeAnswer,
  judgeSilence,
  mayBeOfSidecar,
  mendingOf,
  silences,
  type AnswerFacts,
} from '../../src/reach/answer.ts'

const plain: AnswerFacts = { status: 200, envoy: false, upstream: false, body: 'other' }
const envoy = { ...plain, envoy: true }
const app = { ...envoy, upstream: true }
const toHttps = { secure: true, sameHost: true, login: false }

t.test('an answer is judged by the first rule that knows it', (t) => {
  const rows: [string, AnswerFacts, FindingCode | undefined, RegExp?][] = [
    ['our own answer', { ...app, body: 'ours' }, undefined],
    ['our answer with another status is none', { ...app, status: 500, body: 'ours' }, 'P80-302'],
    ['our answer with something before it', { ...app, body: 'altered' }, 'P80-313'],
    [
      'httpsRedirect',
      { ...envoy, status: 301, redirect: toHttps },
      'P80-303',
      /^the gateway itself .* the same host$/,
    ],
    ['an application redirects', { ...app, status: 308, redirect: toHttps }, 'P80-303', /^an application /],
    [
      'to http elsewhere',
      { ...plain, status: 302, redirect: { ...toHttps, secure: false, sameHost: false } },
      'P80-303',
      /http of another host$/,
    ],
    ['to a login', { ...app, status: 302, redirect: { ...toHttps, login: true } }, 'P80-304'],
    ['a policy', { ...envoy, status: 403 }, 'P80-304', /^the gateway itself answered 403$/],
    ['basic authentication', { ...app, status: 401 }, 'P80-304'],
    ['no virtual host', { ...envoy, status: 404, body: 'empty' }, 'P80-301', /no route/],
    ['no healthy upstream', { ...envoy, status: 503 }, 'P80-301', /nobody/],
    ['a page of an application', app, 'P80-302'],
    ['a 404 of an application', { ...app, status: 404 }, 'P80-302'],
    ['a port80 that does not know the token', { ...app, status: 404, body: 'port80' }, 'P80-315'],
    ['TLS wanted', { ...plain, status: 400, body: 'tls' }, 'P80-308'],
    ['somebody else', plain, 'P80-305', /no Envoy/],
    ['somebody else has no such page', { ...plain, status: 404 }, 'P80-305'],
  ]
  for (const [name, facts, code, seen] of rows) {
    const judgement = judgeAnswer(facts)
    t.equal(judgement?.code, code, name)
    if (seen !== undefined) t.match(judgement?.seen, seen, name)
  }
  t.end()
})

t.test('a sidecar that answered in its place is named, and what it must know', (t) => {
  const { code, seen, mend } = judgeSilence('sidecar')
  t.equal(code, 'P80-307')
  t.match(seen, /sidecar/)
  const words = mendingOf(code, { host: 'book.example.com', at: 'edge/a', ca: 'ca.example' }, mend)
  t.match(words, /^make book\.example\.com a host of the mesh/)
  t.end()
})

t.test('each silence has a code, and each code words for its mending', (t) => {
  for (const silence of silences) t.ok(judgeSilence(silence).code in catalogue, silence)
  for (const code of ['P80-301', 'P80-305', 'P80-309', 'P80-310', 'P80-311', 'P80-312'] as const) {
    const words = mendingOf(code, { host: 'book.example.com', at: '192.0.2.1', ca: 'ca.example' })
    t.match(words, /book\.example\.com/)
    t.notMatch(words, /[{}]/)
  }
  t.end()
})

t.test('what a sidecar may have answered in the place of a gateway', async (t) => {
  const rows = [
    { of: 'it does not know the host', facts: { ...envoy, status: 502 }, named: false, may: true },
    { of: 'it cannot reach the address', facts: { ...envoy, status: 503 }, named: false, may: true },
    { of: 'a gateway that says its name', facts: { ...envoy, status: 503 }, named: true, may: false },
    { of: 'an application behind the gateway', facts: { ...app, status: 503 }, named: false, may: false },
    { of: 'no route', facts: { ...envoy, status: 404 }, named: false, may: false },
    { of: 'a failure of a server', facts: { ...plain, status: 500 }, named: false, may: false },
  ]
  for (const { of, facts, named, may } of rows) t.equal(mayBeOfSidecar(facts, named), may, of)
})
