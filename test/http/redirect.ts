import fc from 'fast-check'
import t from 'tap'
import { challengePrefix, isBelowPrefix } from '../../src/challenge/token.ts'
import { configSchema, type ConfigInput } from '../../src/config/schema.ts'
import type { RequestFacts } from '../../src/http/facts.ts'
import { decide, redirectSettings, type RedirectSettings } from '../../src/http/redirect.ts'
import type { RefusalReason } from '../../src/http/refusal.ts'

type RedirectInput = NonNullable<ConfigInput['redirect']>

function settings(redirect: RedirectInput = {}, configured: string[] = []): RedirectSettings {
  return redirectSettings(
    { redirect: configSchema.parse({ redirect }).redirect, configuredHosts: configured },
    8_192,
  )
}

function facts(host: string | undefined, target: string, more: Partial<RequestFacts> = {}): RequestFacts {
  const rest = { forwardedProto: undefined, remoteAddress: '192.0.2.1', bodyLength: 0, ...more }
  return { method: 'GET', httpMajor: 1, target, host, hosts: host === undefined ? 0 : 1, ...rest }
}

t.test('a request with a valid host and path is redirected to https', async (t) => {
  const rows: [header: string, target: string, location: string, host?: string][] = [
    ['a.test', '/', 'https://a.test/'],
    ['a.test:80', '/x', 'https://a.test/x'],
    ['a.test:8080', '/x', 'https://a.test/x'],
    ['A.TEST', '/X?Y=Z', 'https://a.test/X?Y=Z'],
    ['a.test.', '/x', 'https://a.test/x'],
    ['a_b.test', '/x', 'https://a_b.test/x', 'a_b.test'],
    ['192.0.2.1', '/x', 'https://192.0.2.1/x', '192.0.2.1'],
    ['[::1]:80', '/x', 'https://[::1]/x', '::1'],
    ['a.test', '//evil.test/x', 'https://a.test//evil.test/x'],
    ['a.test', '/\\evil.test', 'https://a.test/\\evil.test'],
    ['a.test', '/@evil.test', 'https://a.test/@evil.test'],
    ['a.test', '/a/../b/./c//', 'https://a.test/a/../b/./c//'],
    ['a.test', '/%0d%0aX:%20y', 'https://a.test/%0d%0aX:%20y'],
    ['a.test', '/?', 'https://a.test/?'],
    ['a.test', 'http://a.test/x?y', 'https://a.test/x?y'],
    ['a.test', '/.well-known/security.txt', 'https://a.test/.well-known/security.txt'],
  ]
  for (const [header, target, location, host = 'a.test'] of rows) {
    const expected = { do: 'redirect', status: 301, host, location, cacheControl: 'max-age=3600' }
    t.strictSame(decide(facts(header, target), settings()), expected, `${header} ${target}`)
  }
})

t.test('status, port and lifetime of a redirect are those of the configuration', async (t) => {
  const rows: [redirect: RedirectInput, status: number, location: string, cacheControl: string][] = [
    [{}, 301, 'https://a.test/x', 'max-age=3600'],
    [{ status: 302 }, 302, 'https://a.test/x', 'max-age=3600'],
    [{ status: 308 }, 308, 'https://a.test/x', 'max-age=3600'],
    [{ httpsPort: 8443 }, 301, 'https://a.test:8443/x', 'max-age=3600'],
    [{ httpsPort: 443 }, 301, 'https://a.test/x', 'max-age=3600'],
    [{ maxAge: '0s' }, 301, 'https://a.test/x', 'no-store'],
    [{ maxAge: '1d' }, 301, 'https://a.test/x', 'max-age=86400'],
    [{ maxAge: '1ms' }, 301, 'https://a.test/x', 'max-age=1'],
  ]
  for (const [redirect, status, location, cacheControl] of rows) {
    const decision = decide(facts('a.test:80', '/x'), settings(redirect))
    t.strictSame(
      decision,
      { do: 'redirect', status, host: 'a.test', location, cacheControl },
      JSON.stringify(redirect),
    )
  }
})

t.test('what cannot be redirected safely is refused with a reason', async (t) => {
  const rows: [name: string, facts: RequestFacts, status: number, reason: RefusalReason][] = [
    ['no Host', facts(undefined, '/'), 400, 'hostMissing'],
    ['two Hosts', facts('a.test', '/', { hosts: 2 }), 400, 'hostRepeated'],
    ['an empty Host', facts('', '/'), 400, 'hostEmpty'],
    ['userinfo', facts('a.test@evil', '/'), 400, 'hostUserinfo'],
    ['a slash and an @', facts('evil/@', '/'), 400, 'hostUserinfo'],
    ['a bad label', facts('a..b', '/'), 400, 'hostBadLabel'],
    ['another authority', facts('a.test', 'http://evil.test/x'), 400, 'targetOtherAuthority'],
    ['an asterisk', facts('a.test', '*'), 400, 'targetAsterisk'],
    ['a bad percent code', facts('a.test', '/%'), 400, 'targetBadPercent'],
    ['8193 characters', facts('a.test', `/${'x'.repeat(8_192)}`), 400, 'targetTooLong'],
    ['HTTP/2 in the clothes of HTTP/1', facts('a.test', '/', { httpMajor: 2 }), 505, 'httpVersion'],
  ]
  for (const [name, request, status, reason] of rows) {
    t.match(decide(request, settings()), { do: 'refuse', status, reason }, name)
  }
})

t.test('with hosts: configured, only the identifiers of certificates are redirected', async (t) => {
  const some = settings({ hosts: 'configured' }, ['a.test', '2001:db8::1', '192.0.2.1'])
  const rows: [host: string, expected: object][] = [
    ['a.test', { do: 'redirect' }],
    ['A.TEST.:80', { do: 'redirect' }],
    ['[2001:DB8:0::1]', { do: 'redirect' }],
    ['192.0.2.1', { do: 'redirect' }],
    ['b.test', { do: 'refuse', status: 404, reason: 'hostNotConfigured' }],
    ['x.a.test', { do: 'refuse', status: 404, reason: 'hostNotConfigured' }],
  ]
  for (const [host, expected] of rows) t.match(decide(facts(host, '/x'), some), expected, host)
  t.match(decide(facts('b.test', '/x'), settings({}, ['a.test'])), { do: 'redirect' }, 'any is the default')
  const challenge = decide(facts('b.test', `${challengePrefix}abc`), some)
  t.match(challenge, { do: 'challenge', token: 'abc' }, 'challenges are not narrowed')
})

t.test('X-Forwarded-Proto: https is believed of trusted hops only', async (t) => {
  const trusting = settings({ trustForwardedProto: ['10.0.0.0/8', '2001:db8::/32', '192.0.2.7/32'] })
  const rows: [remoteAddress: string | undefined, proto: string | undefined, loops: boolean][] = [
    ['10.1.2.3', 'https', true],
    ['::ffff:10.1.2.3', 'https', true],
    ['::FFFF:10.1.2.3', 'https', true],
    ['2001:db8:1::1', 'https', true],
    ['192.0.2.7', 'HTTPS', true],
    ['10.1.2.3', ' https , http', true],
    ['10.1.2.3', 'http', false],
    ['10.1.2.3', 'http, https', false],
    ['10.1.2.3', 'httpsx', false],
    ['10.1.2.3', '', false],
    ['10.1.2.3', undefined, false],
    ['11.1.2.3', 'https', false],
    ['::ffff:11.1.2.3', 'https', false],
    ['2001:db9::1', 'https', false],
    ['fe80::1%eth0', 'https', false],
    ['192.0.2.8', 'https', false],
    [undefined, 'https', false],
  ]
  for (const [remoteAddress, forwardedProto, loops] of rows) {
    const decision = decide(facts('a.test', '/', { remoteAddress, forwardedProto }), trusting)
    const expected = loops ? { do: 'refuse', status: 421, reason: 'alreadyHttps' } : { do: 'redirect' }
    t.match(decision, expected, `${String(forwardedProto)} from ${String(remoteAddress)}`)
  }
  const unsaid = decide(
    facts('a.test', '/', { remoteAddress: '10.1.2.3', forwardedProto: 'https' }),
    settings(),
  )
  t.match(unsaid, { do: 'redirect' }, 'nobody is trusted by default')
})

t.test('a challenge request is never redirected, nor refused for what its path is', async (t) => {
  const rows: [target: string, token: string | undefined][] = [
    [`${challengePrefix}abc`, 'abc'],
    [`http://a.test${challengePrefix}abc`, 'abc'],
    [challengePrefix, undefined],
    ['/.well-known/acme-challenge', undefined],
    [`${challengePrefix}%2e%2e`, undefined],
    [`${challengePrefix}%`, undefined],
    [`${challengePrefix}${'a'.repeat(9_000)}`, undefined],
    ['/x/%2e%2e/.well-known/acme-challenge/abc', undefined],
  ]
  for (const [target, token] of rows) {
    const more = { remoteAddress: '10.0.0.1', forwardedProto: 'https' }
    const decision = decide(facts('a.test', target, more), settings({ trustForwardedProto: ['10.0.0.0/8'] }))
    t.strictSame(decision, { do: 'challenge', token, host: 'a.test' }, target.slice(0, 60))
  }
})

const hosts = fc.oneof(
  fc.domain(),
  fc.webAuthority({ withUserInfo: true, withPort: true, withIPv4: true, withIPv6: true }),
  fc.string({ unit: 'binary-ascii', maxLength: 20 }),
  fc.constantFrom('a.test', '[::1]:80', 'a.test@evil.test', 'a.test/@', '127.1'),
)
const targets = fc.oneof(
  fc.webPath().map((path) => `/${path}`),
  fc.webUrl({ withQueryParameters: true }),
  fc.string({ unit: 'binary-ascii', maxLength: 30 }).map((text) => `/${text}`),
  fc
    .array(
      fc.constantFrom(
        '/',
        '.',
        '..',
        '%2e',
        '%2F',
        '\\',
        '?',
        '#',
        '.well-known',
        'acme-challenge',
        'x',
        '@',
        ':',
      ),
    )
    .map((parts) => `/${parts.join('')}`),
)

t.test(
  'whatever is asked, a Location is https at the very host of the request, path untouched',
  async (t) => {
    let redirected = 0
    fc.assert(
      fc.property(hosts, targets, (host, target) => {
        const decision = decide(facts(host, target), settings())
        if (decision.do !== 'redirect') return
        redirected += 1
        const { location } = decision
        const url = new URL(location)
        const asked = new URL(`http://${host}/`)
        if (url.protocol !== 'https:' || url.port !== '' || url.username !== '' || url.password !== '')
          throw new Error(location)
        if (url.hostname !== asked.hostname.replace(/\.$/, '')) throw new Error(`${location} for ${host}`)
        if (!/^[!-~]+$/.test(location)) throw new Error(`not printable: ${JSON.stringify(location)}`)
        const path = location.slice('https://'.length + url.hostname.length)
        if (path !== target && target.startsWith('/')) throw new Error(`${path} for ${target}`)
        if (isBelowPrefix(path)) throw new Error(`redirected below the challenge prefix: ${path}`)
      }),
      { numRuns: 5_000 },
    )
    t.ok(redirected > 500, `${redirected} of the runs were redirects`)
  },
)

t.test('a decision is the same for the same request', async () => {
  fc.assert(
    fc.property(hosts, targets, (host, target) => {
      const [one, other] = [decide(facts(host, target), settings()), decide(facts(host, target), settings())]
      return JSON.stringify(one) === JSON.stringify(other)
    }),
  )
})
