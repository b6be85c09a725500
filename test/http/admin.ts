import { createHash } from 'node:crypto'
import { connect, createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import t from 'tap'
import { buildAdmin, listenAdmin } from '../../src/http/admin.ts'
import { ListenFault } from '../../src/http/listen.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import type { StatusSnapshot } from '../../src/status/snapshot.ts'
import { badDay, goodDay } from '../status/fixtures/page-snapshots.ts'
import { ask, sendBytes, startAdmin } from './fixtures/admin-port.ts'

const rows = [
  { path: '/livez', status: 200, type: 'text/plain; charset=utf-8', body: /^alive\n/ },
  { path: '/readyz', status: 200, type: 'text/plain; charset=utf-8', body: /^ready\n/ },
  {
    path: '/metrics',
    status: 200,
    type: 'text/plain; version=0.0.4; charset=utf-8',
    body: /^# HELP port80_/,
  },
  { path: '/status', status: 200, type: 'text/html; charset=utf-8', body: /^<!doctype html>/ },
  ...['findings', 'budget', 'redirects', 'certificates/book'].map((page) => ({
    ...{ path: `/status/${page}`, status: 200, type: 'text/html; charset=utf-8', body: /^<!doctype html>/ },
  })),
  {
    path: '/status/certificates/nobody',
    status: 404,
    type: 'text/plain; charset=utf-8',
    body: /\/status names/,
  },
  { path: '/status.json', status: 200, type: 'application/json; charset=utf-8', body: /^\{"at":/ },
  { path: '/traffic.json', status: 404, type: 'text/plain; charset=utf-8', body: /\/readyz/ },
  { path: '/', status: 302, type: undefined, body: /^$/ },
  { path: '/status/', status: 404, type: 'text/plain; charset=utf-8', body: /\/readyz/ },
  { path: '/anything', status: 404, type: 'text/plain; charset=utf-8', body: /\/readyz/ },
  { path: '/%', status: 400, type: 'text/plain; charset=utf-8', body: /cannot be read/ },
]

t.test('each path has its answer, and none may be stored, sniffed or framed', async (t) => {
  const { port } = await startAdmin(t)
  for (const { path, status, type, body } of rows) {
    t.test(path, async (t) => {
      const got = await ask(port, path)
      t.equal(got.status, status)
      t.equal(got.headers['content-type'], type)
      t.match(got.body, body)
      t.equal(got.headers['cache-control'], 'no-store')
      t.equal(got.headers['x-content-type-options'], 'nosniff')
      t.match(got.headers['content-security-policy'], /^default-src 'none';.*frame-ancestors 'none'/)
    })
  }
})

t.test('HEAD is GET without the body', async (t) => {
  const { port } = await startAdmin(t)
  for (const { path, status } of rows) {
    const [head, got] = [await ask(port, path, { method: 'HEAD' }), await ask(port, path)]
    t.equal(head.status, status, path)
    t.equal(head.body, '', path)
    t.equal(head.headers['content-type'], got.headers['content-type'], path)
  }
})

t.test('no other method is let in, wherever it goes', async (t) => {
  const { port } = await startAdmin(t)
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']) {
    for (const path of ['/status', '/livez', '/anything', '/%']) {
      const got = await ask(port, path, { method })
      t.equal(got.status, 405, `${method} ${path}`)
      t.equal(got.headers.allow, 'GET, HEAD')
      t.equal(got.headers['cache-control'], 'no-store')
    }
  }
})

t.test('a body is not waited for', async (t) => {
  const { port } = await startAdmin(t)
  const answer = await sendBytes(
    port,
    'POST /status HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n{',
  )
  t.match(answer, /^HTTP\/1\.1 405 /)
})

t.test('/readyz says which part is not ready, to people and to programs', async (t) => {
  const parts = [
    { part: 'public', ready: true, detail: 'listens on [::]:8080' },
    { part: 'store', ready: false, detail: 'cannot be read: EACCES' },
  ]
  const { port } = await startAdmin(t, { readiness: () => parts })
  const words = await ask(port, '/readyz', { headers: { accept: '*/*' } })
  t.equal(words.status, 503)
  t.equal(
    words.body,
    'not ready: store\n[--] store   cannot be read: EACCES\n[ok] public  listens on [::]:8080\n',
  )
  const json = await ask(port, '/readyz', { headers: { accept: 'application/json' } })
  t.equal(json.status, 503)
  t.same(JSON.parse(json.body), { ready: false, parts })
  t.equal(json.headers.vary, 'accept')
})

t.test('/livez fails when a part is stuck, and says so', async (t) => {
  const parts = [{ part: 'worker', alive: false, detail: 'no tick for 200 s' }]
  const { port } = await startAdmin(t, { liveness: () => parts })
  const got = await ask(port, '/livez')
  t.equal(got.status, 503)
  t.equal(got.body, 'not alive: worker\n[--] worker  no tick for 200 s\n')
  t.equal((await ask(port, '/readyz')).status, 200)
})

t.test('a failing look at the parts is a 500 that tells nothing', async (t) => {
  const { port, logged } = await startAdmin(t, {
    readiness: () => {
      throw new Error('secret words')
    },
  })
  const got = await ask(port, '/readyz')
  t.equal(got.status, 500)
  t.notMatch(got.body, /secret/)
  t.equal(got.headers['cache-control'], 'no-store')
  t.same(logged, ['an admin request failed'])
})

t.test('the policy of the page allows exactly the style that stands in it', async (t) => {
  const { port } = await startAdmin(t, { snapshot: async () => badDay })
  const { body, headers } = await ask(port, '/status')
  const styles = body.match(/<style>[^]*?<\/style>/g) ?? []
  t.equal(styles.length, 1)
  const sheet = styles[0]?.slice('<style>'.length, -'</style>'.length) ?? ''
  const hash = createHash('sha256').update(sheet).digest('base64')
  t.match(headers['content-security-policy'], `style-src 'sha256-${hash}';`)
})

t.test('the page refreshes itself unless it is asked not to', async (t) => {
  const { port } = await startAdmin(t)
  t.match((await ask(port, '/status')).body, '<meta http-equiv="refresh"')
  t.match((await ask(port, '/status?refresh=on')).body, '<meta http-equiv="refresh"')
  t.notMatch((await ask(port, '/status?refresh=off')).body, '<meta http-equiv="refresh"')
})

t.test('/status.json is the snapshot', async (t) => {
  const { port } = await startAdmin(t, { snapshot: async () => badDay })
  t.same(JSON.parse((await ask(port, '/status.json')).body), badDay)
})

t.test('without a status the rest still answers', async (t) => {
  const failures: { name: string; snapshot: () => Promise<StatusSnapshot> }[] = [
    { name: 'it fails', snapshot: () => Promise.reject(new Error('disk gone')) },
    { name: 'it never comes', snapshot: () => new Promise(() => {}) },
  ]
  for (const { name, snapshot } of failures) {
    t.test(name, async (t) => {
      const { port, logged } = await startAdmin(t, { snapshot, snapshotDeadline: 50 })
      for (const path of ['/status', '/status.json']) {
        const got = await ask(port, path)
        t.equal(got.status, 503)
        t.equal(got.headers['content-type'], 'text/plain; charset=utf-8')
        t.notMatch(got.body, /disk gone/)
      }
      const metrics = await ask(port, '/metrics')
      t.equal(metrics.status, 200)
      t.match(metrics.body, /^port80_status_readable 0$/m)
      t.match(metrics.body, /^port80_redirects_total\{status="301"\} 0$/m)
      t.equal((await ask(port, '/livez')).status, 200)
      t.equal((await ask(port, '/readyz')).status, 200)
      t.same(logged, ['the status cannot be had'], 'logged once, not for each look')
    })
  }
})

t.test('many looks at the same time read the store once', async (t) => {
  let built = 0
  let finish = () => {}
  const held = new Promise<void>((resolve) => (finish = resolve))
  const { port } = await startAdmin(t, {
    snapshot: async () => {
      built += 1
      await held
      return goodDay
    },
  })
  const looks = ['/status', '/status.json', '/metrics', '/status', '/metrics'].map((path) => ask(port, path))
  while (built === 0) await new Promise((resolve) => setImmediate(resolve))
  // All five have been asked for over loopback when a sixth has been answered.
  await ask(port, '/livez')
  finish()
  for (const look of await Promise.all(looks)) t.equal(look.status, 200)
  t.ok(built < 5, `built ${built} times`)
})

t.test('what is not HTTP gets one plain answer and the end of the connection', async (t) => {
  const { port } = await startAdmin(t)
  const rows = [
    { name: 'rubbish', bytes: 'rubbish\r\n\r\n', status: 400 },
    {
      name: 'headers over the limit',
      bytes: `GET / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(10_000)}\r\n\r\n`,
      status: 431,
    },
  ]
  for (const { name, bytes, status } of rows) {
    t.test(name, async (t) => {
      const answer = await sendBytes(port, bytes)
      t.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `))
      t.match(answer, /cache-control: no-store\r\n/)
    })
  }
})

t.test('a busy port is an error that names the setting, the value and the fix', async (t) => {
  const other = createServer()
  other.listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.teardown(() => other.close())
  const { port } = other.address() as AddressInfo
  const app = buildAdmin({
    snapshot: async () => goodDay,
    readiness: () => [],
    liveness: () => [],
    metrics: createMetrics(),
    log: { error: () => {} },
  })
  t.teardown(() => app.close())
  const fault = await listenAdmin(app, { host: '127.0.0.1', port }).catch((error: unknown) => error)
  t.ok(fault instanceof ListenFault)
  t.match(fault, { path: 'listeners.admin.port', value: String(port), fix: /listeners\.admin\.port/ })
})

t.test('closing ends every connection, a kept one too', async (t) => {
  const { port, close } = await startAdmin(t)
  const socket = connect(port, '127.0.0.1')
  socket.write('GET /livez HTTP/1.1\r\nhost: a\r\n\r\n')
  await once(socket, 'data')
  const ended = once(socket, 'close')
  await close()
  await ended
  const refused = await ask(port, '/livez').catch((error: NodeJS.ErrnoException) => error.code)
  t.equal(refused, 'ECONNREFUSED')
})
