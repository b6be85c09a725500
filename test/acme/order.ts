import t from 'tap'
import type { OrderView } from '../../src/acme/order.ts'
import { readLeaf } from '../../src/certificate/certificate.ts'
import { problem, type Call } from '../worker/fixtures/pretend-ca.ts'
import { failureOf } from './fixtures/bench.ts'
import { domains, failOnce, loseOnce, orderScene, type OrderScene } from './fixtures/order-scene.ts'

/** The URL of the order that a first attempt left behind when its answer to that call was lost. */
async function leftBehind(scene: OrderScene, action: Call['action']): Promise<string | undefined> {
  loseOnce(scene, action)
  const failure = await failureOf(scene.run())
  if (failure.reason !== 'CaUnreachable') throw new Error(`unexpected ${failure.reason}`)
  scene.events.length = 0
  return scene.opened.at(-1)
}

t.test('a whole order, in this order', async (t) => {
  const scene = await orderScene()
  const { chainPem, orderUrl } = await scene.run()
  t.equal(orderUrl, 'https://main.example/order/1')
  t.match(readLeaf({ chainPem, keyPem: scene.job.keyPem }), { names: domains, keyMatches: true })
  t.same(scene.events, [
    'spend first',
    'newOrder',
    'opened',
    'authorization',
    'authorization',
    'present',
    'present',
    'served',
    'leading?',
    'accept',
    'accept',
    'authorization',
    'authorization',
    'clean up',
    'clean up',
    'leading?',
    'finalize',
    'certificate',
  ])
})

t.test('an order goes on from where it is', async (t) => {
  const rows: readonly { name: string; lost: Call['action']; first: string; without: readonly string[] }[] = [
    { name: 'pending', lost: 'authorization', first: 'order', without: ['newOrder'] },
    {
      name: 'accepted and perhaps validated',
      lost: 'accept',
      first: 'order',
      without: ['newOrder', 'accept'],
    },
    {
      name: 'finalized',
      lost: 'finalize',
      first: 'order',
      without: ['newOrder', 'accept', 'finalize', 'present'],
    },
    {
      name: 'valid',
      lost: 'certificate',
      first: 'order',
      without: ['newOrder', 'accept', 'finalize', 'present'],
    },
  ]
  for (const { name, lost, first, without } of rows) {
    t.test(name, async (t) => {
      const scene = await orderScene()
      const orderUrl = await leftBehind(scene, lost)
      const { chainPem } = await scene.run({ mayExist: true, ...(orderUrl !== undefined && { orderUrl }) })
      t.equal(readLeaf({ chainPem, keyPem: scene.job.keyPem })?.keyMatches, true)
      t.equal(scene.events[0], first)
      t.same(
        scene.events.filter((event) => without.includes(event)),
        [],
        'nothing is done twice',
      )
      t.equal(scene.ca.orders.size, 1)
      t.equal(scene.opened.length, 1)
      t.same(await scene.tokens(), [])
    })
  }
})

t.test('an order whose URL was lost', async (t) => {
  t.test('is found in the list of the CA', async (t) => {
    const scene = await orderScene()
    await leftBehind(scene, 'newOrder')
    await scene.run({ mayExist: true })
    t.equal(scene.ca.orders.size, 1)
    t.same(scene.opened, ['https://main.example/order/1'], 'and becomes durable before it is gone on with')
    t.same(scene.events.slice(0, 3), ['unfinishedOrders', 'spend first', 'opened'])
  })
  t.test('is replaced at a CA that lists none', async (t) => {
    const scene = await orderScene()
    scene.ca.listsOrders = false
    await leftBehind(scene, 'newOrder')
    await scene.run({ mayExist: true })
    t.equal(scene.ca.orders.size, 2)
  })
  t.test('is not mistaken for one that another key was used for', async (t) => {
    const scene = await orderScene()
    const foreign: OrderView = {
      url: 'https://main.example/order/foreign',
      status: 'processing',
      authorizations: [],
      finalize: '',
    }
    Object.assign(scene.shell, { client: { ...scene.ca.client(), unfinishedOrders: async () => [foreign] } })
    const { orderUrl } = await scene.run({ mayExist: true })
    t.equal(orderUrl, 'https://main.example/order/1')
  })
  t.test('is not mistaken for the one of another certificate with the same names', async (t) => {
    const scene = await orderScene()
    await leftBehind(scene, 'newOrder')
    Object.assign(scene.shell, { othersOrders: async () => new Set(['https://main.example/order/1']) })
    const { orderUrl } = await scene.run({ mayExist: true })
    t.equal(orderUrl, 'https://main.example/order/2')
  })
  t.test('is not looked for when there cannot be one', async (t) => {
    const scene = await orderScene()
    await scene.run()
    t.equal(scene.events.includes('unfinishedOrders'), false)
  })
})

t.test('an order that is dead is replaced', async (t) => {
  const rows: readonly { name: string; die: (scene: OrderScene, url: string) => void }[] = [
    { name: 'the CA dropped it', die: (scene, url) => scene.ca.forget(url) },
    {
      name: 'it became invalid',
      die: ({ ca }, url) => {
        const order = ca.orders.get(url)
        if (order) order.problem = { reason: 'AcmeConnection', detail: 'refused' }
      },
    },
    {
      name: 'the CA calls its URL malformed',
      die: (scene) => failOnce(scene, 'order', problem('AcmeMalformed')),
    },
    {
      name: 'it is of another account',
      die: (scene) => failOnce(scene, 'order', problem('AcmeUnauthorized')),
    },
  ]
  for (const { name, die } of rows) {
    t.test(name, async (t) => {
      const scene = await orderScene()
      const url = (await leftBehind(scene, 'authorization')) ?? ''
      die(scene, url)
      const { orderUrl } = await scene.run({ mayExist: true, orderUrl: url })
      t.not(orderUrl, url)
      t.equal(scene.opened.at(-1), orderUrl)
    })
  }
  t.test('but not when the CA cannot be asked about it', async (t) => {
    const scene = await orderScene()
    const orderUrl = (await leftBehind(scene, 'authorization')) ?? ''
    failOnce(scene, 'order', problem('CaTimedOut'))
    t.match(await failureOf(scene.run({ mayExist: true, orderUrl })), { reason: 'CaTimedOut' })
    t.equal(scene.ca.orders.size, 1)
  })
})
