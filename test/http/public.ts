// The public port as a whole: its store, settings, log and addresses. rules.ts and wire.ts hold it to HTTP.
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { buildPublic } from '../../src/http/public.ts'
import { presented, settingsOf, startPublic, steadyChallenges } from './fixtures/public-server.ts'
import { ask, lines } from './fixtures/raw-client.ts'

const redirect = lines('GET /x HTTP/1.1', 'Host: a.test')
const challenge = lines('GET /.well-known/acme-challenge/tok-1 HTTP/1.1', 'Host: a.test')

t.test('a broken token store is a 503, redirects go on, and the log stays short', async (t) => {
  const find = () => Promise.reject(new Error('disk on fire'))
  const { port, challenges, log } = await startPublic(t, { challenges: { find } })
  for (let round = 0; round < 5; round += 1) {
    const { answers } = await ask(port, challenge + redirect, { answers: 2 })
    t.match(answers, [
      { status: 503, body: 'The token store cannot be read. (storeUnreadable)\n' },
      { status: 301 },
    ])
    t.equal(answers[0]?.headers.get('cache-control'), 'no-store')
    t.notOk(answers[0]?.headers.has('location'))
  }
  t.strictSame(challenges, Array(5).fill('storeUnreadable'))
  t.match(log, [{ level: 50, msg: 'the token store cannot be read', err: { message: 'disk on fire' } }])
})

t.test('settings are replaced while the server runs', async (t) => {
  const { port, server } = await startPublic(t)
  const before = settingsOf({})
  const statuses = async () =>
    (await ask(port, redirect + lines('GET / HTTP/1.1', 'Host: b.test'), { answers: 2 })).answers
  t.match(await statuses(), [{ status: 301 }, { status: 301 }])
  const config = {
    redirect: { status: 302, hosts: 'configured' },
    certificates: [{ name: 'a', domains: ['a.test'] }],
  } as const
  const narrowed = settingsOf({ ...config, certificates: [{ name: 'a', domains: ['a.test'] }] })
  t.strictSame(server.apply(narrowed), [], 'nothing needs a restart')
  t.match(await statuses(), [{ status: 302 }, { status: 404 }])
  const moved = settingsOf({ listeners: { public: { port: 1, host: '127.0.0.2', maxTargetLength: 128 } } })
  t.strictSame(server.apply(moved), ['listeners.public.host', 'listeners.public.port'])
  t.strictSame(server.apply(moved), ['listeners.public.host', 'listeners.public.port'], 'said each time')
  const long = lines(`GET /${'x'.repeat(128)} HTTP/1.1`, 'Host: a.test')
  t.match((await ask(port, long, { answers: 1 })).answers, [{ status: 400, body: /targetTooLong/ }])
  t.strictSame(server.apply(before), [])
})

t.test('redirects are logged at debug only, and nothing of a stranger above that', async (t) => {
  const requests = redirect + lines(`GET /${'y'.repeat(500)} HTTP/1.1`, 'Host: a.test') + challenge
  const unknown = lines('GET /.well-known/acme-challenge/secret-token HTTP/1.1', 'Host: stranger.test')
  const run = async (t: Test, logLevel: string) => {
    const { port, log } = await startPublic(t, { logLevel })
    await ask(port, requests + unknown, { answers: 4 })
    return log
  }
  t.match(await run(t, 'info'), [{ level: 30, msg: 'challenge answered', host: 'a.test' }])
  t.equal((await run(t, 'info')).length, 1)
  const debug = await run(t, 'debug')
  t.match(debug[0], { level: 20, msg: 'redirected', status: 301, host: 'a.test', target: '/x' })
  t.equal(String(debug[1]?.['target']).length, 200, 'a target is cut')
  t.notMatch(JSON.stringify(debug), /secret-token|tok-1\./)
})

t.test('the default host takes IPv6 and IPv4, and sees through mapped addresses', async (t) => {
  const listeners = { public: { host: '::' } }
  const { port } = await startPublic(t, {
    config: { listeners, redirect: { trustForwardedProto: ['127.0.0.0/8'] } },
  })
  const request = lines('GET /x HTTP/1.1', 'Host: a.test', 'X-Forwarded-Proto: https')
  t.match((await ask(port, request, { answers: 1, address: '127.0.0.1' })).answers, [{ status: 421 }])
  const overIpv6 = await ask(port, request, { answers: 1, address: '::1' })
  if (overIpv6.error === 'EADDRNOTAVAIL') return t.comment('this machine has no IPv6')
  t.match(overIpv6.answers, [{ status: 301 }])
})

t.test('a server that was built listens to nothing and can be thrown away', async (t) => {
  const server = await buildPublic({
    settings: settingsOf(),
    challenges: steadyChallenges,
    observer: { challengeAnswered: () => undefined, redirected: () => undefined, refused: () => undefined },
    log: pino({ level: 'silent' }),
  })
  t.equal(server.address(), undefined)
  t.equal(server.state(), 'built')
  server.destroy()
  t.strictSame(await server.stop({ unreadyWait: 60_000, drain: 60_000 }), { cut: 0 })
  t.equal(server.state(), 'stopped')
})

t.test('a token is answered to any number of askers at once', async (t) => {
  const { port, challenges } = await startPublic(t)
  const asked = await Promise.all(Array.from({ length: 200 }, () => ask(port, challenge, { answers: 1 })))
  t.ok(asked.every(({ answers }) => answers[0]?.body === presented[0]?.keyAuthorization))
  t.equal(challenges.length, 200)
})
