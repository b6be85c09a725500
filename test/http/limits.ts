// Every limit of listeners.public, against clients that are slow, greedy or many.
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { configSchema, type ConfigInput } from '../../src/config/schema.ts'
import { startPublic, type Running } from './fixtures/public-server.ts'
import { ask, lines } from './fixtures/raw-client.ts'

// Those that wait for a limit of seconds do so beside one another.
t.jobs = 4
/** New options each time: tap keeps in them what is of one test. */
const beside = () => ({ buffered: true })

type PublicInput = NonNullable<NonNullable<ConfigInput['listeners']>['public']>
const start = (t: Test, limits: PublicInput): Promise<Running> =>
  startPublic(t, { config: { listeners: { public: limits } } })
const redirect = lines('GET /x HTTP/1.1', 'Host: a.test')
const post = (body: string, ...more: string[]) => lines('POST /p HTTP/1.1', 'Host: a.test', ...more) + body

t.test('the limits that hold unless something else is written', async (t) => {
  t.strictSame(configSchema.parse({}).listeners.public, {
    host: '::',
    port: 8080,
    headersTimeout: 10_000,
    requestTimeout: 15_000,
    keepAliveTimeout: 65_000,
    maxHeaderSize: 16_384,
    maxTargetLength: 8_192,
    maxDiscardedBody: 65_536,
    maxConnections: 10_000,
    maxRequestsPerSocket: 0,
  })
})

t.test(
  'slow headers are answered 408, and a connection that says nothing ends without a word',
  beside(),
  async (t) => {
    const { port, refusals } = await start(t, { headersTimeout: '1s', requestTimeout: '60s' })
    const rows: [name: string, bytes: string, statuses: number[]][] = [
      ['half a request', 'GET /x HTTP/1.1\r\nHost: a.te', [408]],
      ['half a request behind a whole one', `${redirect}GET /x`, [301, 408]],
      ['nothing', '', []],
    ]
    await Promise.all(
      rows.map(async ([name, bytes, statuses]) => {
        const startedAt = performance.now()
        const { answers, closed, error } = await ask(port, bytes)
        t.strictSame([answers.map(({ status }) => status), closed, error], [statuses, true, undefined], name)
        t.ok(performance.now() - startedAt >= 900, 'not before its time')
      }),
    )
    t.strictSame(refusals, ['requestTimeout', 'requestTimeout'])
  },
)

t.test('a byte now and then does not keep slow headers alive', beside(), async (t) => {
  const { port } = await start(t, { headersTimeout: '1s', requestTimeout: '60s' })
  const { answers } = await ask(port, '', {
    send: (socket) => {
      socket.write('GET /x HTTP/1.1\r\nHost: a.test\r\n')
      const drip = setInterval(() => socket.write('X: y\r\n'), 100)
      socket.on('close', () => clearInterval(drip))
    },
  })
  t.match(answers, [{ status: 408 }])
})

t.test(
  'a body that does not come ends the connection behind the answer, without a second one',
  beside(),
  async (t) => {
    const { port, refusals } = await start(t, { headersTimeout: '1s', requestTimeout: '1s' })
    const { answers, closed, error } = await ask(port, post('abc', 'Content-Length: 10'))
    t.strictSame([answers.map(({ status }) => status), closed, error], [[301], true, undefined])
    t.strictSame(refusals, ['requestTimeout'])
  },
)

t.test('an idle kept connection ends after its time', beside(), async (t) => {
  const { port } = await start(t, { keepAliveTimeout: '1s', requestTimeout: '1s', headersTimeout: '1s' })
  const startedAt = performance.now()
  const { answers, closed, error } = await ask(port, redirect)
  t.strictSame([answers.length, closed, error], [1, true, undefined])
  t.equal(answers[0]?.headers.get('keep-alive'), 'timeout=1')
  t.ok(performance.now() - startedAt >= 1_000)
})

t.test('headers that are too large are answered 431, and the client gets to see it', async (t) => {
  const { port, refusals } = await start(t, { maxHeaderSize: 1_024 })
  const rows: [name: string, bytes: string, status: number][] = [
    ['just in', lines('GET /x HTTP/1.1', 'Host: a.test', `X: ${'y'.repeat(900)}`), 301],
    ['one header', lines('GET /x HTTP/1.1', 'Host: a.test', `X: ${'y'.repeat(1_100)}`), 431],
    ['a target', lines(`GET /${'y'.repeat(2_000)} HTTP/1.1`, 'Host: a.test'), 431],
    ['two megabytes', lines('GET /x HTTP/1.1', `X: ${'y'.repeat(2_097_152)}`), 431],
  ]
  for (const [name, bytes, status] of rows) {
    const { answers, error } = await ask(port, bytes, status === 301 ? { answers: 1 } : {})
    t.strictSame([answers.map((answer) => answer.status), error], [[status], undefined], name)
  }
  t.strictSame(refusals, ['headersTooLarge', 'headersTooLarge', 'headersTooLarge'])
})

t.test('a second Host is found behind any number of headers', async (t) => {
  const { port } = await start(t, { maxHeaderSize: 65_536 })
  const many = Array.from({ length: 5_000 }, () => 'a:b')
  const { answers } = await ask(port, lines('GET / HTTP/1.1', 'Host: a.test', ...many, 'Host: b.test'), {
    answers: 1,
  })
  t.match(answers, [{ status: 400, body: /hostRepeated/ }])
})

t.test('a target over its length is refused and never cut', async (t) => {
  const { port } = await start(t, { maxTargetLength: 128 })
  const get = (length: number) => lines(`GET /${'x'.repeat(length - 1)} HTTP/1.1`, 'Host: a.test')
  const { answers } = await ask(port, get(128) + get(129), { answers: 2 })
  t.match(answers, [{ status: 301 }, { status: 400, body: /targetTooLong/ }])
  t.equal(answers[0]?.headers.get('location')?.length, 'https://a.test'.length + 128)
})

t.test('a body over its size ends the connection, one within it does not', async (t) => {
  const { port } = await start(t, { maxDiscardedBody: 10 })
  const rows: [length: number, connection: string][] = [
    [0, 'keep-alive'],
    [10, 'keep-alive'],
    [11, 'close'],
  ]
  for (const [length, connection] of rows) {
    const { answers } = await ask(port, post('x'.repeat(length), `Content-Length: ${length}`), { answers: 1 })
    t.equal(answers[0]?.headers.get('connection'), connection, `${length} bytes`)
  }
})

t.test('more connections than allowed are closed at once and counted', async (t) => {
  const { port, refusals, server } = await start(t, { maxConnections: 2 })
  const held = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')]
  t.teardown(() => held.forEach((socket) => socket.destroy()))
  while (server.connections() < 2) await sleep(20)
  const { answers, closed } = await ask(port, redirect)
  t.strictSame([answers.length, closed], [0, true])
  t.strictSame(refusals, ['tooManyConnections'])
  held[0]?.destroy()
  while (server.connections() > 1) await sleep(20)
  t.match((await ask(port, redirect, { answers: 1 })).answers, [{ status: 301 }])
})

t.test('the last of the allowed requests on a connection says that it is', async (t) => {
  const { port } = await start(t, { maxRequestsPerSocket: 2 })
  const { answers, closed, error } = await ask(port, '', {
    send: (socket) => {
      socket.write(redirect)
      setTimeout(() => socket.write(redirect), 100)
    },
  })
  t.strictSame(
    answers.map(({ status, headers }) => [status, headers.get('connection')]),
    [
      [301, 'keep-alive'],
      [301, 'close'],
    ],
  )
  t.strictSame([closed, error], [true, undefined])
})

t.test('a client that asks for ever and reads nothing is cut off', async (t) => {
  const { port, server } = await start(t, {
    keepAliveTimeout: '1s',
    requestTimeout: '1s',
    headersTimeout: '1s',
  })
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.pause()
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
  // 64 bytes each, so that the server is left between two requests and no time-out of a request can help it.
  const request = lines('GET /x HTTP/1.1', 'Host: a.test', `X: ${'y'.repeat(64 - redirect.length - 5)}`)
  t.equal(request.length, 64)
  const more = (): void => {
    while (socket.writable && socket.write(request.repeat(1_024)));
  }
  socket.on('drain', more)
  more()
  while (server.connections() === 0) await sleep(20)
  while (server.connections() > 0) await sleep(50)
  socket.destroy()
  await closed
  t.pass('the server let go of it')
})
