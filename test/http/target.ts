import t from 'tap'
import { parseHost, type Host } from '../../src/http/host.ts'
import { pathFault, pathOfTarget, type TargetFault } from '../../src/http/target.ts'

const host = (text: string): Host => {
  const parsed = parseHost(text)
  if (typeof parsed === 'string') throw new Error(parsed)
  return parsed
}

t.test('a target is a path, or absolute for the same authority', async (t) => {
  const rows: [hostHeader: string, target: string, path: string][] = [
    ['a.test', '/', '/'],
    ['a.test', '/a/b?c=d&e', '/a/b?c=d&e'],
    ['a.test', '//evil.test/x', '//evil.test/x'],
    ['a.test', '/http://b.test/', '/http://b.test/'],
    ['a.test', 'http://a.test/x?y', '/x?y'],
    ['a.test', 'HTTP://A.TEST./x', '/x'],
    ['a.test', 'http://a.test:80/x', '/x'],
    ['a.test:80', 'http://a.test/x', '/x'],
    ['a.test:8080', 'http://a.test:8080/x', '/x'],
    ['a.test', 'http://a.test', '/'],
    ['a.test', 'http://a.test?x=1', '/?x=1'],
    ['a.test', 'http://a.test//x', '//x'],
    ['[::1]', 'http://[0:0::1]/x', '/x'],
  ]
  for (const [hostHeader, target, path] of rows) {
    t.strictSame(pathOfTarget(target, host(hostHeader)), { path }, `${target} at ${hostHeader}`)
  }
})

t.test('any other form is refused', async (t) => {
  const rows: [target: string, fault: TargetFault][] = [
    ['*', 'targetAsterisk'],
    ['', 'targetNotAPath'],
    ['x', 'targetNotAPath'],
    ['?x', 'targetNotAPath'],
    ['a.test:443', 'targetNotAPath'],
    ['http:/a.test/x', 'targetNotAPath'],
    ['://a.test/', 'targetNotAPath'],
    ['\\x', 'targetNotAPath'],
    ['https://a.test/', 'targetOtherScheme'],
    ['ftp://a.test/', 'targetOtherScheme'],
    ['javascript://a.test/%0aalert(1)', 'targetOtherScheme'],
    ['http://b.test/', 'targetOtherAuthority'],
    ['http://a.test:81/', 'targetOtherAuthority'],
    ['http://u@a.test/', 'targetOtherAuthority'],
    ['http://a.test@b.test/', 'targetOtherAuthority'],
    ['http:///x', 'targetOtherAuthority'],
    ['http://a.test\\@b.test/', 'targetOtherAuthority'],
    ['http://a.test /', 'targetOtherAuthority'],
  ]
  for (const [target, fault] of rows) t.equal(pathOfTarget(target, host('a.test')), fault, target)
})

t.test('what may not stand in a Location is refused', async (t) => {
  const rows: [path: string, fault: TargetFault | undefined][] = [
    ['/', undefined],
    ["/-._~:@!$&'()*+,;=/?a=b&c[]=d", undefined],
    ['/%00%0d%0a%2F%fF', undefined],
    ['/a|b^c{d}e`f"<>', undefined],
    ['/\\evil.test', undefined],
    ['/../..', undefined],
    [`/${'x'.repeat(99)}`, undefined],
    [`/${'x'.repeat(100)}`, 'targetTooLong'],
    ['/%', 'targetBadPercent'],
    ['/%2', 'targetBadPercent'],
    ['/%zz', 'targetBadPercent'],
    ['/a%2gb', 'targetBadPercent'],
    ['/?q=100%', 'targetBadPercent'],
    ['/%%41', 'targetBadPercent'],
    ['/#x', 'targetFragment'],
    ['/x#', 'targetFragment'],
    ['/a b', 'targetBadCharacter'],
    ['/a\tb', 'targetBadCharacter'],
    ['/a\r\nX: y', 'targetBadCharacter'],
    ['/\0', 'targetBadCharacter'],
    ['/\x7f', 'targetBadCharacter'],
    ['/ü', 'targetBadCharacter'],
    ['/\xc3\xbc', 'targetBadCharacter'],
    ['/\u2028', 'targetBadCharacter'],
  ]
  for (const [path, fault] of rows)
    t.equal(pathFault(path, 100), fault, encodeURIComponent(path.slice(0, 30)))
})

t.test('a long hostile path takes no longer than a long plain one by orders', async (t) => {
  // A pattern that backtracks would not come back from these within the lifetime of the test.
  for (const path of [`/${'%4'.repeat(30_000)}`, `/${'%41'.repeat(20_000)}%`, `/${'a'.repeat(60_000)}\0`]) {
    t.type(pathFault(path, 100_000), 'string')
  }
})
