/** The limits of a CA by port80's own count: the order that would cross one is not sent, also not after a kill -9. */
import t from 'tap'
import { expectIssued } from '../fixtures/expect.ts'
import { setScene } from '../fixtures/scene.ts'
import { until } from '../fixtures/until.ts'

/** Three orders, and one more every 40 seconds. */
const limits = { newOrders: { limit: 3, window: '2m' }, reserve: 0 }
const refillMs = 40_000

t.test(
  'a spend outlives a kill -9 before the CA has heard of the order, and no limit is crossed',
  async (t) => {
    const names = ['one', 'two', 'three']
    const scene = await setScene(t, {
      pebble: { validationSleep: 0, nonceReject: 0 },
      issuer: { limits },
      config: { worker: { tick: '1s', parallelOrders: 1 } },
      certificates: names.map((name) => ({ name, domains: [`${name}.example.com`] })),
    })
    const { port80, proxy } = scene
    proxy.fault('newOrder', { kind: 'hang' })
    await port80.start()
    const orders = () => proxy.exchanges.filter(({ action }) => action === 'newOrder')
    await until(orders, (all) => all.length === 1, { what: 'an order on its way' })
    await port80.kill()
    t.equal(proxy.accepted('newOrder'), 0, 'Pebble has not heard of it')
    await port80.start()

    const waiting = await until(
      () => port80.status(),
      ({ certificates, budget }) =>
        budget?.[0]?.used === 3 && certificates.filter(({ state }) => state === 'ready').length === 2,
      { what: 'two certificates, and one that waits' },
    )
    const held = waiting.certificates.find(({ reason }) => reason === 'OverBudget')
    const nextAt = held?.nextAt ?? 0
    const first = orders()[0]?.at ?? 0
    t.ok(Math.abs(nextAt - first - refillMs) < 5_000, `it says when it goes on (${nextAt - first} ms)`)
    t.match(held?.next, /newOrders: of 3 in 2m none is left for it/)
    t.match(waiting.budget, [
      { issuer: 'pebble', bucket: 'newOrders', used: 3, limit: 3, nextPossibleAt: nextAt },
    ])
    t.match(
      waiting.findings?.map(({ code }) => code),
      ['P80-501', 'P80-502'],
    )
    t.match((await port80.command('plan')).stdout, /rest until .*: OverBudget \(due, because /)

    for (const name of names) await port80.waitForCertificate(name, 120_000)
    for (const name of names) await expectIssued(t, scene, name, [`${name}.example.com`])
    t.equal(proxy.accepted('newOrder'), 3, 'an order for each certificate')
    const times = orders().map(({ at }) => at)
    t.equal(times.length, 4, 'the one that was cut off, and these')
    t.ok((times.at(-1) ?? 0) >= nextAt, 'not a moment before')
    t.ok((times.at(-1) ?? 0) < nextAt + 30_000, 'and soon after')
  },
)
