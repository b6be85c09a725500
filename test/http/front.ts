import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { pino } from 'pino'
import t from 'tap'
import { Connections } from '../../src/http/connections.ts'
import { Front } from '../../src/http/front.ts'
import { serverOptions } from '../../src/http/limits.ts'
import { listen } from '../../src/http/listen.ts'
import { redirectSettings, type Decision } from '../../src/http/redirect.ts'
import { settingsOf } from './fixtures/public-server.ts'
import { ask, lines } from './fixtures/raw-client.ts'

t.test('a decision that throws is an internal error of one request, and no end of the process', async (t) => {
  const { listener, redirect } = settingsOf()
  const settings = redirectSettings({ redirect, configuredHosts: [] }, listener.maxTargetLength)
  const logged: string[] = []
  const front = new Front({
    rules: {
      maxDiscardedBody: 0,
      redirect: {
        ...settings,
        trusts: () => {
          throw new Error('a bug')
        },
      },
    },
    connections: new Connections(
      () => ({ total: 1_000, quiet: 1_000, bytes: 1_000 }),
      () => performance.now(),
    ),
    observer: { challengeAnswered: () => undefined, redirected: () => undefined, refused: () => undefined },
    log: pino({ level: 'info' }, { write: (line: string) => void logged.push(line) }),
  })
  const server = createServer(serverOptions)
  t.teardown(() => server.close())
  const handedOn: Decision[] = []
  front.attach(server, (request: IncomingMessage, response: ServerResponse) => {
    handedOn.push(front.decisionOf(request))
    response.writeHead(500, { 'Content-Length': 0 }).end()
  })
  const { port } = await listen(server, { section: 'listeners.public', host: '127.0.0.1', port: 0 })
  const bad = lines('GET /x HTTP/1.1', 'Host: a.test', 'X-Forwarded-Proto: https')
  const good = lines('GET /x HTTP/1.1', 'Host: a.test', 'Connection: close')
  const { answers } = await ask(port, bad + good)
  t.match(answers, [{ status: 500 }, { status: 301 }])
  t.match(handedOn, [{ do: 'refuse', reason: 'internalError' }])
  t.equal(logged.length, 1)
  t.match(logged[0], /a request could not be decided.*a bug|a bug.*a request could not be decided/)
})
