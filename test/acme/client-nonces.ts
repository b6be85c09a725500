/** Nonces that the CA refuses (RFC 8555 §6.5): repeated, within bounds, and no request is made twice by it. */
import t from 'tap'
import { bench, failureOf, now, signal } from './fixtures/bench.ts'

t.test('half of all nonces refused: every act succeeds', async (t) => {
  const { client, fake } = await bench(t)
  fake.nonceReject = 0.5
  await client.register({}, signal)
  const names = Array.from({ length: 30 }, (_, index) => `n${index}.example.com`)
  const orders = await Promise.all(names.map((name) => client.newOrder({ identifiers: [name] }, signal)))
  t.equal(new Set(orders.map(({ url }) => url)).size, 30, 'and none was placed twice')
})

t.test('all nonces refused: a bounded number of tries', async (t) => {
  const { client, fake } = await bench(t)
  fake.nonceReject = 1
  t.match(await failureOf(client.register({}, signal)), { reason: 'AcmeBadNonce' })
  t.equal(fake.count('/new-account'), 21)
})

t.test('all nonces refused, slowly: the tries end when a request time-out has passed', async (t) => {
  let clock = now
  const { client, fake } = await bench(t, { now: () => clock })
  fake.nonceReject = 1
  fake.fault = () => {
    clock += 8_000
    return false
  }
  t.match(await failureOf(client.register({}, signal)), { reason: 'AcmeBadNonce' })
  t.equal(fake.count('/new-account'), 2)
})

t.test('nonces grown old are not used', async (t) => {
  let clock = now
  const { client, fake } = await bench(t, { now: () => clock })
  await client.register({}, signal)
  const before = fake.count('/new-nonce')
  clock += 10 * 60_000
  await client.findAccount(signal)
  t.equal(fake.count('/new-nonce'), before + 1)
})
