/** Looks along real sockets: each way in which port 80 answers wrongly, and the right one. */
import { createServer, type RequestListener } from 'node:http'
import { createServer as createRaw, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTls } from 'node:tls'
import t, { type Test } from 'tap'
import { makePlaceholder } from '../../src/certificate/placeholder.ts'
import { memoryChallengeStore } from '../../src/challenge/memory-store.ts'
import { challengePrefix } from '../../src/challenge/token.ts'
import { looker, type Door } from '../../src/reach/look.ts'

const host = 'book.example.com'
const never = new AbortController().signal

async function listening(t: Test, server: Server): Promise<number> {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => open.add(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

const doorTo = (port: number): Door => ({
  leg: 'inside',
  at: 'edge/gateway',
  way: { address: '127.0.0.1', port },
})

t.test('what stands on port 80 is named', async (t) => {
  const challenges = memoryChallengeStore()
  const answering =
    (body: (keyAuthorization: string) => string): RequestListener =>
    async ({ url = '' }, answer) => {
      const found = await challenges.find(url.slice(challengePrefix.length))
      answer.writeHead(found ? 200 : 404).end(body(found?.keyAuthorization ?? ''))
    }
  const http = (listener: RequestListener) => createServer(listener)
  const raw = (act: (socket: Socket) => void) =>
    createRaw((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => act(socket))
    })
  const proxied = createRaw((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', (data) => {
      if (data.toString('latin1').startsWith('PROXY '))
        socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n')
      else socket.resetAndDestroy()
    })
  })
  const { chainPem, keyPem } = await makePlaceholder([host], Date.now())
  const refusing = createRaw((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', ([first]) => {
      // A record of a handshake; the answer is an alert.
      if (first === 0x16) socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 112]))
      else socket.resetAndDestroy()
    })
  })
  const rows: [string, Server, string | undefined][] = [
    ['our own answer', http(answering((text) => `${text}\n`)), undefined],
    ['our answer altered', http(answering((text) => `<html>${text}</html>`)), 'P80-313'],
    [
      'a redirect of the gateway',
      http((_, answer) =>
        answer.writeHead(301, { server: 'istio-envoy', location: `https://${host}/` }).end(),
      ),
      'P80-303',
    ],
    [
      'a redirect to a login',
      http((_, answer) => answer.writeHead(302, { location: 'https://sso.example.com/oauth2/start' }).end()),
      'P80-304',
    ],
    [
      'no route of the gateway',
      http((_, answer) => answer.writeHead(404, { server: 'istio-envoy' }).end()),
      'P80-301',
    ],
    ['a long page of somebody', http((_, answer) => answer.end('x'.repeat(100_000))), 'P80-305'],
    ['closed without an answer', raw((socket) => socket.resetAndDestroy()), 'P80-305'],
    ['no HTTP', raw((socket) => socket.end('\x15\x03\x01\x00\x02\x02\x0a')), 'P80-308'],
    ['PROXY protocol', proxied, 'P80-314'],
    ['TLS', createTls({ cert: chainPem, key: keyPem }), 'P80-308'],
    ['TLS that refuses the name', refusing, 'P80-308'],
    ['never an answer', raw(() => undefined), 'P80-307'],
  ]
  await Promise.all(
    rows.map(async ([name, server, code]) => {
      const port = await listening(t, server)
      const looks = await looker({
        challenges,
        now: Date.now,
        // Whoever answers is waited for, also on a machine that is busy with other tests.
        ...(code !== 'P80-307' && { askMs: { inside: 20_000, outside: 20_000 } }),
        waysOf: async () => ({ doors: [doorTo(port)] }),
      }).look([host], never)
      t.equal(looks.length, 1, name)
      t.equal(looks[0]?.finding?.code, code, name)
      t.match(looks[0], { host, leg: 'inside', at: 'edge/gateway' }, name)
      t.notMatch(JSON.stringify(looks), /xxxx|sso\.example|<html>/, `${name}: nothing of the answer is kept`)
    }),
  )
  t.strictSame(await challenges.list(), [], 'no token is left')
})

t.test('nobody listens, nobody is there, and nobody can look', async (t) => {
  const challenges = memoryChallengeStore()
  const port = await new Promise<number>((resolve) => {
    const server = createRaw().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
  const codes = async (doors: readonly Door[]) => {
    const looks = await looker({ challenges, now: Date.now, waysOf: async () => ({ doors }) }).look(
      [host],
      never,
    )
    return looks.map(({ finding }) => finding?.code)
  }
  t.strictSame(await codes([doorTo(port)]), ['P80-306'])
  t.strictSame(await codes([{ leg: 'inside', at: 'edge' }]), ['P80-316'])
  t.strictSame(await codes([]), [])
})

t.test('a look that is cut off ends, and takes its token away', async (t) => {
  const challenges = memoryChallengeStore()
  const port = await listening(
    t,
    createRaw((socket) => void socket.on('error', () => undefined)),
  )
  const end = new AbortController()
  const looking = looker({ challenges, now: Date.now, waysOf: async () => ({ doors: [doorTo(port)] }) }).look(
    [host],
    end.signal,
  )
  setTimeout(() => end.abort(), 200)
  await t.rejects(looking, { name: 'AbortError' })
  t.strictSame(await challenges.list(), [])
})

t.test('from a machine outside the cluster only what a gateway says of itself counts', async (t) => {
  const challenges = memoryChallengeStore()
  const answers = (status: number, headers = {}) =>
    createServer((_, answer) => answer.writeHead(status, headers).end())
  const rows: [string, Server | undefined, inside: string, outside: string][] = [
    ['nobody listens at the address', undefined, '?', 'P80-306'],
    ['somebody else has it', answers(404), '?', 'P80-305'],
    ['the gateway has no route', answers(404, { server: 'istio-envoy' }), 'P80-301', 'P80-301'],
  ]
  for (const [name, server, ...wanted] of rows) {
    const port = await listening(t, server ?? createServer())
    const way = { address: server ? '127.0.0.1' : '127.0.0.9', port }
    const looks = await looker({
      ...{ challenges, now: Date.now },
      waysOf: async () => ({
        doors: [
          { leg: 'inside', at: 'edge/gateway', way },
          { leg: 'outside', at: host, way },
        ],
        fromAfar: true,
      }),
    }).look([host], never)
    t.strictSame(
      looks.map(({ unjudged, finding }) => (unjudged === undefined ? (finding?.code ?? 'ok') : '?')),
      wanted,
      name,
    )
  }
})
