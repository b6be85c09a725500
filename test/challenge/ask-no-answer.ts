import t, { type Test } from 'tap'
import { frontDoorAt, responderAt } from '../../src/challenge/ask.ts'
import { at, challenge, never, notServed, patience } from './fixtures/asking.ts'
import { closedPort, door, rawDoor, type Door } from './fixtures/front-door.ts'

t.test('what is no answer', async (t) => {
  const raw: readonly { name: string; text: string; seen: RegExp }[] = [
    { name: 'no HTTP', text: 'SSH-2.0-secret\r\n', seen: /^could not be asked \(HPE_[A-Z_]+\)$/ },
    {
      name: 'a header that has no end',
      text: `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(40_000)}`,
      seen: /^could not be asked \(HPE_HEADER_OVERFLOW\)$/,
    },
    {
      name: 'an upgrade',
      text: 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
      seen: /^answered 101 instead of 200$/,
    },
  ]
  for (const { name, text, seen } of raw) {
    t.test(name, async (t) =>
      t.match(
        await at(await rawDoor(t, (socket) => void socket.write(text))).ask(challenge, never),
        notServed(seen),
      ),
    )
  }
  t.test('a connection that is closed at once', async (t) => {
    const there = await rawDoor(t, (socket) => void socket.end())
    t.match(await at(there).ask(challenge, never), notServed('reset the connection'))
  })
  t.test('nobody listens', async (t) => {
    const responder = responderAt('127.0.0.1', await closedPort(), patience)
    t.match(await responder.ask(challenge, never), notServed('refused the connection'))
  })
  t.test('a name that does not resolve', async (t) => {
    const door = frontDoorAt('http://{identifier}/{token}', patience)
    const answer = await door.ask({ ...challenge, identifier: `${'a'.repeat(64)}.test` }, never)
    t.match(answer, notServed('has a name that does not resolve'))
  })
  t.test('TLS where there is none', async (t) => {
    const there = await rawDoor(t, (socket) => void socket.on('data', () => socket.end('hello')))
    const answer = await frontDoorAt(`https://127.0.0.1:${there.port}/{token}`, patience).ask(
      challenge,
      never,
    )
    t.match(answer, notServed(/^could not be asked \([A-Z_]+\)$/))
  })
})

t.test('a huge body is not read to its end', async (t) => {
  let written = 0
  const there = await door(t, (_, response) => {
    const chunk = Buffer.alloc(65_536, 'x')
    const more = () => {
      if (response.destroyed || written > 500_000_000) return
      written += chunk.length
      if (response.write(chunk)) setImmediate(more)
      else response.once('drain', more)
    }
    more()
  })
  t.match(await at(there).ask(challenge, never), notServed(/^answered 200, but something else/))
  t.equal(written < 100_000_000, true, `${written} bytes were sent`)
})

t.test('patience ends', async (t) => {
  const rows: readonly { name: string; start: (t: Test) => Promise<Door> }[] = [
    { name: 'nothing is accepted and answered', start: (t) => rawDoor(t, () => undefined) },
    {
      name: 'headers, and then nothing',
      start: (t) => door(t, (_, response) => void response.writeHead(200).flushHeaders()),
    },
    {
      name: 'one byte at a time',
      start: (t) =>
        door(t, (_, response) => {
          const timer = setInterval(() => response.write('x'), 50)
          response.on('close', () => clearInterval(timer))
        }),
    },
  ]
  for (const { name, start } of rows) {
    t.test(name, async (t) => {
      const answer = await at(await start(t), 400).ask(challenge, never)
      t.match(answer, notServed('did not answer in time'))
    })
  }
})

t.test('an abort ends the question, and only that rejects', async (t) => {
  const abort = new AbortController()
  const there = await rawDoor(t, () => abort.abort(new Error('stopping')))
  await t.rejects(at(there).ask(challenge, abort.signal))
  await t.rejects(at(there).ask(challenge, abort.signal), 'also one that came before')
})
