/** The demo's DNS server, asked by Node's own resolver. */
import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import t from 'tap'
import { answerTo, type Zones } from '../../../demo/dns/answer.ts'
import { startDnsServer } from '../../../demo/dns/server.ts'

let zones: Zones = {
  'both.localhost': { four: ['127.0.0.1', '192.0.2.9'], six: ['::1', '2001:db8::44', '1:2:3:4:5:6:7:8'] },
  'four.localhost': { four: ['127.0.0.1'] },
  'caa.localhost': { caa: ['ca.example'] },
  'failing.localhost': { fails: 'servfail' },
  'silent.localhost': { fails: 'silent' },
}
const server = await startDnsServer(() => zones)
t.teardown(() => server.stop())
const resolver = new Resolver({ timeout: 10_000, tries: 1 })
resolver.setServers([server.authority])
/** For what is never answered. */
const hasty = new Resolver({ timeout: 500, tries: 1 })
hasty.setServers([server.authority])

const rows: readonly (readonly [string, () => Promise<unknown>, unknown])[] = [
  ['A', () => resolver.resolve4('both.localhost'), ['127.0.0.1', '192.0.2.9']],
  ['AAAA', () => resolver.resolve6('both.localhost'), ['::1', '2001:db8::44', '1:2:3:4:5:6:7:8']],
  ['capitals', () => resolver.resolve4('FOUR.localhost'), ['127.0.0.1']],
  ['CAA', () => resolver.resolveCaa('caa.localhost'), [{ critical: 0, issue: 'ca.example' }]],
  ['no such kind', () => resolver.resolve6('four.localhost'), 'ENODATA'],
  ['no such name', () => resolver.resolve4('nobody.localhost'), 'ENOTFOUND'],
  ['a name that every object has', () => resolver.resolve4('constructor'), 'ENOTFOUND'],
  ['SERVFAIL', () => resolver.resolve4('failing.localhost'), 'ESERVFAIL'],
  ['silence', () => hasty.resolve4('silent.localhost'), 'ETIMEOUT'],
]
for (const [name, ask, expected] of rows) {
  t.test(name, async (t) => {
    const answer = await ask().catch(({ code }: NodeJS.ErrnoException) => code)
    t.match(answer, expected)
  })
}

t.test('the table is read anew at each query', async (t) => {
  zones = { 'nobody.localhost': { four: ['127.0.0.7'] } }
  t.same(await resolver.resolve4('nobody.localhost'), ['127.0.0.7'])
})

t.test('what is no query gets no answer, and the server goes on', async (t) => {
  const head = Buffer.from('123401000001000000000000', 'hex')
  const broken = [
    Buffer.alloc(0),
    head.subarray(0, 7),
    head,
    Buffer.concat([head, Buffer.from([200, 1, 2])]),
    Buffer.concat([head, Buffer.from([5, 97])]),
    Buffer.concat([head, Buffer.from([1, 97, 0, 0])]),
    Buffer.from('123481800001000000000000' + '0161000001', 'hex'),
    Buffer.concat([Buffer.from('123401000002000000000000', 'hex'), Buffer.from([1, 97, 0, 0, 1, 0, 1])]),
  ]
  const client = createSocket('udp4')
  const port = Number(server.authority.split(':')[1])
  for (const each of broken) {
    t.equal(answerTo(each, zones), undefined, each.toString('hex'))
    await new Promise((resolve) => client.send(each, port, '127.0.0.1', resolve))
  }
  client.close()
  t.same(await resolver.resolve4('nobody.localhost'), ['127.0.0.7'])
})
