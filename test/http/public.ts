// The public port over a raw socket: what a table of single requests (rules.ts) cannot show.
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import type { ChallengeFinder } from '../../src/http/challenge-answer.ts'
import { buildPublic } from '../../src/http/public.ts'
import { presented, settingsOf, startPublic, steadyChallenges, thumbprint } from './fixtures/public-server.ts'
import { ask, lines } from './fixtures/raw-client.ts'

const redirect = lines('GET /x HTTP/1.1', 'Host: a.test')
const challenge = lines('GET /.well-known/acme-challenge/tok-1 HTTP/1.1', 'Host: a.test')
const post = (body: string, ...more: string[]) => lines('POST /p HTTP/1.1', 'Host: a.test', ...more) + body

/** Finds what the steady store finds, `milliseconds` later. */
const slowly = (milliseconds: number): ChallengeFinder => ({
  find: (token) => sleep(milliseconds).then(() => steadyChallenges.find(token)),
})

t.test('a body is never looked at, and a small one does not end the connection', async (t) => {
  const { port } = await startPublic(t)
  const rows: [name: string, request: string][] = [
    ['broken JSON', post('{"a":', 'Content-Type: application/json', 'Content-Length: 5')],
    ['a type that is none', post('x', 'Content-Type: ][', 'Content-Length: 1')],
    ['a form', post('a=b', 'Content-Type: application/x-www-form-urlencoded', 'Content-Length: 3')],
    ['a body like a request', post(redirect, `Content-Length: ${redirect.length}`)],
    ['64 KiB', post('x'.repeat(65_536), 'Content-Length: 65536')],
    ['a GET with a body', lines('GET /x HTTP/1.1', 'Host: a.test', 'Content-Length: 3') + 'abc'],
  ]
  for (const [name, request] of rows) {
    const { answers, closed } = await ask(port, request + challenge, { answers: 2 })
    t.strictSame([answers.map(({ status }) => status), closed], [[301, 200], false], name)
  }
})

t.test('a challenge with a body is answered, and the connection goes on', async (t) => {
  const { port } = await startPublic(t)
  const request =
    lines('GET /.well-known/acme-challenge/tok-1 HTTP/1.1', 'Host: a.test', 'Content-Length: 3') + '{"a'
  const { answers } = await ask(port, request + redirect, { answers: 2 })
  t.match(answers, [{ status: 200, body: `tok-1.${thumbprint}` }, { status: 301 }])
})

t.test('a client that sends a large body finds its answer and no reset', async (t) => {
  const { port } = await startPublic(t)
  const size = 4 * 1_048_576
  const rows: [name: string, head: string[], chunk: string][] = [
    ['announced', [`Content-Length: ${size}`], 'x'.repeat(65_536)],
    ['chunked', ['Transfer-Encoding: chunked'], `10000\r\n${'x'.repeat(65_536)}\r\n`],
    ['chunked, broken', ['Transfer-Encoding: chunked'], 'zz\r\n'.repeat(16_384)],
  ]
  for (const [name, head, chunk] of rows) {
    const { answers, closed, error } = await ask(port, '', {
      send: (socket) => {
        socket.write(post('', ...head))
        // All of it, whatever the server says meanwhile: as a client does that reads only afterwards.
        socket.pause()
        for (let sent = 0; sent < size; sent += 65_536) socket.write(chunk)
        socket.end(() => socket.resume())
      },
    })
    t.strictSame([answers.map(({ status }) => status), closed, error], [[301], true, undefined], name)
    t.equal(answers[0]?.headers.get('connection'), 'close', name)
  }
})

t.test('nothing is answered behind the answer that closes', async (t) => {
  const { port, redirects } = await startPublic(t)
  const first = lines('GET /1 HTTP/1.1', 'Host: a.test', 'Connection: close')
  const { answers, closed, error } = await ask(port, first + redirect)
  t.strictSame([answers.length, closed, error], [1, true, undefined])
  const late = await ask(port, '', {
    send: (socket) => {
      socket.write(first)
      setTimeout(() => socket.write(redirect), 200)
    },
  })
  t.strictSame([late.answers.length, late.error], [1, undefined])
  t.equal(redirects.length, 2)
})

t.test('pipelined requests are answered in order, also when one takes longer', async (t) => {
  const { port } = await startPublic(t, { challenges: slowly(200) })
  const requests = redirect + challenge + lines('GET /% HTTP/1.1', 'Host: a.test') + challenge + redirect
  const { answers } = await ask(port, requests, { answers: 5 })
  t.strictSame(
    answers.map(({ status }) => status),
    [301, 200, 400, 200, 301],
  )
})

t.test('what is no HTTP behind a slow answer does not take its place', async (t) => {
  const { port } = await startPublic(t, { challenges: slowly(200) })
  for (const nonsense of [
    '\x16\x03\x01\x02\x00\x01',
    lines('CONNECT b.test:443 HTTP/1.1', 'Host: b.test:443'),
  ]) {
    const { answers, closed, error } = await ask(port, challenge + nonsense)
    t.strictSame([answers.map(({ status }) => status), closed, error], [[200, 400], true, undefined])
  }
})

t.test('a client that ends its sending side still gets a slow answer', async (t) => {
  const { port } = await startPublic(t, { challenges: slowly(200) })
  const { answers, error } = await ask(port, '', { send: (socket) => socket.end(challenge) })
  t.match(answers, [{ status: 200 }])
  t.equal(error, undefined)
})

t.test('a request in single bytes is a request', async (t) => {
  const { port } = await startPublic(t)
  const { answers } = await ask(port, '', {
    answers: 1,
    send: (socket) => {
      socket.setNoDelay()
      void (async () => {
        for (const byte of redirect) {
          socket.write(byte)
          await sleep(1)
        }
      })()
    },
  })
  t.match(answers, [{ status: 301 }])
})

t.test('Expect: 100-continue gets its final answer and no 100, with or without the body', async (t) => {
  const { port, redirects } = await startPublic(t)
  for (const body of ['', 'x'.repeat(10)]) {
    const expecting = ['Content-Length: 10', 'Expect: 100-continue']
    const { answers, closed, error } = await ask(port, post(body, ...expecting))
    t.strictSame([answers.map(({ status }) => status), closed, error], [[301], true, undefined])
    const path = '/.well-known/acme-challenge/tok-1'
    const head = lines(`GET ${path} HTTP/1.1`, 'Host: a.test', ...expecting)
    t.match((await ask(port, head + body)).answers, [{ status: 200 }])
  }
  const { answers } = await ask(port, post('x', 'Content-Length: 1', 'Expect: 100-continue') + redirect)
  t.strictSame([answers.length, redirects.length], [1, 3], 'nothing behind it is looked at')
})

t.test('a client that goes away in the middle disturbs nobody', async (t) => {
  const { port, server, log } = await startPublic(t, { challenges: slowly(100) })
  for (const bytes of [challenge, 'GET / HT', post('', 'Content-Length: 10'), '']) {
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(bytes)
        setTimeout(() => socket.resetAndDestroy(), 20)
      })
      socket.on('error', () => undefined)
      socket.on('close', () => resolve())
    })
  }
  t.match((await ask(port, redirect, { answers: 1 })).answers, [{ status: 301 }])
  await until(() => server.connections() === 0)
  t.strictSame(
    log.filter(({ level }) => level > 30),
    [],
  )
})

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

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(20)
}
