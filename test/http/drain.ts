// Going out of service under traffic: what a load balancer and its clients see.
import { once } from 'node:events'
import { Agent, request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Challenge } from '../../src/challenge/store.ts'
import { presented, startPublic, type Running } from './fixtures/public-server.ts'
import { ask, lines, parseAnswers } from './fixtures/raw-client.ts'

// Those that wait for the end of a drain do so beside one another, behind those to which a tenth of a second matters.
t.jobs = 4
/** New options each time: tap keeps in them what is of one test. */
const beside = () => ({ buffered: true })

const redirect = lines('GET /x HTTP/1.1', 'Host: a.test')
const challenge = lines('GET /.well-known/acme-challenge/tok-1 HTTP/1.1', 'Host: a.test')

/** A connection that has had one answer and is kept. */
async function kept(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.write(redirect)
  await once(socket, 'data')
  return socket
}

/** The next answer on a connection, or how it ended without one. */
function next(socket: Socket): Promise<number | string> {
  return new Promise((resolve) => {
    socket.once('data', (bytes: Buffer) =>
      resolve(parseAnswers(bytes.toString('latin1'))[0]?.status ?? 'part'),
    )
    socket.once('end', () => resolve('end'))
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'))
  })
}

/** One keep-alive client that asks until told to stop; resolves with every failure it saw. */
async function keepAsking(
  port: number,
  stopped: () => boolean,
): Promise<{ asked: number; failures: string[] }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const failures: string[] = []
  let asked = 0
  while (!stopped()) {
    asked += 1
    const outcome = await new Promise<string>((resolve) => {
      const asking = httpRequest({ port, host: '127.0.0.1', path: '/x', agent, headers: { host: 'a.test' } })
      asking.on('response', (response) => {
        response.resume()
        response.on('end', () => resolve(String(response.statusCode)))
      })
      asking.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
      asking.end()
    })
    if (outcome !== '301') failures.push(outcome)
    await sleep(1)
  }
  agent.destroy()
  return { asked, failures }
}

t.test('a load balancer that takes us out in time loses no request', async (t) => {
  const { server, port, states } = await startPublic(t)
  let out = false
  const clients = Array.from({ length: 8 }, () => keepAsking(port, () => out))
  await sleep(200)
  const stopping = server.stop({ unreadyWait: 4_000, drain: 10_000 })
  // It asks /readyz now and then, and acts a moment later.
  await sleep(600)
  t.equal(server.state(), 'unready')
  out = true
  const seen = await Promise.all(clients)
  const report = await stopping
  t.strictSame(
    seen.flatMap(({ failures }) => failures),
    [],
  )
  t.ok(seen.reduce((sum, { asked }) => sum + asked, 0) > 20, 'there was traffic')
  t.strictSame(report, { cut: 0 })
  t.strictSame(states, ['listening', 'unready', 'draining', 'stopped'])
})

t.test('while unready everything is answered, and each answer is the last on its connection', async (t) => {
  const { server, port } = await startPublic(t)
  const old = await kept(port)
  const stopping = server.stop({ unreadyWait: 4_000, drain: 10_000 })
  t.equal(server.state(), 'unready')
  for (const [bytes, status] of [
    [redirect, 301],
    [challenge, 200],
    [lines('GET /% HTTP/1.1', 'Host: a.test'), 400],
  ] as const) {
    const { answers, closed, error } = await ask(port, bytes)
    t.match(answers, [{ status }])
    t.strictSame([answers[0]?.headers.get('connection'), closed, error], ['close', true, undefined])
  }
  const last = next(old)
  old.write(challenge)
  t.equal(await last, 200, 'on a connection from before, too')
  old.end()
  t.strictSame(await stopping, { cut: 0 })
  t.strictSame((await ask(port, redirect)).error, 'ECONNREFUSED', 'the port is free')
})

t.test('a request on a kept connection shortly after the port closed is answered', async (t) => {
  for (const delay of [0, 1, 50, 200, 600]) {
    const { server, port } = await startPublic(t)
    const socket = await kept(port)
    const stopping = server.stop({ unreadyWait: 0, drain: 60_000 })
    await sleep(delay)
    const answer = next(socket)
    socket.write(redirect)
    t.equal(await answer, 301, `${delay} ms after`)
    socket.end()
    t.strictSame(await stopping, { cut: 0 })
  }
})

t.test('connections that say nothing are closed in order, and hold nobody up', beside(), async (t) => {
  const { server, port } = await startPublic(t)
  const used = await kept(port)
  const unused = connect({ port, host: '127.0.0.1' })
  await once(unused, 'connect')
  const ends = [next(used), next(unused)]
  used.on('end', () => used.end())
  const startedAt = performance.now()
  t.strictSame(await server.stop({ unreadyWait: 0, drain: 60_000 }), { cut: 0 })
  t.strictSame(await Promise.all(ends), ['end', 'end'])
  t.ok(performance.now() - startedAt < 30_000)
})

/** A store that answers when told to. */
async function startHeld(t: Parameters<typeof startPublic>[0]): Promise<Running & { release: () => void }> {
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => (release = resolve))
  const find = async (): Promise<Challenge | undefined> => held.then(() => presented[0])
  return { ...(await startPublic(t, { challenges: { find } })), release: () => release() }
}

t.test('a request in flight is answered during the drain', beside(), async (t) => {
  const { server, port, release } = await startHeld(t)
  const fresh = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  const old = await kept(port)
  for (const socket of [fresh, old]) socket.write(challenge)
  const answers = [next(fresh), next(old)]
  await sleep(100)
  const stopping = server.stop({ unreadyWait: 0, drain: 60_000 })
  // Longer than any connection may be silent.
  await sleep(2_000)
  t.equal(server.state(), 'draining')
  release()
  t.strictSame(await Promise.all(answers), [200, 200])
  fresh.end()
  old.end()
  t.strictSame(await stopping, { cut: 0 })
})

t.test('a request that came in part before the end is still waited for', beside(), async (t) => {
  const { server, port } = await startPublic(t)
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.write(redirect.slice(0, 20))
  while (server.connections() === 0) await sleep(20)
  await sleep(100)
  const stopping = server.stop({ unreadyWait: 0, drain: 60_000 })
  await sleep(2_000)
  const answer = next(socket)
  socket.write(redirect.slice(20))
  t.equal(await answer, 301)
  socket.end()
  t.strictSame(await stopping, { cut: 0 })
})

t.test('what is not done when the drain time is over is cut, and counted', beside(), async (t) => {
  const { server, port } = await startHeld(t)
  const hung = connect(port, '127.0.0.1')
  hung.on('error', () => undefined)
  hung.write(challenge)
  await sleep(100)
  t.strictSame(await server.stop({ unreadyWait: 0, drain: 500 }), { cut: 1 })
  t.equal(server.connections(), 0)
  t.equal(server.state(), 'stopped')
})

t.test('destroy ends everything at once, also in the middle of a stop', async (t) => {
  const { server, port, states } = await startPublic(t)
  const socket = await kept(port)
  socket.on('error', () => undefined)
  const closed = once(socket, 'close')
  const stopping = server.stop({ unreadyWait: 3_600_000, drain: 3_600_000 })
  t.equal(server.stop({ unreadyWait: 0, drain: 0 }), stopping, 'a second stop joins the first')
  server.destroy()
  await stopping
  socket.end()
  await closed
  t.equal(states.at(-1), 'stopped')
  server.destroy()
  t.strictSame((await ask(port, redirect)).error, 'ECONNREFUSED')
})
