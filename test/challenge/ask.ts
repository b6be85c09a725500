import t from 'tap'
import { frontDoorAt, isFollowed, responderAt } from '../../src/challenge/ask.ts'
import { door, type Answering } from './fixtures/front-door.ts'

import {
  at,
  challenge,
  keyAuthorization,
  never,
  notServed,
  path,
  patience,
  right,
  token,
} from './fixtures/asking.ts'

t.test('a responder is asked for the token by its identifier', async (t) => {
  const there = await door(t, right)
  const responder = at(there)
  t.equal(responder.id, `127.0.0.1:${there.port}`)
  t.same(await responder.ask(challenge, never), { served: true })
  t.same(there.asked, [{ url: path, host: 'book.example.com' }])
  t.equal(responderAt('::1', 8080, 1).id, '[::1]:8080')
})

t.test('the front door is asked by its template, the Host header always the identifier', async (t) => {
  const there = await door(t, right)
  const rows = [
    {
      name: 'a path of its own',
      template: `http://127.0.0.1:${there.port}/x/{identifier}/{token}?y`,
      identifier: 'book.example.com',
      url: `/x/book.example.com/${token}?y`,
      host: 'book.example.com',
    },
    {
      name: 'an address',
      template: `http://127.0.0.1:${there.port}/{identifier}/{token}`,
      identifier: '192.0.2.7',
      url: `/192.0.2.7/${token}`,
      host: '192.0.2.7',
    },
    {
      name: 'an IPv6 address',
      template: `http://127.0.0.1:${there.port}/{token}`,
      identifier: '2001:db8::7',
      url: `/${token}`,
      host: '[2001:db8::7]',
    },
    {
      name: 'an IPv6 address in the authority',
      template: `http://{identifier}:${there.port}/{token}`,
      identifier: '::ffff:127.0.0.1',
      url: `/${token}`,
      host: '[::ffff:127.0.0.1]',
    },
  ]
  for (const { name, template, identifier, url, host } of rows) {
    t.test(name, async (t) => {
      const answer = await frontDoorAt(template, patience).ask({ ...challenge, identifier }, never)
      t.same(answer, { served: true })
      t.same(there.asked.at(-1), { url, host })
    })
  }
})

t.test('what a door answers', async (t) => {
  const secret = 'session=8f14e45f; <script>alert(1)</script>'
  const rows: readonly { name: string; answering: Answering; answer: object }[] = [
    {
      name: 'white space at the end',
      answering: (_, response) => void response.end(`${keyAuthorization}\r\n \t\n`),
      answer: { served: true },
    },
    {
      name: 'white space in front',
      answering: (_, response) => void response.end(` ${keyAuthorization}`),
      answer: notServed(/^answered 200, but something else/),
    },
    {
      name: 'another body',
      answering: (_, response) => void response.end(secret),
      answer: notServed('answered 200, but something else than the key authorization'),
    },
    {
      name: 'nothing',
      answering: (_, response) => void response.end(),
      answer: notServed(/^answered 200, but something else/),
    },
    {
      name: 'the right body and something behind it',
      answering: (_, response) => void response.end(`${keyAuthorization}\n${secret}`),
      answer: notServed(/^answered 200, but something else/),
    },
    {
      name: 'the right body with 404',
      answering: (_, response) => void response.writeHead(404).end(keyAuthorization),
      answer: notServed('answered 404 instead of 200'),
    },
    {
      name: 'the right body with 201',
      answering: (_, response) => void response.writeHead(201).end(keyAuthorization),
      answer: notServed('answered 201 instead of 200'),
    },
    {
      name: 'a page that speaks',
      answering: (_, response) => void response.writeHead(503).end(secret),
      answer: notServed('answered 503 instead of 200'),
    },
    {
      name: 'a redirect without a place',
      answering: (_, response) => void response.writeHead(301).end(),
      answer: notServed('answered 301 instead of 200'),
    },
    {
      name: 'a redirect that a CA does not follow',
      answering: (_, response) => void response.writeHead(303, { location: path }).end(),
      answer: notServed('answered 303 instead of 200'),
    },
    {
      name: 'a redirect to nowhere',
      answering: (_, response) => void response.writeHead(302, { location: 'http://' }).end(),
      answer: notServed('answered 302 instead of 200'),
    },
    {
      name: 'a redirect to another kind of place',
      answering: (_, response) => void response.writeHead(302, { location: `ftp://x/${secret}` }).end(),
      answer: notServed('answered 302 with a redirect that is neither http nor https'),
    },
    {
      name: 'a redirect to a script',
      answering: (_, response) => void response.writeHead(302, { location: 'javascript:alert(1)' }).end(),
      answer: notServed(/neither http nor https$/),
    },
    {
      name: 'an early hint before the right body',
      answering: (_, response) => {
        response.writeContinue()
        response.end(keyAuthorization)
      },
      answer: { served: true },
    },
    {
      name: 'a reset',
      answering: (request) => void request.socket.resetAndDestroy(),
      answer: notServed('reset the connection'),
    },
    {
      name: 'an end in the middle of the body',
      answering: (request, response) => {
        response.writeHead(200, { 'content-length': '1000' })
        response.write(secret)
        setTimeout(() => request.socket.destroy(), 20)
      },
      answer: notServed('reset the connection'),
    },
  ]
  for (const { name, answering, answer } of rows) {
    t.test(name, async (t) => {
      const told = await at(await door(t, answering)).ask(challenge, never)
      t.match(told, answer)
      t.equal(JSON.stringify(told).includes('session'), false, 'nothing of the stranger is repeated')
    })
  }
})

t.test('redirects are followed to the ports that a CA follows', (t) => {
  const rows: [first: string, next: string, boolean][] = [
    ['http://a.test/x', 'https://a.test/x', true],
    ['http://a.test/x', 'https://a.test:443/x', true],
    ['http://a.test/x', 'http://b.test:80/x', true],
    ['http://a.test/x', 'https://a.test:80/x', true],
    ['http://a.test/x', 'https://a.test:8443/x', false],
    ['http://a.test:80/x', 'http://a.test:22/x', false],
    ['http://a.test:8080/x', 'https://a.test:8443/x', true],
  ]
  for (const [first, next, expected] of rows)
    t.equal(isFollowed(first, next), expected, `${first} to ${next}`)
  t.end()
})
