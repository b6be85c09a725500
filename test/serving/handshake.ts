/** Why a handshake failed, against servers on loopback. What a sidecar ends is seen in ../bench/mesh/cases/sidecar.ts. */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { handshake } from '../../src/serving/handshake.ts'
import { takesAnything } from '../../src/reach/on-the-way.ts'

const [address, host] = ['127.0.0.1', 'book.example.com']

async function portOf(t: Test, serve: (socket: Socket) => unknown): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    t.teardown(() => socket.destroy())
    serve(socket)
  })
  server.listen(0, address)
  await once(server, 'listening')
  t.teardown(() => server.close())
  return (server.address() as AddressInfo).port
}

async function closedPort(t: Test): Promise<number> {
  const server = createServer().listen(0, address)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  t.comment(`nobody on ${port}`)
  return port
}

const rows = [
  {
    name: 'closed as soon as it was opened',
    port: (t: Test) => portOf(t, (socket) => socket.end()),
    fault: 'no handshake',
  },
  {
    name: 'closed at the first words of TLS',
    port: (t: Test) => portOf(t, (socket) => socket.once('data', () => socket.destroy())),
    fault: 'no handshake',
  },
  {
    name: 'an answer that is no TLS',
    port: (t: Test) => portOf(t, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    fault: 'no handshake',
  },
  { name: 'no word at all', port: (t: Test) => portOf(t, () => undefined), fault: 'silent' },
  { name: 'nobody there', port: closedPort, fault: 'refused' },
]

for (const { name, port, fault } of rows)
  t.test(name, async (t) => {
    t.strictSame(await handshake({ address, port: await port(t), host }, 500), { fault })
  })

t.test('nothing on the way to loopback takes any connection', async (t) => {
  t.equal(await takesAnything(address, 1_000), false)
})

t.test('who has no time left is told at once', async (t) => {
  t.equal(await takesAnything(address, 1_000, AbortSignal.abort()), false)
})
