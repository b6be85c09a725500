import t from 'tap'
import { directories, desired, hour, minute } from '../certificate/fixtures/builders.ts'
import { bench, isInstalled, worker, type Bench } from './fixtures/bench.ts'
import { problem } from './fixtures/pretend-ca.ts'
import { aWhile } from './fixtures/while.ts'

t.setTimeout(60_000)

async function scene(): Promise<Bench> {
  const made = await bench()
  made.wanted = [desired({ fallbackIssuer: 'other' })]
  return made
}

const fail = (ca: Bench['main'], reason: Parameters<typeof problem>[0]): void => {
  ca.before = ({ action }) => {
    if (action === 'newOrder') throw problem(reason)
  }
}

const asked = ({ ended }: Bench) => ended.map(({ name: _name, ...each }) => each)
const failure = (issuer: string, reason: string) => ({ issuer, result: 'failed', reason })

t.test('the third failure of the first issuer is followed by the fallback at once', async (t) => {
  const made = await scene()
  fail(made.main, 'CaUnreachable')
  await worker(made).run(() => made.ended.length === 1)
  made.time += minute
  await worker(made).run(() => made.ended.length === 2)
  made.time += 10 * minute
  await worker(made).run(isInstalled(made))
  t.same(asked(made), [
    failure('main', 'CaUnreachable'),
    failure('main', 'CaUnreachable'),
    failure('main', 'CaUnreachable'),
    { issuer: 'other', result: 'issued', reason: 'Missing' },
  ])
  const record = await made.record('book')
  t.match(record.pairs[0], { issuer: 'other', directory: directories.other })
  t.equal(record.failures, 0)
  await worker(made).run(aWhile(() => true))
  t.equal(made.ended.length, 4, 'a pair of the fallback is good')
})

t.test('the fallback has a ladder of its own, and the first issuer goes on with its', async (t) => {
  const made = await scene()
  for (const ca of [made.main, made.other]) fail(ca, 'CaUnreachable')
  const waits = [0, 1, 10, 1, 10, 90]
  for (const [round, minutes] of waits.entries()) {
    made.time += minutes * minute
    const before = made.ended.length
    await worker(made).run(aWhile(() => made.ended.length > before))
    t.equal(made.ended.length, round < 2 ? round + 1 : round + 2, `after ${minutes} more minutes`)
  }
  t.same(
    made.ended.map(({ issuer }) => issuer),
    ['main', 'main', 'main', 'other', 'other', 'other', 'main'],
  )
  t.match(await made.record('book'), {
    failures: 7,
    backOff: { main: { failures: 4 }, other: { failures: 3 } },
  })
})

t.test('a first issuer that says "never" is followed by the fallback at once', async (t) => {
  const made = await scene()
  fail(made.main, 'AcmeRejectedIdentifier')
  await worker(made).run(isInstalled(made))
  t.same(asked(made), [
    failure('main', 'AcmeRejectedIdentifier'),
    { issuer: 'other', result: 'issued', reason: 'Placeholder' },
  ])
})

t.test('when both say "never" it stops until the configuration changes', async (t) => {
  const made = await scene()
  fail(made.main, 'AcmeRejectedIdentifier')
  fail(made.other, 'AcmeBadCsr')
  await worker(made).run(aWhile(() => made.ended.length >= 2))
  t.same(asked(made), [failure('main', 'AcmeRejectedIdentifier'), failure('other', 'AcmeBadCsr')])
  t.match((await made.plan()).steps, [{ do: 'rest', reason: 'StoppedUntilConfigChanges' }])
  made.wanted = [desired({ fallbackIssuer: 'other', fingerprint: 'configuration-2' })]
  await worker(made).run(aWhile(() => made.ended.length >= 4))
  t.equal(made.ended.length, 4)
})

t.test('a first issuer that says "never" is not asked in a loop while the fallback is limited', async (t) => {
  const made = await scene()
  fail(made.main, 'AcmeRejectedIdentifier')
  made.other.before = ({ action }) => {
    if (action === 'newOrder') {
      throw problem('AcmeRateLimited', { retryAt: made.time + hour, scope: { kind: 'issuer' } })
    }
  }
  await worker(made).run(aWhile(() => made.ended.length >= 2))
  t.same(asked(made), [failure('main', 'AcmeRejectedIdentifier'), failure('other', 'AcmeRateLimited')])
})

t.test('a limit of the first issuer sends a certificate that cannot wait to the fallback', async (t) => {
  const made = await scene()
  made.main.before = ({ action }) => {
    if (action === 'newOrder') {
      throw problem('AcmeRateLimited', { retryAt: made.time + hour, scope: { kind: 'issuer' } })
    }
  }
  await worker(made).run(() => made.ended.length === 1)
  made.wanted = [
    ...made.wanted,
    desired({ name: 'new', domains: ['new.example.com'], fallbackIssuer: 'other' }),
  ]
  await worker(made).run(isInstalled(made, 'new'))
  t.match(made.ended[1], { name: 'new', issuer: 'other', result: 'issued' })
})

t.test('an order that was cut off at the fallback is finished there', async (t) => {
  const made = await scene()
  fail(made.main, 'AcmeRejectedIdentifier')
  const { validate } = made.other
  made.other.validate = () => new Promise(() => undefined)
  await worker(made).run(() => made.other.count('accept') === 1)
  made.main.before = () => undefined
  made.other.validate = validate
  const [open] = [...made.other.orders.values()]
  for (const each of open?.authorizations ?? []) Object.assign(each, { status: 'valid', challenge: 'valid' })
  await worker(made).run(isInstalled(made))
  t.equal(made.other.orders.size, 1)
  t.equal(made.main.orders.size, 0)
})
