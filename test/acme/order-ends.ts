import t from 'tap'
import type { OrderView } from '../../src/acme/order.ts'
import { readLeaf } from '../../src/certificate/certificate.ts'
import type { FailureReason } from '../../src/reason.ts'
import { problem } from '../worker/fixtures/pretend-ca.ts'
import { failureOf } from './fixtures/bench.ts'
import { failOnce, now, orderScene, type OrderScene } from './fixtures/order-scene.ts'

t.test('naming what is replaced is a wish', async (t) => {
  const replaces = 'aki.serial'
  t.test('that is passed on', async (t) => {
    const scene = await orderScene()
    await scene.run({ replaces })
    t.same(scene.ca.replaced, [replaces])
  })
  for (const reason of [
    'AcmeAlreadyReplaced',
    'AcmeMalformed',
    'AcmeUnauthorized',
    'AcmeServerInternal',
  ] as const) {
    t.test(`that may be refused: ${reason}`, async (t) => {
      const scene = await orderScene()
      failOnce(scene, 'newOrder', problem(reason))
      await scene.run({ replaces })
      t.same(scene.ca.replaced, [undefined])
    })
  }
  t.test('and other refusals stay what they are', async (t) => {
    const scene = await orderScene()
    failOnce(scene, 'newOrder', problem('AcmeRateLimited', { retryAt: 1 }))
    t.match(await failureOf(scene.run({ replaces })), { reason: 'AcmeRateLimited', retryAt: 1 })
    t.same(scene.events, ['spend replaces', 'newOrder', 'give back replaces'])
  })
  t.test('without it a refusal is not asked again', async (t) => {
    const scene = await orderScene()
    failOnce(scene, 'newOrder', problem('AcmeMalformed'))
    t.match(await failureOf(scene.run()), { reason: 'AcmeMalformed' })
    t.equal(scene.ca.count('newOrder'), 0)
  })
})

t.test('ways of a CA', async (t) => {
  const rows: readonly { name: string; be: (scene: OrderScene) => void; polls?: RegExp }[] = [
    { name: 'issues later', be: ({ ca }) => void (ca.issuesLater = true) },
    { name: 'sees late that the order is ready', be: ({ ca }) => void (ca.lag = 3) },
    { name: 'reuses authorizations', be: ({ ca }) => void (ca.reusesAuthorizations = true) },
  ]
  for (const { name, be } of rows) {
    t.test(name, async (t) => {
      const scene = await orderScene()
      be(scene)
      const { chainPem } = await scene.run()
      t.equal(readLeaf({ chainPem, keyPem: scene.job.keyPem })?.keyMatches, true)
      t.equal(scene.ca.orders.size, 1)
      t.equal(scene.ca.issued.length, 1)
    })
  }
  t.test('with valid authorizations nothing is presented', async (t) => {
    const scene = await orderScene()
    scene.ca.reusesAuthorizations = true
    await scene.run()
    scene.events.length = 0
    await scene.run()
    t.same(
      scene.events.filter((each) => ['present', 'accept', 'served', 'clean up'].includes(each)),
      [],
    )
  })
  t.test('never sees that the order is ready: the order is kept for the next attempt', async (t) => {
    let time = now
    const scene = await orderScene({ now: () => (time += 1_000), pollDeadlineMs: 10_000 })
    scene.ca.lag = Infinity
    t.match(await failureOf(scene.run()), {
      reason: 'AuthorizationTimedOut',
      detail: /about the order within 10 s/,
    })
  })
})

t.test('what ends an order', async (t) => {
  const broken = (view: Partial<OrderView>) => async (scene: OrderScene) => {
    const client = scene.ca.client()
    const finalize: typeof client.finalize = async (order, der, signal) => ({
      ...(await client.finalize(order, der, signal)),
      ...view,
    })
    Object.assign(scene.shell, { client: { ...client, finalize } })
  }
  const rows: readonly { name: string; be: (scene: OrderScene) => unknown; reason: FailureReason }[] = [
    {
      name: 'invalid, with a problem',
      be: broken({ status: 'invalid', problem: { reason: 'AcmeCaa', detail: 'no' } }),
      reason: 'AcmeCaa',
    },
    { name: 'invalid, without one', be: broken({ status: 'invalid' }), reason: 'OrderInvalid' },
    { name: 'still ready after finalize', be: broken({ status: 'ready' }), reason: 'CaAnswerUnusable' },
    {
      name: 'a certificate that is over already',
      be: ({ ca }) => void Object.assign(ca, { notBefore: () => Date.UTC(2020, 0, 1) }),
      reason: 'CertificateRejected',
    },
    {
      name: 'a request that the CA refuses',
      be: (scene) => failOnce(scene, 'finalize', problem('AcmeBadCsr')),
      reason: 'AcmeBadCsr',
    },
    {
      name: 'no download',
      be: (scene) => failOnce(scene, 'certificate', problem('CaUnreachable')),
      reason: 'CaUnreachable',
    },
  ]
  for (const { name, be, reason } of rows) {
    t.test(name, async (t) => {
      const scene = await orderScene()
      await be(scene)
      t.match(await failureOf(scene.run()), { reason })
      t.same(await scene.tokens(), [], 'no token is left')
    })
  }
})

t.test('leadership that is lost ends it before the acts that cannot be taken back', async (t) => {
  for (const [asked, before] of ['accept', 'finalize'].entries()) {
    t.test(`before ${before}`, async (t) => {
      let times = 0
      const scene = await orderScene({
        assertLeading: async () => {
          if (times++ === asked) throw problem('LeadershipLost')
        },
      })
      t.match(await failureOf(scene.run()), { reason: 'LeadershipLost' })
      t.equal(scene.events.includes(before), false)
      t.same(await scene.tokens(), [])
    })
  }
})

t.test('stopping ends it wherever it is; only what the CA may be looking at is left', async (t) => {
  for (const action of ['newOrder', 'authorization', 'accept', 'finalize', 'certificate'] as const) {
    t.test(action, async (t) => {
      const scene = await orderScene()
      const abort = new AbortController()
      scene.ca.before = (call) => {
        if (call.action !== action) return
        abort.abort(new Error('stopping'))
        // As src/acme/transport.ts ends a request.
        throw new Error('stopping')
      }
      await t.rejects(scene.run({}, abort.signal), { message: 'stopping' })
      const left = (await scene.tokens()).length
      if (action !== 'accept') return t.equal(left, 0)
      t.ok(left > 0, 'nobody knows whether the CA heard of it')
      scene.ca.before = () => undefined
      const orderUrl = scene.opened[0] ?? ''
      await scene.run({ orderUrl, mayExist: true })
      t.same(await scene.tokens(), [], 'the attempt that takes the order up again removes it')
    })
  }
})

t.test('tokens that a killed attempt left behind go with the next one', async (t) => {
  for (const action of ['finalize', 'certificate'] as const) {
    t.test(`killed at ${action}`, async (t) => {
      const scene = await orderScene()
      failOnce(scene, action, problem('CaUnreachable'))
      await failureOf(scene.run())
      t.same(await scene.tokens(), [])
      // What cleanUp did is undone: the killed process did not come so far.
      const orderUrl = scene.opened[0] ?? ''
      const order = await scene.shell.client.order(orderUrl, new AbortController().signal)
      for (const url of order.authorizations) {
        const { http01, identifier } = await scene.shell.client.authorization(
          url,
          new AbortController().signal,
        )
        const token = http01?.token ?? ''
        await scene.shell.challenges.present({
          token,
          identifier,
          keyAuthorization: `${token}.x`,
          expiresAt: now + 1_000,
        })
      }
      t.equal((await scene.tokens()).length, 2)
      await scene.run({ orderUrl, mayExist: true })
      t.same(await scene.tokens(), [])
    })
  }
})
