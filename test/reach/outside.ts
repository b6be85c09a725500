import t from 'tap'
import type { Asked } from '../../src/reach/ask-once.ts'
import type { NameFacts, NoRecords } from '../../src/reach/names.ts'
import { judgeOutside, type AskedAddress, type OutsideFacts } from '../../src/reach/outside.ts'

const host = 'book.example.com'
const facts = { status: 200, envoy: true, upstream: true, body: 'ours' } as const
const ours: Asked = { facts, replica: 'port80-1' }
const foreign: Asked = { facts: { ...facts, envoy: false, upstream: false, body: 'other' } }
const redirect: Asked = {
  facts: { ...facts, status: 301, body: 'empty', redirect: { secure: true, sameHost: true, login: false } },
}
const silent = (silence: 'refused' | 'late' | 'noRoute'): Asked => ({ silence })
const four = (asked: Asked, address = '203.0.113.1'): AskedAddress => ({ address, family: 4, asked })
const six = (asked: Asked, address = '2001:db8::1'): AskedAddress => ({ address, family: 6, asked })
const names: NameFacts = { four: { none: 'noAddress' }, six: { none: 'noAddress' }, caa: [] }
const base: OutsideFacts = {
  ...{ host, names, addresses: [], publicView: false, inside: 'well', identities: undefined },
}
const verdicts = (given: Partial<OutsideFacts>) =>
  judgeOutside({ ...base, ...given }).map(({ at, finding, unjudged }) =>
    unjudged === undefined ? `${at} ${finding?.code ?? 'ok'}` : `${at} ?`,
  )

t.test('each address for itself, and no accusation of what cannot be seen from here', (t) => {
  const rows: [string, Partial<OutsideFacts>, string[]][] = [
    ['both well', { addresses: [four(ours), six(ours)] }, ['203.0.113.1 ok', '2001:db8::1 ok']],
    ['another server', { addresses: [four(foreign)] }, ['203.0.113.1 P80-305']],
    [
      'one of two leads elsewhere',
      { addresses: [four(ours), four(foreign, '203.0.113.2')] },
      ['203.0.113.1 ok', '203.0.113.2 P80-305'],
    ],
    [
      'AAAA of somebody else',
      { addresses: [four(ours), six(foreign)] },
      ['203.0.113.1 ok', '2001:db8::1 P80-309'],
    ],
    [
      'AAAA where nobody listens',
      { addresses: [four(ours), six(silent('refused'))] },
      ['203.0.113.1 ok', '2001:db8::1 P80-309'],
    ],
    [
      'no IPv6 from here',
      { addresses: [four(ours), six(silent('noRoute'))] },
      ['203.0.113.1 ok', '2001:db8::1 ?'],
    ],
    [
      'an AAAA that nobody routes, by the DNS of the public',
      { publicView: true, addresses: [four(ours), six(silent('noRoute'), 'fd00::1')] },
      ['203.0.113.1 ok', 'fd00::1 P80-309'],
    ],
    ['refused', { addresses: [four(silent('refused'))] }, ['203.0.113.1 P80-306']],
    [
      'hairpin',
      { addresses: [four(silent('late')), six(silent('late'))] },
      ['203.0.113.1 P80-312', '2001:db8::1 P80-312'],
    ],
    [
      'silence, and nobody inside to compare',
      { inside: 'absent', addresses: [four(silent('late'))] },
      ['203.0.113.1 P80-307'],
    ],
    [
      'silence of one of two',
      { addresses: [four(ours), four(silent('late'), '203.0.113.2')] },
      ['203.0.113.1 ok', '203.0.113.2 P80-307'],
    ],
    [
      'silence, explained by the gateway',
      { inside: 'bad', addresses: [four(silent('late'))] },
      ['203.0.113.1 ?'],
    ],
    [
      'the same mistake on both legs',
      { inside: 'bad', addresses: [four(redirect)] },
      ['203.0.113.1 P80-303'],
    ],
    [
      'loopback of the hosts file',
      { addresses: [four(silent('refused'), '127.0.0.1')] },
      ['127.0.0.1 P80-312'],
    ],
    ['split DNS', { addresses: [four(foreign, '10.0.0.1')] }, ['10.0.0.1 P80-312']],
    ['a private address that works', { addresses: [four(ours, '10.0.0.1')] }, ['10.0.0.1 ok']],
    [
      '::1 beside 127.0.0.1',
      { inside: 'absent', addresses: [four(ours, '127.0.0.1'), six(silent('refused'), '::1')] },
      ['127.0.0.1 ok', '::1 ?'],
    ],
    [
      'a private address by configured resolvers',
      { publicView: true, addresses: [four(silent('refused'), '10.0.0.1')] },
      ['10.0.0.1 P80-306'],
    ],
    [
      'a redirect at a private address: another way in than the gateway, which is well',
      { addresses: [four(redirect, '10.0.0.1')] },
      ['10.0.0.1 P80-312'],
    ],
    [
      'the same, and no gateway pod was asked',
      { inside: 'absent', addresses: [four(redirect, '10.0.0.1')] },
      ['10.0.0.1 P80-303'],
    ],
    [
      'the same, by the DNS of the public',
      { publicView: true, addresses: [four(redirect, '10.0.0.1')] },
      ['10.0.0.1 P80-303'],
    ],
  ]
  for (const [name, given, wanted] of rows) t.strictSame(verdicts(given), wanted, name)
  t.end()
})

t.test('a name without addresses', (t) => {
  const rows: [NoRecords, NoRecords, wanted: string, byOwnDns?: string][] = [
    ['noName', 'noName', 'P80-310'],
    ['noAddress', 'noAddress', 'P80-310'],
    ['servfail', 'servfail', 'P80-310', 'P80-312'],
    ['noAddress', 'servfail', 'P80-310', 'P80-312'],
    ['silent', 'silent', '?'],
    ['noAddress', 'silent', '?'],
  ]
  for (const [a, aaaa, wanted, byOwnDns = wanted] of rows) {
    const none = { four: { none: a }, six: { none: aaaa }, caa: [] }
    for (const publicView of [true, false]) {
      const code = publicView ? wanted : byOwnDns
      t.strictSame(verdicts({ names: none, publicView }), [`${host} ${code}`], `${a} ${aaaa}`)
    }
  }
  t.end()
})

t.test('CAA beside an address that is well; unknown CAs are not judged', (t) => {
  const caa = [{ name: 'example.com', records: [{ critical: false, tag: 'issue', value: 'other.example' }] }]
  const given = { names: { ...names, caa }, addresses: [four(ours)] }
  t.strictSame(verdicts({ ...given, identities: ['ca.example'] }), [`${host} P80-311`, '203.0.113.1 ok'])
  t.strictSame(verdicts({ ...given, identities: ['other.example'] }), ['203.0.113.1 ok'])
  t.strictSame(verdicts(given), ['203.0.113.1 ok'])
  const [look] = judgeOutside({ ...base, ...given, identities: ['ca.example'] })
  t.match(look?.finding?.fix, { words: /CAA 0 issue "ca\.example"/ })
  t.end()
})

t.test('an address says which replica answered', (t) => {
  t.match(judgeOutside({ ...base, addresses: [four(ours)] }), [{ replica: 'port80-1' }])
  t.end()
})
