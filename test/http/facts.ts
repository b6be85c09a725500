import t from 'tap'
import { readFacts } from '../../src/http/facts.ts'

const raw = (...rawHeaders: string[]) => ({
  method: 'GET',
  url: '/x',
  httpVersionMajor: 1,
  rawHeaders,
  socket: { remoteAddress: '192.0.2.1' },
})

t.test('the facts of a request are read from its raw headers', async (t) => {
  const none = { host: undefined, hosts: 0, forwardedProto: undefined, bodyLength: 0 }
  const rows: [name: string, headers: string[], expected: object][] = [
    ['no headers', [], none],
    ['one Host', ['Host', 'a.test'], { ...none, host: 'a.test', hosts: 1 }],
    ['a Host in any case', ['hOsT', 'a.test'], { ...none, host: 'a.test', hosts: 1 }],
    ['an empty Host', ['Host', ''], { ...none, host: '', hosts: 1 }],
    ['the first of two Hosts', ['Host', 'a', 'X', 'y', 'HOST', 'b'], { ...none, host: 'a', hosts: 2 }],
    ['names of the same lengths', ['Date', 'x', 'Accept-Charset', '9', 'X-Forwarded-Port', '1'], none],
    ['a length', ['Content-Length', '17'], { ...none, bodyLength: 17 }],
    ['a chunked body', ['Transfer-Encoding', 'chunked'], { ...none, bodyLength: Infinity }],
    [
      'the first proto',
      ['X-Forwarded-Proto', 'https', 'x-forwarded-proto', 'http'],
      { ...none, forwardedProto: 'https' },
    ],
    ['a name without its value', ['Host'], none],
  ]
  for (const [name, headers, expected] of rows) {
    const { host, hosts, forwardedProto, bodyLength } = readFacts(raw(...headers))
    t.strictSame({ host, hosts, forwardedProto, bodyLength }, expected, name)
  }
})

t.test('method, version, target and peer are taken as they are', async (t) => {
  const facts = readFacts(raw())
  t.strictSame(
    [facts.method, facts.httpMajor, facts.target, facts.remoteAddress],
    ['GET', 1, '/x', '192.0.2.1'],
  )
  const bare = readFacts({ httpVersionMajor: 1, rawHeaders: [], socket: {} })
  t.strictSame([bare.method, bare.target, bare.remoteAddress], ['', '', undefined])
})
