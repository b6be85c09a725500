/** Deadlines, second tries and broken answers, against a server that misbehaves. */
import t from 'tap'
import type { ConfigMap } from '../../src/kube/object.ts'
import { fakeApi, json } from './fixtures/api.ts'

const at = { resource: 'configmaps', namespace: 'port80', name: 'book' } as const
const book: ConfigMap = { metadata: { name: 'book', resourceVersion: '7' } }

t.test('a request has its path, its credentials, its name and its manager', async (t) => {
  const seen: (string | undefined)[] = []
  const { client, asked } = await fakeApi(t, (request, response) => {
    seen.push(request.headers.authorization, request.headers['user-agent'], request.headers['content-type'])
    json(response, 200, book)
  })
  t.strictSame(await client.merge(at, { data: { a: 'b' } }), { ok: book })
  t.strictSame(asked, ['PATCH /prefix/api/v1/namespaces/port80/configmaps/book?fieldManager=port80'])
  t.strictSame(seen, ['Bearer 0', 'port80/test', 'application/merge-patch+json'])
})

t.test('no answer within the deadline', async (t) => {
  const { client } = await fakeApi(t, () => undefined)
  const began = performance.now()
  t.match(await client.get(at, { deadlineMs: 200 }), {
    failure: { kind: 'timedOut', detail: /^get configmaps book in namespace port80: / },
  })
  t.ok(performance.now() - began < 9_000)
})

t.test('half an answer within the deadline', async (t) => {
  const { client } = await fakeApi(t, (_, response) => void response.writeHead(200).write('{"metadata":'))
  t.match(await client.get(at, { deadlineMs: 200 }), { failure: { kind: 'timedOut' } })
})

t.test('an answer that breaks off', async (t) => {
  const { client } = await fakeApi(t, (_, response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('{', () => response.destroy())
  })
  t.match(await client.get(at), { failure: { kind: 'unreachable' } })
})

t.test('an abort of the caller rejects, before, during and between tries', async (t) => {
  const { client } = await fakeApi(t, (_, response) => json(response, 429, {}, { 'retry-after': '5' }))
  const reason = new Error('stopping')
  await t.rejects(client.get(at, { signal: AbortSignal.abort(reason) }), reason)
  const late = new AbortController()
  const between = client.get(at, { signal: late.signal })
  setTimeout(() => late.abort(reason), 100)
  await t.rejects(between, reason)
  const hanging = await fakeApi(t, () => undefined)
  const during = new AbortController()
  const asking = hanging.client.get(at, { signal: during.signal })
  setTimeout(() => during.abort(reason), 100)
  await t.rejects(asking, reason)
})

t.test('told to slow down: it waits as long as it is told, and goes on', async (t) => {
  const { client, asked } = await fakeApi(t, (_, response, turn) => {
    if (turn === 1) json(response, 429, {}, { 'retry-after': '1' })
    else json(response, 201, book)
  })
  const began = performance.now()
  t.strictSame(await client.create(at, {}), { ok: book })
  t.ok(performance.now() - began >= 990)
  t.equal(asked.length, 2)
})

t.test('told to slow down for longer than the deadline: that is the answer', async (t) => {
  const { client } = await fakeApi(t, (_, response) => json(response, 429, {}, { 'retry-after': '60' }))
  t.match(await client.get(at, { deadlineMs: 10_000 }), {
    failure: { kind: 'tooMany', retryAfterMs: 60_000 },
  })
})

t.test('refused credentials are read again, once', async (t) => {
  const rotated = await fakeApi(t, (request, response) => {
    json(response, request.headers.authorization === 'Bearer 1' ? 200 : 401, book)
  })
  t.strictSame(await rotated.client.get(at), { ok: book })
  t.equal(rotated.forgotten(), 1)
  const refused = await fakeApi(t, (_, response) => json(response, 401, {}))
  t.match(await refused.client.get(at), { failure: { kind: 'unauthorized' } })
  t.equal(refused.asked.length, 2)
})

t.test('a kept-alive socket that the server closed: a read is sent again, a write is not', async (t) => {
  const make = () =>
    fakeApi(t, (request, response, turn) => {
      if (turn === 2) request.socket.destroy()
      else json(response, 200, book)
    })
  const reading = await make()
  await reading.client.get(at)
  t.strictSame(await reading.client.get(at), { ok: book })
  t.equal(reading.asked.length, 3)
  const writing = await make()
  await writing.client.get(at)
  t.match(await writing.client.create(at, {}), {
    failure: { kind: 'unreachable', detail: /^create configmaps/ },
  })
  t.equal(writing.asked.length, 2)
  const applying = await make()
  await applying.client.get(at)
  t.strictSame(await applying.client.apply(at, {}), { ok: book }, 'nor does applying twice do anything twice')
})

t.test('what the API server does not answer', async (t) => {
  const rows: [string, string][] = [
    ['a page', '<html>'],
    ['nothing', ''],
    ['null', 'null'],
    ['a number', '7'],
    ['an object without metadata', '{"kind":"Secret"}'],
  ]
  for (const [name, body] of rows) {
    const { client } = await fakeApi(t, (_, response) => void response.writeHead(200).end(body))
    t.match(await client.get(at), { failure: { kind: 'unusable' } }, name)
    t.match(
      await client.list({ resource: 'configmaps', namespace: 'port80' }),
      { failure: { kind: 'unusable' } },
      name,
    )
  }
})

t.test('a list goes on page by page; a page that is gone begins it anew', async (t) => {
  const page = (name: string, next?: string) => ({
    metadata: { resourceVersion: '5', ...(next && { continue: next }) },
    items: [{ metadata: { name } }],
  })
  const { client, asked } = await fakeApi(t, (request, response, turn) => {
    if (turn === 2) json(response, 410, { reason: 'Expired' })
    else if (request.url?.includes('continue=next')) json(response, 200, page('b'))
    else json(response, 200, page('a', 'next'))
  })
  const reply = await client.list({ resource: 'secrets', namespace: 'port80', labels: { a: 'b' } })
  t.match(reply, {
    ok: { resourceVersion: '5', items: [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }] },
  })
  t.equal(asked.length, 4)
  t.ok(asked.every((each) => each.includes('labelSelector=a%3Db')))
  const gone = await fakeApi(t, (_, response) => json(response, 410, {}))
  t.match(await gone.client.list({ resource: 'secrets', namespace: 'port80' }), { failure: { kind: 'gone' } })
  t.equal(gone.asked.length, 3)
})

t.test('what is no name of an object is a bug of ours, not a request', async (t) => {
  const { client, asked } = await fakeApi(t, (_, response) => json(response, 200, book))
  t.throws(() => void client.get({ ...at, name: '../x' }), RangeError)
  t.equal(asked.length, 0)
})
