/** A replica that answers well, badly, endlessly or not at all. */
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { askReplica } from '../../src/traffic/ask-replica.ts'
import { startAdmin } from '../http/fixtures/admin-port.ts'

const counts = {
  v: 1,
  start: '0f4c3f0e-5f0e-4f68-9a52-7d9a4b1f2c11',
  rows: [{ host: 'a.test', row: 0, lastSeen: 60_000, days: [[20_787, 1, 2, 3, 4, 5]] }],
} as const

async function replica(t: Test, answer: RequestListener): Promise<number> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  await new Promise((resolve) => server.once('listening', resolve))
  return (server.address() as AddressInfo).port
}

const ask = (port: number, from?: number, timeoutMs = 20_000) =>
  askReplica({ address: '127.0.0.1', port, host: 'pods.port80.svc', timeoutMs }, from)

interface Row {
  readonly name: string
  readonly answer: RequestListener
  readonly fault: RegExp
}

const rows: readonly Row[] = [
  {
    name: 'an older port80',
    answer: (_request, response) => response.writeHead(404).end('Nothing is here.\n'),
    fault: /^answered 404 instead of its counts$/,
  },
  { name: 'no JSON', answer: (_request, response) => response.end('<html>'), fault: /are not JSON/ },
  {
    name: 'another version',
    answer: (_request, response) => response.end(JSON.stringify({ ...counts, v: 2 })),
    fault: /none of this version/,
  },
  {
    name: 'a count below zero',
    answer: (_request, response) => response.end(JSON.stringify(counts).replace('20787,1', '20787,-1')),
    fault: /none of this version/,
  },
  {
    name: 'an answer without an end',
    answer: (_request, response) => {
      const more = () => response.write('x'.repeat(65_536), () => setImmediate(more))
      more()
    },
    fault: /more than can be read/,
  },
  { name: 'no answer', answer: () => undefined, fault: /did not answer in time/ },
  {
    name: 'an end in the middle',
    answer: (_request, response) => response.socket?.destroy(),
    fault: /reset/,
  },
]

for (const { name, answer, fault } of rows)
  t.test(name, async (t) => {
    t.match(await ask(await replica(t, answer), undefined, name === 'no answer' ? 200 : 10_000), { fault })
  })

t.test('nobody listens', async (t) => {
  t.match(await ask(1), { fault: 'refused the connection' })
})

t.test('what the admin port tells is read as it was told, by the name that the mesh knows', async (t) => {
  const asked: (number | undefined)[] = []
  const traffic = (from: number | undefined) => {
    asked.push(from)
    return { ...counts, rows: counts.rows.map((row) => ({ ...row, days: [...row.days] })) }
  }
  const { port } = await startAdmin(t, { traffic })
  t.strictSame(await ask(port), { ok: counts })
  t.strictSame(await ask(port, 20_786), { ok: counts })
  t.strictSame(asked, [undefined, 20_786])
  const hosts: (string | undefined)[] = []
  const named = await replica(t, ({ headers, url }, response) => {
    hosts.push(headers.host, url)
    response.end(JSON.stringify(counts))
  })
  await ask(named, 7)
  t.strictSame(hosts, [`pods.port80.svc:${named}`, '/traffic.json?from=7'])
})
