/** The outside leg against a real DNS server on loopback. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { memoryChallengeStore } from '../../src/challenge/memory-store.ts'
import { replicaHeader, signReplica } from '../../src/challenge/replica.ts'
import { challengePrefix } from '../../src/challenge/token.ts'
import { looker } from '../../src/reach/look.ts'
import { namesOf } from '../../src/reach/names.ts'
import { dnsServer } from './fixtures/dns-server.ts'

const elsewhere = 'fd00:80::1'

t.test('what the DNS says is told apart', async (t) => {
  const server = await dnsServer(t, {
    'both.test': { four: ['192.0.2.1', '192.0.2.2'], six: [elsewhere] },
    'empty.test': {},
    'fails.test': { fails: 'servfail' },
    'silent.test': { fails: 'silent' },
    test: { caa: ['ca.example'] },
  })
  const names = namesOf([server])
  const both = await names.of('both.test', { caa: true })
  t.strictSame(both.four, { addresses: ['192.0.2.1', '192.0.2.2'] })
  t.strictSame(both.six, { addresses: ['fd00:80::1'] })
  t.strictSame(both.caa, [
    { name: 'both.test', records: [] },
    { name: 'test', records: [{ critical: false, tag: 'issue', value: 'ca.example' }] },
  ])
  const rows: [string, string][] = [
    ['empty.test', 'noAddress'],
    ['fails.test', 'servfail'],
    ['silent.test', 'silent'],
    ['nobody.test', 'noName'],
  ]
  const began = performance.now()
  await Promise.all(
    rows.map(async ([host, none]) =>
      t.match(await names.of(host, { caa: false }), { four: { none }, six: { none } }, host),
    ),
  )
  t.ok(performance.now() - began < 20_000, 'in time')
  t.strictSame(await namesOf(undefined).of('a.localhost', { caa: true }), {
    ...{ four: { addresses: ['127.0.0.1'] }, six: { addresses: ['::1'] }, caa: [] },
  })
  t.match(await names.of('192.0.2.9', { caa: true }), { four: { addresses: ['192.0.2.9'] }, caa: [] })
})

t.test('each address is asked, and the one that is ours says who answered', async (t) => {
  const challenges = memoryChallengeStore()
  const server = createServer(({ url = '' }, answer) => {
    void Promise.resolve(challenges.find(url.slice(challengePrefix.length))).then((found) => {
      const key = found?.keyAuthorization ?? ''
      answer.setHeader(replicaHeader, signReplica('replica-1', key) ?? '')
      answer.end(key)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const resolver = await dnsServer(t, {
    'six.test': { four: ['127.0.0.1'], six: [elsewhere] },
    'wrong.test': { four: ['127.0.0.2'] },
    'caa.test': { four: ['127.0.0.1'], caa: ['other.example'] },
  })
  const looks = await looker({
    ...{ challenges, now: Date.now },
    waysOf: async () => ({ doors: [], outside: { port, resolvers: [resolver], identities: ['ca.example'] } }),
  }).look(['six.test', 'wrong.test', 'caa.test', 'gone.test'], new AbortController().signal)
  t.strictSame(
    looks.map(({ host, at, replica, finding }) => [host, at, replica ?? '', finding?.code ?? 'ok'].join(' ')),
    [
      'six.test 127.0.0.1 replica-1 ok',
      'six.test fd00:80::1  P80-309',
      'wrong.test 127.0.0.2  P80-306',
      'caa.test caa.test  P80-311',
      'caa.test 127.0.0.1 replica-1 ok',
      'gone.test gone.test  P80-310',
    ],
  )
  t.strictSame(await challenges.list(), [], 'no token is left')
})
