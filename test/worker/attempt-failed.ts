import t from 'tap'
import type { Failure, FailureReason } from '../../src/reason.ts'
import type { CertificateRecord } from '../../src/state/records.ts'
import { day, desired, hour, minute } from '../certificate/fixtures/builders.ts'
import { bench, isInstalled, worker, type Bench } from './fixtures/bench.ts'
import { problem, type Action } from './fixtures/pretend-ca.ts'
import { aWhile } from './fixtures/while.ts'

t.setTimeout(60_000)

const failing = (
  scene: Bench,
  action: Action,
  reason: FailureReason,
  differs: Partial<Failure> = {},
): void => {
  scene.main.before = (call) => {
    if (call.action === action) throw problem(reason, differs)
  }
}

/** Until that many attempts have ended; then a while longer, in which nothing more may happen. */
async function attempts(scene: Bench, count: number): Promise<CertificateRecord> {
  const running = worker(scene)
  const settled = aWhile(() => scene.ended.length >= count)
  await running.run(settled)
  t.equal(scene.ended.length, count, 'and no more')
  return scene.record('book')
}

interface Row {
  readonly name: string
  readonly at: Action
  readonly reason: FailureReason
  readonly differs?: Partial<Failure>
  readonly count?: number
  /** Milliseconds until the next attempt; undefined: it stops. */
  readonly wait: number | undefined
  readonly order: 'kept' | 'dropped'
}

const rows: readonly Row[] = [
  { name: 'no order', at: 'newOrder', reason: 'CaUnreachable', wait: minute, order: 'kept' },
  {
    name: 'overloaded, with a moment',
    at: 'newOrder',
    reason: 'CaOverloaded',
    differs: { retryAt: Date.UTC(2026, 8, 1, 14) },
    wait: 2 * hour + 5 * minute,
    order: 'kept',
  },
  {
    name: 'a name that is refused',
    at: 'newOrder',
    reason: 'AcmeRejectedIdentifier',
    wait: undefined,
    order: 'dropped',
  },
  {
    name: 'a profile that is not offered',
    at: 'newOrder',
    reason: 'AcmeInvalidProfile',
    wait: undefined,
    order: 'dropped',
  },
  { name: 'no authorization', at: 'authorization', reason: 'CaTimedOut', wait: minute, order: 'kept' },
  {
    name: 'a request that is refused',
    at: 'finalize',
    reason: 'AcmeBadCsr',
    wait: undefined,
    order: 'dropped',
  },
  {
    name: 'an order that is lost on the way',
    at: 'authorization',
    reason: 'OrderLost',
    count: 2,
    wait: minute,
    order: 'dropped',
  },
  {
    name: 'an account that the CA does not know',
    at: 'newOrder',
    reason: 'AcmeAccountDoesNotExist',
    count: 2,
    wait: minute,
    order: 'dropped',
  },
  { name: 'no download', at: 'certificate', reason: 'CaAnswerUnusable', wait: minute, order: 'kept' },
]

t.test('a failure becomes a durable schedule', async (t) => {
  for (const { name, at, reason, differs, count = 1, wait, order } of rows) {
    t.test(name, async (t) => {
      const scene = await bench()
      failing(scene, at, reason, differs)
      const record = await attempts(scene, count)
      t.equal(record.failures, count)
      t.match(record.attempts[0], { outcome: 'failed', failure: { reason } })
      t.equal(record.stoppedFor, wait === undefined ? scene.wanted[0]?.fingerprint : undefined)
      t.equal(record.notBefore, wait === undefined ? undefined : scene.time + wait)
      t.equal(record.inFlight !== undefined, order === 'kept')
      t.same(await scene.challenges.list(), [])
      t.equal(JSON.stringify(scene.lines).includes('PRIVATE KEY'), false, 'no key is in the log')

      const before = scene.main.calls.length
      await worker(scene).run(aWhile(() => true))
      t.equal(scene.main.calls.length, before, 'a restart spends nothing')
    })
  }
})

t.test('a validation that fails', async (t) => {
  const scene = await bench()
  scene.main.validate = async () => ({ reason: 'AcmeConnection', detail: '192.0.2.1: refused' })
  const record = await attempts(scene, 1)
  t.match(record.attempts[0]?.failure, { reason: 'AcmeConnection', identifier: 'book.example.com' })
  t.equal(record.inFlight, undefined)
  t.match(scene.lines.at(-1), { msg: 'order failed', certificate: 'book', detail: '192.0.2.1: refused' })
})

t.test('what is not served does not bother the CA, and the order is kept', async (t) => {
  const scene = await bench()
  const { served } = scene
  scene.served = async () => {
    throw problem('SelfCheckFailed', { identifier: 'book.example.com' })
  }
  const record = await attempts(scene, 1)
  t.match(record, { failures: 1, inFlight: { orderUrl: 'https://main.example/order/1' } })
  t.equal(scene.main.count('accept'), 0)
  scene.served = served
  scene.time += 2 * minute
  await worker(scene).run(isInstalled(scene))
  t.equal(scene.main.orders.size, 1)
})

t.test('a minute, ten, a hundred, then once a day', async (t) => {
  const scene = await bench()
  failing(scene, 'newOrder', 'AcmeServerInternal')
  const steps = [minute, 10 * minute, 100 * minute, day, day]
  for (const [index, step] of steps.entries()) {
    const record = await attempts(scene, index + 1)
    t.equal(record.notBefore, scene.time + step, `after failure ${index + 1}`)
    scene.time += step - 1
    await worker(scene).run(aWhile(() => true))
    t.equal(scene.ended.length, index + 1, 'not a millisecond before')
    scene.time += 1
  }
  scene.main.before = () => undefined
  await worker(scene).run(isInstalled(scene))
  const record = await scene.record('book')
  t.match(record, { failures: 0, notBefore: undefined, failingIssuer: undefined })
})

t.test('a new configuration does not wait, and its failures count from one', async (t) => {
  const scene = await bench()
  failing(scene, 'newOrder', 'AcmeServerInternal')
  for (const count of [1, 2, 3]) {
    await attempts(scene, count)
    scene.time += day
  }
  await attempts(scene, 4)
  scene.wanted = [desired({ fingerprint: 'configuration-2' })]
  const record = await attempts(scene, 5)
  t.match(record, { failures: 1, notBefore: scene.time + minute })
})

t.test('a bug of ours is a failure too, and waits', async (t) => {
  const scene = await bench()
  scene.served = async () => {
    throw new TypeError('cannot read properties of undefined')
  }
  const record = await attempts(scene, 1)
  t.match(record.attempts[0]?.failure, {
    reason: 'InternalError',
    detail: 'TypeError: cannot read properties of undefined',
  })
  t.equal(record.notBefore, scene.time + minute)
})

t.test('a stop in the middle is no failure', async (t) => {
  const scene = await bench()
  scene.main.validate = () => new Promise(() => undefined)
  await worker(scene).run(() => scene.main.count('accept') === 1)
  const record = await scene.record('book')
  t.match(record, { failures: 0, attempts: [{ outcome: 'running' }], inFlight: { orderUrl: /order\/1$/ } })
  t.same(scene.ended, [])
})

t.test('an account that the CA has forgotten is opened anew', async (t) => {
  const scene = await bench()
  let left = 1
  scene.main.before = ({ action }) => {
    if (action === 'newOrder' && left-- > 0) throw problem('AcmeAccountDoesNotExist')
  }
  await worker(scene).run(isInstalled(scene))
  t.same(scene.opened, ['main', 'main'])
})
