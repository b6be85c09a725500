// Through real sockets: only redirects are counted, by the Host that was parsed, and a new configuration holds at once.
import t from 'tap'
import { otherHosts, redirectCounter } from '../../src/traffic/redirect-counter.ts'
import { settingsOf, startPublic } from './fixtures/public-server.ts'
import { ask, lines } from './fixtures/raw-client.ts'

const certificates = (...domains: string[]) => ({ certificates: [{ name: 'a', domains }] })

t.test('redirects are counted by host, method and class; challenges and refusals are not', async (t) => {
  const traffic = redirectCounter(Date.now())
  const { port, server } = await startPublic(t, { traffic, config: certificates('a.test') })
  const requests = [
    lines('GET /x HTTP/1.1', 'Host: A.TEST.:80', 'USER-AGENT: Mozilla/5.0 (X11)'),
    lines('POST /x HTTP/1.1', 'Host: a.test', 'User-Agent: curl/8.11.0', 'Content-Length: 0'),
    lines('HEAD /x HTTP/1.1', 'Host: a.test', 'User-Agent: Googlebot/2.1'),
    lines('GET /x HTTP/1.1', 'Host: stranger.test'),
    lines('GET /.well-known/acme-challenge/tok-1 HTTP/1.1', 'Host: a.test'),
    lines('GET /x HTTP/1.1', 'Host: a_/b', 'Connection: close'),
  ]
  await ask(port, requests.join(''), { answers: requests.length })
  t.match(traffic.report(Date.now()), [
    {
      host: 'a.test',
      days: [{ redirects: 3, reads: 2, agents: { browser: 1, bot: 1, library: 1, other: 0 } }],
    },
    { host: otherHosts, days: [{ redirects: 1, reads: 1, agents: { other: 1 } }] },
  ])
  server.apply(settingsOf(certificates('stranger.test')))
  await ask(port, lines('GET /x HTTP/1.1', 'Host: stranger.test', 'Connection: close'), { answers: 1 })
  t.match(traffic.report(Date.now())[0], { host: 'stranger.test', days: [{ redirects: 1 }] })
})
