import t from 'tap'
import { judgedRedirect, judgedServed, type RedirectAnswer } from '../../src/cli/check-judged.ts'
import type { Handshake } from '../../src/serving/handshake.ts'

const host = 'book.example.com'
const at = 'istio-system/gateway-1'
const secret = 'Secret istio-system/book-tls'
const shows = (serial: string): Handshake => ({ serial, notBefore: 0, notAfter: 1 })

const served: readonly (readonly [
  name: string,
  seen: Handshake,
  stored: string | undefined,
  destination: string,
  look: object,
])[] = [
  ['the stored one', shows('0A'), '0A', secret, { ok: true, seen: 'serves serial 0A' }],
  [
    'another one, at a pod that reads a Secret',
    shows('0B'),
    '0A',
    secret,
    {
      ok: false,
      seen: `${at} serves serial 0B, stored is 0A`,
      finding: {
        code: 'P80-401',
        host,
        object: { kind: 'Secret', namespace: 'istio-system', name: 'book-tls' },
      },
    },
  ],
  [
    'another one, of a folder: what was asked is the host',
    shows('0B'),
    '0A',
    '/srv/certificates',
    { ok: false, finding: { code: 'P80-401', object: { kind: 'Host', name: host } } },
  ],
  [
    'a port that refuses',
    { fault: 'refused' },
    '0A',
    secret,
    {
      ok: false,
      seen: `${at} refuses connections on port 443: what it serves is not known`,
      finding: { code: 'P80-405' },
    },
  ],
  [
    'an address that refuses',
    { fault: 'refused' },
    '0A',
    '/srv/certificates',
    { ok: false, seen: `${at} refuses the connection`, finding: { code: 'P80-404' } },
  ],
  [
    'a port that speaks no TLS for the host',
    { fault: 'no handshake' },
    '0A',
    secret,
    { ok: false, seen: `${at} ends the TLS handshake`, finding: { code: 'P80-404' } },
  ],
  [
    'a pod that cannot be reached says nothing',
    { fault: 'silent' },
    '0A',
    secret,
    { seen: /nobody answers from here/ },
  ],
  [
    'before the first pair nothing is judged',
    shows('0B'),
    undefined,
    secret,
    { seen: /no certificate is stored/ },
  ],
  ['and no refusal either', { fault: 'refused' }, undefined, secret, { seen: /no certificate is stored/ }],
]

for (const [name, seen, stored, destination, look] of served) {
  t.test(`served: ${name}`, async (t) => {
    const judged = judgedServed({ host, at, port: 443, seen, destination }, stored)
    t.match(judged, { host, at, ...look })
    t.equal('ok' in judged, 'ok' in look)
    t.equal('finding' in judged, 'finding' in look)
  })
}

const path = '/port80-check?a=b'
const to = (location: string | undefined, status = 301) => ({ status, location })
const usual = { httpsPort: 443, status: 301 } as const

const redirects: readonly (readonly [
  name: string,
  asked: Partial<RedirectAnswer>,
  settings: Parameters<typeof judgedRedirect>[1],
  ok: boolean,
  seen: RegExp,
])[] = [
  ['to https, path and query kept', { answer: to(`https://${host}${path}`) }, usual, true, /^301 to https$/],
  [
    'to the port of the configuration',
    { answer: to(`https://${host}:8443${path}`) },
    { httpsPort: 8443, status: 301 },
    true,
    /^301 to https$/,
  ],
  [
    'of an IPv6 address',
    { host: '2001:db8::80', answer: to(`https://[2001:db8::80]${path}`) },
    usual,
    true,
    /^301 to https$/,
  ],
  [
    'with another status than is meant',
    { answer: to(`https://${host}${path}`, 302) },
    usual,
    false,
    /^302 to https$/,
  ],
  [
    'without the query',
    { answer: to(`https://${host}/port80-check`) },
    usual,
    false,
    /^301, a redirect to another/,
  ],
  [
    'to another port',
    { answer: to(`https://${host}:444${path}`) },
    usual,
    false,
    /a redirect to another place/,
  ],
  ['a page', { answer: to(undefined, 200) }, usual, false, /^200, no redirect: something else than port80/],
  ['no answer', { answer: { fault: 'timed out' } }, usual, false, /^192\.0\.2\.1 timed out$/],
]

for (const [name, asked, settings, ok, seen] of redirects) {
  t.test(`redirect: ${name}`, async (t) => {
    const base = { host, authority: '192.0.2.1', path, answer: to(undefined) }
    const judged = judgedRedirect({ ...base, ...asked }, settings)
    t.match(judged, { ok, seen })
  })
}

t.test('where a stranger redirects to is not shown', async (t) => {
  const answer = to('https://evil.example/\u001b[2J')
  t.notMatch(judgedRedirect({ host, authority: '192.0.2.1', path, answer }, usual).seen, 'evil')
})
