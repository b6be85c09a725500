import t from 'tap'
import { responderInPod } from '../../src/challenge/ask.ts'
import { challenge, keyAuthorization, never, patience, path, right } from './fixtures/asking.ts'
import { closedPort, door } from './fixtures/front-door.ts'

const host = 'port80-responders.port80.svc.cluster.local'
const terms = { host, timeoutMs: patience }

t.test('a responder in a pod is asked by its internal name, the identifier in the query', async (t) => {
  const there = await door(t, right)
  const responder = responderInPod('responder-0', { address: '127.0.0.1', port: there.port }, terms)
  t.equal(responder.id, 'responder-0')
  t.same(await responder.ask(challenge, never), { served: true })
  t.same(there.asked, [{ url: `${path}?identifier=book.example.com`, host: `${host}:${there.port}` }])
})

t.test('an address as identifier stands in the query, too', async (t) => {
  const there = await door(t, right)
  const responder = responderInPod('a', { address: '127.0.0.1', port: there.port }, terms)
  await responder.ask({ ...challenge, identifier: '2001:db8::1' }, never)
  t.equal(there.asked[0]?.url, `${path}?identifier=2001%3Adb8%3A%3A1`)
})

t.test('what is not the key authorization is told, and a redirect is not followed', async (t) => {
  const rows: [string, number, string, string][] = [
    ['another status', 404, keyAuthorization, 'answered 404 instead of 200'],
    ['another body', 200, 'something', 'answered 200, but something else than the key authorization'],
    ['a redirect', 301, '', 'answered 301 instead of 200'],
  ]
  for (const [name, status, body, seen] of rows) {
    const there = await door(t, (_, response) => void response.writeHead(status, { location: '/' }).end(body))
    const responder = responderInPod('a', { address: '127.0.0.1', port: there.port }, terms)
    t.same(await responder.ask(challenge, never), { served: false, seen }, name)
    t.equal(there.asked.length, 1)
  }
  const nobody = responderInPod('a', { address: '127.0.0.1', port: await closedPort() }, terms)
  t.same(await nobody.ask(challenge, never), { served: false, seen: 'refused the connection' })
})
