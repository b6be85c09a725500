import fc from 'fast-check'
import t from 'tap'
import { parseHost, sameAuthority, type HostFault } from '../../src/http/host.ts'

const label63 = 'a'.repeat(63)
const name253 = `${`${label63}.`.repeat(3)}${'b'.repeat(61)}`

t.test('a valid host is read into its one normal form', async (t) => {
  const rows: [text: string, urlHost: string, port?: number][] = [
    ['a.test', 'a.test'],
    ['A.Test', 'a.test'],
    ['a.test.', 'a.test'],
    ['a.test:', 'a.test'],
    ['a.test:80', 'a.test', 80],
    ['a.test:0080', 'a.test', 80],
    ['a.test.:8080', 'a.test', 8080],
    ['a.test:65535', 'a.test', 65_535],
    ['localhost', 'localhost'],
    ['xn--bcher-kva.test', 'xn--bcher-kva.test'],
    ['_dmarc.a_b.test', '_dmarc.a_b.test'],
    ['r3---sn-x.test', 'r3---sn-x.test'],
    ['1.a', '1.a'],
    ['3com.test', '3com.test'],
    [`${label63}.test`, `${label63}.test`],
    [name253, name253],
    [`${name253}.:65535`, name253, 65_535],
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1:80', '192.0.2.1', 80],
    ['[::1]', '[::1]'],
    ['[::1]:80', '[::1]', 80],
    ['[::1]:', '[::1]'],
    ['[2001:DB8:0:0::1]', '[2001:db8::1]'],
    ['[::ffff:192.0.2.1]', '[::ffff:c000:201]'],
  ]
  for (const [text, urlHost, port] of rows) {
    const name = urlHost.replace(/^\[|\]$/g, '')
    t.strictSame(parseHost(text), { name, urlHost, port }, text)
  }
})

t.test('everything else is refused with its reason', async (t) => {
  const rows: [text: string, fault: HostFault][] = [
    ['', 'hostEmpty'],
    ['.', 'hostEmpty'],
    [':80', 'hostEmpty'],
    [`${name253}b`, 'hostTooLong'],
    ['a.'.repeat(10_000), 'hostTooLong'],
    ['a@b', 'hostUserinfo'],
    ['evil.test/@', 'hostUserinfo'],
    ['user:pass@a.test', 'hostUserinfo'],
    ['a.test@evil.test', 'hostUserinfo'],
    ['a.test/', 'hostBadCharacter'],
    ['a.test/x', 'hostBadCharacter'],
    ['a.test\\x', 'hostBadCharacter'],
    ['a.test?x', 'hostBadCharacter'],
    ['a.test#x', 'hostBadCharacter'],
    ['a test', 'hostBadCharacter'],
    [' a.test', 'hostBadCharacter'],
    ['a.test ', 'hostBadCharacter'],
    ['a.test\t', 'hostBadCharacter'],
    ['a.test\r\nx: y', 'hostBadCharacter'],
    ['a.test\n', 'hostBadCharacter'],
    ['a\0b', 'hostBadCharacter'],
    ['bücher.test', 'hostBadCharacter'],
    ['\u212a.test', 'hostBadCharacter'],
    ['a%2etest', 'hostBadCharacter'],
    ['a.test,b.test', 'hostBadCharacter'],
    ['a.test;b', 'hostBadCharacter'],
    ['*.a.test', 'hostBadCharacter'],
    ['"a.test"', 'hostBadCharacter'],
    ['a.test:80:80', 'hostBadCharacter'],
    ['::1', 'hostBadCharacter'],
    ['2001:db8::1', 'hostBadCharacter'],
    ['[::1', 'hostBadCharacter'],
    ['http://a.test', 'hostBadPort'],
    ['a..test', 'hostBadLabel'],
    ['.a.test', 'hostBadLabel'],
    ['a.test..', 'hostBadLabel'],
    ['-a.test', 'hostBadLabel'],
    ['a-.test', 'hostBadLabel'],
    [`${label63}a.test`, 'hostBadLabel'],
    ['256.0.0.1', 'hostBadAddress'],
    ['1.2.3', 'hostBadAddress'],
    ['1.2.3.4.5', 'hostBadAddress'],
    ['127.1', 'hostBadAddress'],
    ['2130706433', 'hostBadAddress'],
    ['0x7f.0.0.0x1', 'hostBadAddress'],
    ['a.0x', 'hostBadAddress'],
    ['a.1', 'hostBadAddress'],
    ['127.0.0.01', 'hostBadAddress'],
    ['[]', 'hostBadAddress'],
    ['[::g]', 'hostBadAddress'],
    ['[1.2.3.4]', 'hostBadAddress'],
    ['[a.test]', 'hostBadAddress'],
    ['[::1%25eth0]', 'hostBadAddress'],
    ['[fe80::1%eth0]', 'hostBadAddress'],
    ['[v1.x]', 'hostBadAddress'],
    ['[::1]x', 'hostBadAddress'],
    ['[::1].', 'hostBadAddress'],
    ['a.test:0', 'hostBadPort'],
    ['a.test:65536', 'hostBadPort'],
    ['a.test:123456', 'hostBadPort'],
    ['a.test:-1', 'hostBadPort'],
    ['a.test:80x', 'hostBadPort'],
    ['a.test:8 0', 'hostBadCharacter'],
    ['a.test:١', 'hostBadCharacter'],
    ['[::1]:x', 'hostBadPort'],
    ['[::1]:70000', 'hostBadPort'],
  ]
  for (const [text, fault] of rows) t.equal(parseHost(text), fault, encodeURIComponent(text.slice(0, 40)))
})

t.test('whatever is read as a host is the host of a URL and reads as itself', async () => {
  const pieces = fc.constantFrom(
    'a',
    'B',
    '0',
    '7',
    '-',
    '_',
    '.',
    ':',
    '[',
    ']',
    '@',
    '/',
    '%',
    ' ',
    'é',
    '::1',
    'xn--',
  )
  const texts = fc.oneof(
    fc.array(pieces, { maxLength: 12 }).map((all) => all.join('')),
    fc.webAuthority(),
    fc.ipV6(),
  )
  fc.assert(
    fc.property(texts, (text) => {
      const host = parseHost(text)
      if (typeof host === 'string') return true
      const url = new URL(`https://${host.urlHost}/x`)
      const again = parseHost(host.urlHost)
      return url.hostname === host.urlHost && typeof again !== 'string' && again.name === host.name
    }),
    { numRuns: 2_000 },
  )
})

t.test('two authorities are the same when host and port are', async (t) => {
  const rows: [one: string, other: string, same: boolean][] = [
    ['a.test', 'A.TEST.', true],
    ['a.test', 'a.test:80', true],
    ['a.test:', 'a.test:80', true],
    ['[::1]', '[0:0::1]:80', true],
    ['a.test:81', 'a.test', false],
    ['a.test', 'b.test', false],
  ]
  for (const [one, other, same] of rows) {
    const [left, right] = [parseHost(one), parseHost(other)]
    if (typeof left === 'string' || typeof right === 'string') return t.fail(`${one} or ${other} is no host`)
    t.equal(sameAuthority(left, right, 80), same, `${one} and ${other}`)
  }
})
