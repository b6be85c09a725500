/** Everything that can come instead of an answer, made by a real server on loopback. Nothing here sleeps. */
import t from 'tap'
import type { ServerResponse } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { createAcmeClient } from '../../src/acme/client.ts'
import { Port80Failure, type Failure } from '../../src/reason.ts'
import { accountKeyPem, bench, failureOf, now, signal } from './fixtures/bench.ts'

type Answer = (response: ServerResponse) => void

const problem = (status: number, type: string, headers: Record<string, string> = {}): Answer => {
  const document = JSON.stringify({
    type: `urn:ietf:params:acme:error:${type}`,
    detail: 'the words of the CA',
  })
  return (response) =>
    response.writeHead(status, { 'Content-Type': 'application/problem+json', ...headers }).end(document)
}

const json = (body: string): Answer => {
  return (response) =>
    response.writeHead(201, { 'Content-Type': 'application/json', Location: '/order/1' }).end(body)
}

const rows: Record<string, { answer: Answer; failure: Partial<Failure> | Record<string, unknown> }> = {
  '429 with Retry-After in seconds is a moment, not a sleep': {
    answer: problem(429, 'rateLimited', { 'Retry-After': '86400' }),
    failure: { reason: 'AcmeRateLimited', retryAt: now + 86_400_000, scope: { kind: 'issuer' } },
  },
  '429 with Retry-After as a date': {
    answer: problem(429, 'rateLimited', { 'Retry-After': 'Wed, 25 Nov 2026 12:00:00 GMT' }),
    failure: { reason: 'AcmeRateLimited', retryAt: now + 86_400_000 },
  },
  '503 without a document': {
    answer: (response) => response.writeHead(503, { 'Retry-After': '120' }).end('<h1>busy</h1>'),
    failure: { reason: 'CaOverloaded', retryAt: now + 120_000, scope: { kind: 'issuer' } },
  },
  '502 of a proxy': {
    answer: (response) => response.writeHead(502).end('<h1>Bad Gateway</h1>'),
    failure: { reason: 'CaAnswerUnusable', detail: /status 502/ },
  },
  'a type that nobody knows': {
    answer: problem(400, 'brandNew'),
    failure: { reason: 'AcmeUnknownProblem', detail: /brandNew the words of the CA/ },
  },
  'a document with a link to help': {
    answer: problem(400, 'rejectedIdentifier', { Link: '<https://ca.example/why>;rel="help"' }),
    failure: { reason: 'AcmeRejectedIdentifier', helpUrl: 'https://ca.example/why' },
  },
  'a reset before the answer': {
    answer: (response) => response.socket?.resetAndDestroy(),
    failure: { reason: 'CaUnreachable', detail: /^127\.0\.0\.1:\d+: ECONNRESET$/ },
  },
  'a connection that is closed before the answer': {
    answer: (response) => response.socket?.end(),
    failure: { reason: 'CaUnreachable' },
  },
  'an answer that is cut off': {
    answer: (response) => {
      response.writeHead(201, { 'Content-Type': 'application/json', 'Content-Length': 5_000 })
      response.write('{"status": "pend', () => response.socket?.destroy())
    },
    failure: { reason: 'CaAnswerUnusable', detail: /cut off/ },
  },
  'JSON that is cut off': {
    answer: json('{"status": "pend'),
    failure: { reason: 'CaAnswerUnusable', detail: 'newOrder: the answer is not JSON' },
  },
  'a member that is missing': {
    answer: json('{"status": "pending", "identifiers": [], "authorizations": []}'),
    failure: { reason: 'CaAnswerUnusable', detail: /^newOrder: finalize is missing/ },
  },
  'a status that RFC 8555 does not have': {
    answer: json(
      '{"status": "soon", "identifiers": [], "authorizations": [], "finalize": "http://a.test/f"}',
    ),
    failure: { reason: 'CaAnswerUnusable', detail: /^newOrder: status is missing/ },
  },
  'an order without a URL': {
    answer: (response) => response.writeHead(201, { 'Content-Type': 'application/json' }).end('{}'),
    failure: { reason: 'CaAnswerUnusable', detail: /no order URL/ },
  },
  'more than a mebibyte': {
    answer: (response) => {
      response.writeHead(201, { 'Content-Type': 'application/json', Location: '/order/1' })
      response.end(`"${'x'.repeat(1_100_000)}"`)
    },
    failure: { reason: 'CaAnswerUnusable', detail: /larger than 1 MiB/ },
  },
  'a redirect': {
    answer: (response) => response.writeHead(307, { Location: 'http://127.0.0.1:1/elsewhere' }).end(),
    failure: {
      reason: 'CaAnswerUnusable',
      detail: 'newOrder: the answer has status 307 to http://127.0.0.1:1/elsewhere',
    },
  },
  'words that would turn a terminal round': {
    answer: (response) =>
      response
        .writeHead(403, { 'Content-Type': 'application/problem+json' })
        .end(
          JSON.stringify({ type: 'urn:ietf:params:acme:error:caa', detail: 'a\u001b[2J\u202eb\u0000\r\nc' }),
        ),
    failure: { reason: 'AcmeCaa', detail: 'a [2J b c' },
  },
}

for (const [name, { answer, failure }] of Object.entries(rows)) {
  t.test(name, async (t) => {
    const { client, fake } = await bench(t)
    await client.register({}, signal)
    fake.fault = ({ path }, response) => {
      if (path === '/new-order') answer(response)
      return path === '/new-order'
    }
    t.match(await failureOf(client.newOrder({ identifiers: ['a.example.com'] }, signal)), failure)
    t.equal(fake.count('/new-order'), 1, 'asked once')
    fake.fault = () => false
    t.ok(
      await client.newOrder({ identifiers: ['a.example.com'] }, signal),
      'and the client is well afterwards',
    )
  })
}

t.test('a CA that never answers, or never ends its answer, is CaTimedOut', async (t) => {
  const { client, fake, requests } = await bench(t, { requestTimeoutMs: 300 })
  fake.fault = () => true
  t.match(await failureOf(client.directory(signal)), { reason: 'CaTimedOut', detail: /within 0\.3 s$/ })
  fake.fault = (_seen, response) => response.writeHead(200).write('{')
  t.match(await failureOf(client.directory(signal)), { reason: 'CaTimedOut' })
  t.match(requests, [
    { action: 'directory', status: 0 },
    { action: 'directory', status: 0 },
  ])
})

t.test('an aborted act ends at once with what aborted it', async (t) => {
  const { client, fake } = await bench(t)
  await client.register({}, signal)
  const lost = new Port80Failure({ reason: 'LeadershipLost', detail: 'another worker leads' })
  for (const [reason, expected] of [
    [undefined, 'Aborted'],
    [lost, 'LeadershipLost'],
  ] as const) {
    const stop = new AbortController()
    fake.fault = () => {
      stop.abort(reason)
      return true
    }
    t.match(await failureOf(client.newOrder({ identifiers: ['a.example.com'] }, stop.signal)), {
      reason: expected,
    })
    const before = fake.seen.length
    t.match(await failureOf(client.order(`${fake.url}/order/1`, stop.signal)), { reason: expected })
    t.equal(fake.seen.length, before, 'an aborted signal sends nothing')
  }
})

t.test('who gives up waiting for the directory does not take it from the others', async (t) => {
  const { client, fake } = await bench(t)
  const stop = new AbortController()
  fake.fault = () => {
    stop.abort()
    return false
  }
  const [gaveUp, other] = await Promise.allSettled([client.directory(stop.signal), client.directory(signal)])
  t.match(gaveUp, { status: 'rejected', reason: { failure: { reason: 'Aborted' } } })
  t.match(other, { status: 'fulfilled' })
  t.equal(fake.count('/directory'), 1)
})

t.test('a directory that failed is asked for again', async (t) => {
  const { client, fake } = await bench(t)
  fake.fault = (_seen, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>Welcome</h1>')
    return true
  }
  t.match(await failureOf(client.directory(signal)), {
    reason: 'CaAnswerUnusable',
    detail: 'directory: the answer is not JSON',
  })
  fake.fault = () => false
  t.ok(await client.directory(signal))
})

t.test(
  'a kept connection that the CA closed: asked again where that is harmless, and nowhere else',
  async (t) => {
    const { client, fake } = await bench(t)
    await client.register({}, signal)
    const order = await client.newOrder({ identifiers: ['a.example.com'] }, signal)
    let closed = 0
    fake.fault = (_seen, response) => {
      if (closed++ > 0) return false
      response.socket?.resetAndDestroy()
      return true
    }
    t.match(await client.order(order.url, signal), { status: 'pending' })
    closed = 0
    t.match(await failureOf(client.newOrder({ identifiers: ['b.example.com'] }, signal)), {
      reason: 'CaUnreachable',
    })
  },
)

t.test('nobody listens: CaUnreachable', async (t) => {
  const { client, fake } = await bench(t)
  await fake.close()
  t.match(await failureOf(client.directory(signal)), { reason: 'CaUnreachable', detail: /ECONNREFUSED/ })
})

t.test('something that does not speak HTTP: CaAnswerUnusable', async (t) => {
  const server = createServer((socket) =>
    socket.on('error', () => undefined).end('220 mail.example.com ESMTP\r\n'),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const client = createAcmeClient({
    directoryUrl: `http://127.0.0.1:${port}/directory`,
    accountKeyPem,
    requestTimeoutMs: 20_000,
    observer: { request: () => undefined },
    now: () => now,
    userAgent: 'port80/test',
  })
  t.teardown(() => {
    client.close()
    server.close()
  })
  t.match(await failureOf(client.directory(signal)), { reason: 'CaAnswerUnusable', detail: /HPE_/ })
})
