// The fastify side alone, without the front before it: it holds the same rules.
import { createServer } from 'node:http'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { replicaHeader, signedReplica } from '../../src/challenge/replica.ts'
import { miss } from '../../src/http/challenge-answer.ts'
import { Connections } from '../../src/http/connections.ts'
import { Front } from '../../src/http/front.ts'
import { publicRoutes } from '../../src/http/public-routes.ts'
import { redirectSettings } from '../../src/http/redirect.ts'
import { settingsOf } from './fixtures/public-server.ts'

async function routes(t: Test, answerToken: () => Promise<ReturnType<typeof miss>>) {
  const { listener, redirect } = settingsOf()
  const counted: unknown[] = []
  const observer = {
    challengeAnswered: (result: unknown) => void counted.push(result),
    redirected: (status: unknown) => void counted.push(status),
    refused: (reason: unknown) => void counted.push(reason),
  }
  const front = new Front({
    rules: {
      redirect: redirectSettings({ redirect, configuredHosts: [] }, listener.maxTargetLength),
      maxDiscardedBody: 0,
    },
    connections: new Connections(
      () => ({ total: 0, quiet: 0, bytes: 0 }),
      () => 0,
    ),
    observer,
    log: pino({ level: 'silent' }),
  })
  const errors: unknown[] = []
  const app = await publicRoutes({
    serverFactory: (handler) => createServer(handler),
    decisionOf: (request) => front.decisionOf(request),
    answerToken,
    observer,
    replica: 'port80-responder-1',
    onError: (error) => errors.push(error),
  })
  t.teardown(() => app.close())
  return { app, counted, errors }
}

t.test('fastify answers by the same decisions, whatever its router makes of a path', async (t) => {
  const { app, counted } = await routes(t, async () => miss('unknownToken'))
  const token = '/.well-known/acme-challenge/abc'
  const rows: [method: 'GET' | 'HEAD' | 'POST', url: string, status: number, count: unknown][] = [
    ['GET', '/x?y', 301, 301],
    ['POST', '/x', 301, 301],
    ['GET', '/%', 400, 'targetBadPercent'],
    ['GET', token, 404, 'unknownToken'],
    ['HEAD', token, 404, 'unknownToken'],
    ['POST', token, 405, 'wrongMethod'],
    ['GET', `${token.slice(0, -3)}${'a'.repeat(129)}`, 404, 'malformedToken'],
    ['GET', `${token.slice(0, -3)}%`, 404, 'malformedToken'],
  ]
  for (const [method, url, status, count] of rows) {
    const headers = { host: 'a.test', 'content-type': 'application/json' }
    const answer = await app.inject({ method, url, headers, ...(method === 'POST' ? { payload: '{"' } : {}) })
    t.equal(answer.statusCode, status, `${method} ${url.slice(0, 60)}`)
    t.equal(counted.pop(), count)
    t.equal(answer.headers.location, status === 301 ? `https://a.test${url}` : undefined)
  }
  t.strictSame(counted, [], 'nothing was counted twice')
})

t.test('a bug of ours is a 500 in one line, told to the log and to nobody else', async (t) => {
  const { app, counted, errors } = await routes(t, () => Promise.reject(new Error('secret detail')))
  const answer = await app.inject({ url: '/.well-known/acme-challenge/abc', headers: { host: 'a.test' } })
  t.equal(answer.statusCode, 500)
  t.equal(answer.body, 'Something went wrong here. (internalError)\n')
  t.equal(answer.headers['cache-control'], 'no-store')
  t.match(errors, [{ message: 'secret detail' }])
  t.strictSame(counted, ['internalError'])
})

t.test('a look of our own hears which replica answers; a CA hears nothing more than before', async (t) => {
  const body = 'token.thumbprint'
  const { app } = await routes(t, async () => ({ result: 'answered', status: 200, body }))
  const ask = (token: string) =>
    app.inject({ url: `/.well-known/acme-challenge/${token}`, headers: { host: 'a.example' } })
  const look = await ask('look-abc')
  t.equal(signedReplica(String(look.headers[replicaHeader]), body), 'port80-responder-1')
  const ca = await ask('abc')
  t.equal(ca.headers[replicaHeader], undefined)
  const { [replicaHeader]: _, ...others } = look.headers
  t.strictSame({ ...ca.headers, date: '' }, { ...others, date: '' })
  t.equal(ca.body, body)
})
