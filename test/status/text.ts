import t from 'tap'
import { renderStatusText } from '../../src/status/text.ts'
import { hostile } from './fixtures/hostile-snapshot.ts'
import { badDay, goodDay, now } from './fixtures/page-snapshots.ts'

t.test('a good day in seven lines', async (t) => {
  t.equal(
    renderStatusText(goodDay, { now, colour: false, width: 80 }),
    `port80 0.1.0: Both certificates are ready
Worker  Leader, last tick 12 s ago, next wake in 18 s
Config  /etc/port80/port80.yaml, accepted 3 d 2 h ago
Store   readable, 0 live tokens

NAME  STATE  EXPIRES  RENEWS      NEXT        REASON    ISSUER
shop  ready  in 32 d  in 2 d 3 h  in 2 d 3 h  UpToDate  example-ca
book  ready  in 62 d  in 31 d     in 31 d     UpToDate  letsencrypt
`,
  )
})

t.test('a bad day says what to do about each', async (t) => {
  const text = renderStatusText(badDay, { now, colour: false, width: 200 })
  for (const words of [
    'port80 0.1.0: 2 of 5 certificates need attention\n',
    'Last crash of the worker: InternalError: cannot read properties of undefined\n',
    '  certificates[2].domains[0]: "*.example.com"\n    The names in the certificate',
    '  letsencrypt, all names below example.net: until 2027-03-09 11:39:00 UTC, in 1 h 24 min\n    AcmeRateLimited: too many',
    'legacy  expired ',
    'api api.example.com api.example.net 2001:db8::80\n  Orders again after',
    '  3 failures in a row, the last one: AcmeUnauthorized for api.example.net\n    203.0.113.7: Invalid response',
    '    https://letsencrypt.org/docs/challenge-types/\n',
    '  /srv/second-gateway/certificates holds something that is not ours: legacy.pem was not written',
  ]) {
    t.ok(text.includes(words), words)
  }
})

t.test('no line is wider than the terminal, but for what cannot be broken', async (t) => {
  for (const width of [60, 80, 120]) {
    const lines = renderStatusText(badDay, { now, colour: false, width }).split('\n')
    const wide = lines.filter((line) => line.length > width && !/^\s*\S+$/.test(line))
    t.same(wide, [], `${width} columns`)
  }
})

t.test('a narrow terminal loses columns, never names and states', async (t) => {
  const rows = [
    {
      width: 200,
      title: 'NAME    STATE        EXPIRES  RENEWS      NEXT           REASON                     ISSUER',
    },
    { width: 90, title: 'NAME    STATE        EXPIRES  RENEWS      NEXT           REASON' },
    { width: 60, title: 'NAME    STATE        EXPIRES  RENEWS      NEXT' },
    { width: 0, title: 'NAME    STATE        EXPIRES  RENEWS' },
  ]
  for (const { width, title } of rows) {
    t.ok(renderStatusText(badDay, { now, colour: false, width }).includes(`\n${title}\n`), `${width} columns`)
  }
})

t.test('colour adds colours and changes no word', async (t) => {
  const plain = renderStatusText(badDay, { now, colour: false, width: 100 })
  const coloured = renderStatusText(badDay, { now, colour: true, width: 100 })
  t.notMatch(plain, '\x1b')
  t.match(coloured, '\x1b[31mexpired')
  t.equal(coloured.replace(/\x1b\[\d+m/g, ''), plain)
})

t.test('what a CA says cannot move the cursor, clear the screen or turn the line round', async (t) => {
  const text = renderStatusText(hostile('\x1b[2J\x1b]0;title\x07\r\n\u202eevil\u0085'), {
    now,
    colour: false,
    width: 100,
  })
  t.ok(text.includes('evil'))
  t.notMatch(text, /[^\n\P{Cc}]/u)
  t.notMatch(text, '\u202e')
})

t.test('without a worker and with an unreadable store', async (t) => {
  const text = renderStatusText(
    {
      ...goodDay,
      configuration: { acceptedAt: now, faults: [] },
      worker: { role: 'off', leader: 'pid 4711', stuck: false, restarts: 0 },
      store: { readable: false, fault: 'EACCES', tokens: 0 },
      certificates: [],
    },
    { now, colour: false, width: 80 },
  )
  t.equal(
    text,
    `port80 0.1.0: The store cannot be read
Worker  None in this process, pid 4711 leads
Config  built-in, accepted now
Store   not readable: EACCES, 0 live tokens
`,
  )
})
