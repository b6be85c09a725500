// The public port over a raw socket, several requests to a connection: bodies, pipelining, ends, and no HTTP at all.
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { ChallengeFinder } from '../../src/http/challenge-answer.ts'
import { startPublic, steadyChallenges, thumbprint } from './fixtures/public-server.ts'
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

t.test('what is no HTTP is answered 400 once, and the connection ends', async (t) => {
  const { port, refusals } = await startPublic(t)
  const rows: [name: string, bytes: string][] = [
    ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['HTTP/2 from the start', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['bare line feeds', 'GET / HTTP/1.1\nHost: a.test\n\n'],
    ['a bare carriage return', 'GET / HTTP/1.1\r\nHost: a.test\rX: y\r\n\r\n'],
    ['NUL in the Host', lines('GET / HTTP/1.1', 'Host: a\0b')],
    ['a control character in the target', lines('GET /\x01 HTTP/1.1', 'Host: a.test')],
    ['a blank in the target', lines('GET /a b HTTP/1.1', 'Host: a.test')],
    ['a negative length', lines('POST / HTTP/1.1', 'Host: a.test', 'Content-Length: -1')],
    ['two lengths', lines('POST / HTTP/1.1', 'Host: a.test', 'Content-Length: 1', 'Content-Length: 2')],
    ['words', 'hello there\r\n\r\n'],
  ]
  for (const [name, bytes] of rows) {
    const { answers, closed, error } = await ask(port, bytes)
    t.strictSame([answers.map(({ status }) => status), closed, error], [[400], true, undefined], name)
  }
  t.strictSame(refusals, Array(rows.length).fill('malformed'))
  t.match(
    (await ask(port, `\r\n${redirect}`, { answers: 1 })).answers,
    [{ status: 301 }],
    'a line end before is none',
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
  while (server.connections() > 0) await sleep(20)
  t.strictSame(
    log.filter(({ level }) => level > 30),
    [],
  )
})
