import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { Connections, type LingerBounds } from '../../src/http/connections.ts'
import { listen } from '../../src/http/listen.ts'

const wide: LingerBounds = { total: 60_000, quiet: 60_000, bytes: 1e9 }

/** A client and the server's side of its connection, tracked. */
async function pair(
  t: Test,
  bounds: LingerBounds,
): Promise<{ client: Socket; served: Socket; connections: Connections }> {
  const connections = new Connections(
    () => bounds,
    () => performance.now(),
  )
  const server = createServer({ allowHalfOpen: true })
  const address = { section: 'listeners.public', host: '127.0.0.1', port: 0 } as const
  const { port } = await listen(server, address)
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  const [served] = (await once(server, 'connection')) as [Socket]
  served.on('error', () => undefined)
  client.on('error', () => undefined)
  connections.add(served)
  t.teardown(() => {
    connections.destroyAll()
    client.destroy()
    server.close()
  })
  return { client, served, connections }
}

t.test('an ended connection lingers until the client closes, and the client has everything', async (t) => {
  const { client, served, connections } = await pair(t, wide)
  client.write('x'.repeat(1_000_000))
  served.write('answer')
  served.destroySoon()
  t.ok(connections.isEnding(served))
  const [answer] = (await once(client, 'data')) as [Buffer]
  t.equal(answer.toString(), 'answer')
  await once(client, 'end')
  t.equal(connections.size, 1, 'still there')
  client.end('x'.repeat(1_000_000))
  await connections.empty()
  t.equal(served.bytesRead, 2_000_000)
  t.notOk(connections.isEnding(served), 'forgotten')
})

t.test('a client that has closed its side already is not waited for', async (t) => {
  const { client, served, connections } = await pair(t, wide)
  client.end()
  served.resume()
  await once(served, 'end')
  served.write('answer')
  connections.closeSoon(served)
  await Promise.all([once(client, 'data'), connections.empty()])
  t.equal(connections.size, 0)
})

t.test('lingering ends at each of its bounds', async (t) => {
  const rows: [name: string, bounds: LingerBounds, chunk: string][] = [
    ['nothing comes', { ...wide, quiet: 300 }, ''],
    ['something comes for ever', { ...wide, total: 600, quiet: 500 }, 'x'],
    ['too much comes', { ...wide, bytes: 100_000 }, 'x'.repeat(50_000)],
  ]
  for (const [name, bounds, chunk] of rows) {
    const { client, served, connections } = await pair(t, bounds)
    const drip = setInterval(() => client.write(chunk), 50)
    connections.closeSoon(served)
    await connections.empty()
    clearInterval(drip)
    t.ok(served.destroyed, name)
  }
})

t.test('only what is silent is closed, after its grace', async (t) => {
  const { client, served, connections } = await pair(t, wide)
  served.resume()
  connections.lookAround()
  connections.closeSilent(10_000)
  t.notOk(connections.isEnding(served), 'within its grace')
  client.write('half a request')
  await once(served, 'data')
  connections.lookAround()
  await sleep(50)
  connections.closeSilent(20)
  t.notOk(connections.isEnding(served), 'owed an answer')
  served.write('answer')
  connections.lookAround()
  await sleep(50)
  connections.lookAround()
  connections.closeSilent(20)
  t.ok(connections.isEnding(served))
})

t.test('the end of no connections is now', async (t) => {
  const connections = new Connections(
    () => wide,
    () => 0,
  )
  await connections.empty()
  t.equal(connections.destroyAll(), 0)
})
