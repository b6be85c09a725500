import t from 'tap'
import { parseConfig } from '../../src/config/parse.ts'
import { configSchema } from '../../src/config/schema.ts'

t.test('the canary runs unless it is said to be off', (t) => {
  const rows: [string, object, unknown][] = [
    ['left out it runs', {}, { every: 300_000 }],
    ['in a cluster too', { store: { kubernetes: {} } }, { every: 300_000 }],
    ['it can be said to be off', { canary: 'off' }, 'off'],
    ['its period can be chosen', { canary: { every: '1h' } }, { every: 3_600_000 }],
  ]
  for (const [name, written, expected] of rows) {
    t.strictSame(configSchema.parse(written).canary, expected, name)
  }
  t.end()
})

t.test('DNS servers are addresses, with a port or without', (t) => {
  const rows: [string, boolean][] = [
    ['192.0.2.53', true],
    ['192.0.2.53:5353', true],
    ['2001:db8::53', true],
    ['[2001:db8::53]:53', true],
    ['dns.example.com', false],
    ['192.0.2.53:0', false],
    ['192.0.2.53:70000', false],
    ['[192.0.2.53]:53', false],
    ['256.0.0.1', false],
    ['', false],
  ]
  for (const [server, good] of rows) {
    t.equal(configSchema.safeParse({ resolvers: [server] }).success, good, JSON.stringify(server))
  }
  t.end()
})

t.test('a fault says what to write', (t) => {
  const parsed = parseConfig('preflight: maybe\ncanary:\n  every: 1ms\nresolvers: [dns.example.com]\n')
  const said = 'faults' in parsed ? parsed.faults.map((each) => JSON.stringify(each)).join('\n') : ''
  t.match(said, /require, warn, off/)
  t.match(said, /at least 1s/)
  t.match(said, /192\.0\.2\.53:5353/)
  t.end()
})
