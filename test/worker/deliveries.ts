import t from 'tap'
import { createLog } from '../../src/log.ts'
import { openJournals } from '../../src/serve/stores.ts'
import { memoryStateStore } from '../../src/state/memory-store.ts'
import { deliveriesOf } from '../../src/worker/deliveries.ts'
import { now, record, storedPair } from '../certificate/fixtures/builders.ts'
import { makePair } from '../certificate/fixtures/pairs.ts'
import { shelf } from './fixtures/shelf.ts'

t.setTimeout(60_000)
// A deadline alone keeps no process alive; a server does.
const alive = setInterval(() => undefined, 60_000)
t.teardown(() => clearInterval(alive))

const [newer, older] = [await makePair(), await makePair()]

async function scene(deadlineMs: number) {
  const places = [shelf('/slow'), shelf('/fast')] as const
  const journals = openJournals(memoryStateStore())
  const seconds: number[] = []
  const store = (pairs: ReturnType<typeof storedPair>[], wantedSince?: number) =>
    journals.certificates.change('book', () =>
      record({ pairs, ...(wantedSince !== undefined && { wantedSince }) }),
    )
  const deliveries = deliveriesOf(
    {
      ...journals,
      destinationsOf: () => places,
      assertLeading: async () => undefined,
      changedInstalled: () => undefined,
      observer: {
        orderEnded: () => undefined,
        installed: (certificate) => seconds.push(certificate.seconds),
        tick: () => undefined,
        restarted: () => undefined,
      },
      log: createLog({ level: 'error', format: 'json' }, () => undefined),
      now: () => now,
    },
    deadlineMs,
  )
  return { slow: places[0], fast: places[1], deliveries, store, seconds, journals }
}

t.test('of two destinations the one that hangs keeps nothing from the other', async (t) => {
  const { slow, fast, deliveries, store, seconds } = await scene(50)
  await store([storedPair(newer)], now - 1_000)
  slow.before = () => new Promise(() => undefined)
  t.equal(await deliveries.deliver('book'), true)
  t.equal(fast.pairs.get('book')?.chainPem, newer.chainPem)
  t.equal(slow.pairs.size, 0)
  slow.before = () => undefined
  await deliveries.deliver('book')
  t.same(seconds, [1], 'it counts as installed')
})

t.test('a write that was given up and may still land is not overtaken by another one', async (t) => {
  const { slow, deliveries, store, seconds } = await scene(50)
  await store([storedPair(older)], now - 1_000)
  let land = (): void => undefined
  slow.before = (act) => (act === 'install' ? new Promise((resolve) => (land = resolve)) : undefined)
  await deliveries.deliver('book')
  await store([storedPair(newer), storedPair(older)], now - 1_000)
  slow.before = () => undefined
  await deliveries.deliver('book')
  t.equal(slow.pairs.size, 0)
  t.same(seconds, [], 'and nothing is called installed before all have it')
  land()
  await new Promise((resolve) => setTimeout(resolve, 20))
  t.equal(slow.pairs.get('book')?.chainPem, older.chainPem)
  await deliveries.deliver('book')
  t.equal(slow.pairs.get('book')?.chainPem, newer.chainPem)
  t.same(seconds, [1])
})

t.test('deliveries of one certificate come one after the other, and those that wait are one', async (t) => {
  const { fast, deliveries, store } = await scene(10_000)
  await store([storedPair(older)])
  let at = 0
  let most = 0
  fast.before = async (act) => {
    if (act !== 'install') return
    most = Math.max(most, ++at)
    await new Promise((resolve) => setTimeout(resolve, 20))
    at -= 1
  }
  const first = deliveries.deliver('book')
  await store([storedPair(newer), storedPair(older)])
  const [second, third] = [deliveries.deliver('book'), deliveries.deliver('book')]
  t.equal(second, third)
  t.equal(deliveries.busy('book'), true)
  await Promise.all([first, second])
  await deliveries.settled()
  t.equal(deliveries.busy('book'), false)
  t.equal(most, 1)
  t.equal(fast.pairs.get('book')?.chainPem, newer.chainPem)
})
