import fc from 'fast-check'
import t from 'tap'
import {
  challengePath,
  challengePrefix,
  hostMatches,
  isBelowPrefix,
  isToken,
  keyAuthorization,
  tokenOf,
} from '../../src/challenge/token.ts'

const thumbprint = 'LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ'
const tokens = fc.stringMatching(/^[A-Za-z0-9_-]{1,128}$/)

t.test('a token is 1 to 128 characters of base64url', async (t) => {
  const rows: [text: string, expected: boolean][] = [
    ['evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA', true],
    ['a', true],
    ['a'.repeat(128), true],
    ['_-', true],
    ['', false],
    ['a'.repeat(129), false],
    ['a=', false],
    ['a+b', false],
    ['a/b', false],
    ['a.b', false],
    ['..', false],
    ['%61', false],
    ['a b', false],
    ['a\n', false],
    ['ä', false],
  ]
  for (const [text, expected] of rows) t.equal(isToken(text), expected, JSON.stringify(text))
})

t.test('the token of a path is what stands directly below the prefix', async (t) => {
  const rows: [path: string, expected: string | undefined][] = [
    [`${challengePrefix}abc`, 'abc'],
    [`${challengePrefix}abc?x=1`, 'abc'],
    [`${challengePrefix}__proto__`, '__proto__'],
    [challengePrefix, undefined],
    [`${challengePrefix}?abc`, undefined],
    [`${challengePrefix}abc/`, undefined],
    [`${challengePrefix}abc/def`, undefined],
    [`${challengePrefix}/abc`, undefined],
    [`${challengePrefix}%61bc`, undefined],
    [`${challengePrefix}..`, undefined],
    ['/.well-known/acme-challenge', undefined],
    ['/.well-known/acme-challengeabc', undefined],
    ['/.WELL-KNOWN/acme-challenge/abc', undefined],
    ['/x/.well-known/acme-challenge/abc', undefined],
  ]
  for (const [path, expected] of rows) t.equal(tokenOf(path), expected, path)
})

t.test('a path belongs to the prefix as written or as it resolves', async (t) => {
  const rows: [path: string, expected: boolean][] = [
    ['/.well-known/acme-challenge/abc', true],
    ['/.well-known/acme-challenge/', true],
    ['/.well-known/acme-challenge', true],
    ['/.well-known/acme-challenge?x', true],
    ['/.well-known/acme-challenge/%2e%2e', true],
    ['/.well-known/acme-challenge/../../x', true],
    ['/.well-known/acme-challenge/%', true],
    ['/.well-known/./acme-challenge/abc', true],
    ['/a/../.well-known/acme-challenge/abc', true],
    ['/../.well-known/acme-challenge/abc', true],
    ['/.well-known/%61cme-challenge/abc', true],
    ['/%2ewell-known/acme-challenge/abc', true],
    ['/%2Ewell-known%2Facme-challenge%2Fabc', true],
    ['/a/%2e%2E/.well-known/acme-challenge/abc', true],
    ['/.well-known/acme-challenge%2fabc', true],
    ['/', false],
    ['/.well-known/acme-challengex/abc', false],
    ['/.well-known/acme-challenge-x', false],
    ['/.well-known/security.txt', false],
    ['/.well-known/', false],
    ['/x/.well-known/acme-challenge/abc', false],
    ['/?/.well-known/acme-challenge/abc', false],
    ['/x?%2e/.well-known/acme-challenge/abc', false],
    ['//.well-known/acme-challenge/abc', false],
    ['/.Well-Known/acme-challenge/abc', false],
    ['/%zz/.well-known/acme-challenge/abc', false],
  ]
  for (const [path, expected] of rows) t.equal(isBelowPrefix(path), expected, path)
})

t.test('path and token lead to each other', async () => {
  fc.assert(fc.property(tokens, (token) => tokenOf(challengePath(token)) === token))
  fc.assert(fc.property(tokens, (token) => isBelowPrefix(challengePath(token))))
})

t.test('a token in a path is one that may be looked up, whatever the path', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      const token = tokenOf(challengePrefix + text)
      return token === undefined || (isToken(token) && text.startsWith(token))
    }),
  )
})

t.test('every percent-encoded spelling of a challenge path belongs to the prefix', async () => {
  const spelled = fc
    .tuple(tokens, fc.infiniteStream(fc.boolean()))
    .map(([token, coins]) =>
      [...challengePath(token)]
        .map((character, at) => (at > 0 && coins.next().value ? percent(character) : character))
        .join(''),
    )
  fc.assert(fc.property(spelled, isBelowPrefix))
})

t.test('the key authorization joins token and thumbprint, and nothing else', async (t) => {
  t.equal(keyAuthorization('abc', thumbprint), `abc.${thumbprint}`)
  t.throws(() => keyAuthorization('a.b', thumbprint), RangeError)
  t.throws(() => keyAuthorization('abc', 'short'), RangeError)
  t.throws(() => keyAuthorization('abc', `${thumbprint}\n`), RangeError)
  t.throws(() => challengePath('../x'), RangeError)
})

t.test('a Host matches the identifier in any spelling of it', async (t) => {
  const rows: [host: string, identifier: string, expected: boolean][] = [
    ['a.test', 'a.test', true],
    ['A.TEST', 'a.test', true],
    ['a.test:80', 'a.test', true],
    ['a.test:8080', 'a.test', true],
    ['a.test:', 'a.test', true],
    ['a.test.', 'a.test', true],
    ['a.test.:80', 'a.test', true],
    ['xn--bcher-kva.test', 'xn--bcher-kva.test', true],
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1:80', '192.0.2.1', true],
    ['[2001:db8::1]', '2001:db8::1', true],
    ['[2001:db8::1]:80', '2001:db8::1', true],
    ['[2001:DB8:0:0:0:0:0:1]', '2001:db8::1', true],
    ['[2001:db8::1]', '2001:0db8:0000:0000:0000:0000:0000:0001', true],
    ['b.test', 'a.test', false],
    ['x.a.test', 'a.test', false],
    ['a.test.evil', 'a.test', false],
    ['a.test@evil', 'a.test', false],
    ['evil@a.test', 'a.test', false],
    ['2001:db8::1', '2001:db8::1', false],
    ['[2001:db8::2]', '2001:db8::1', false],
    ['', 'a.test', false],
    ['', '', false],
    ['a.test', '', false],
    ['a.test/', 'a.test', false],
  ]
  for (const [host, identifier, expected] of rows) {
    t.equal(hostMatches(host, identifier), expected, `${host} against ${identifier}`)
  }
})

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}
