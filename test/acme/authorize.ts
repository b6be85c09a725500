import t from 'tap'
import type { AuthorizationView } from '../../src/acme/order.ts'
import { authorizeAll } from '../../src/acme/authorize.ts'
import type { Failure } from '../../src/reason.ts'
import { problem, thumbprint } from '../worker/fixtures/pretend-ca.ts'
import { failureOf } from './fixtures/bench.ts'
import { domains, now, orderScene, type OrderScene } from './fixtures/order-scene.ts'

const never = new AbortController().signal

/** An order was placed; only its authorizations are looked at. */
async function authorize(scene: OrderScene, signal = never): Promise<void> {
  const order = await scene.shell.client.newOrder({ identifiers: domains }, never)
  scene.events.length = 0
  await authorizeAll(order, scene.shell, signal)
}

const refused: Failure = { reason: 'AcmeConnection', detail: 'refused', identifier: 'a.example.com' }
const onlyFor = (name: string, failure: Failure) => async (each: { identifier: string }) =>
  each.identifier === name ? failure : undefined

/** The CA answers each authorization changed in this way. */
function changed(scene: OrderScene, change: (view: AuthorizationView) => AuthorizationView): void {
  const client = scene.ca.client()
  const authorization: typeof client.authorization = async (url, signal) =>
    change(await client.authorization(url, signal))
  Object.assign(scene.shell, { client: { ...client, authorization } })
}

t.test('what is presented', async (t) => {
  let seen: Awaited<ReturnType<OrderScene['tokens']>> = []
  const scene = await orderScene({ served: async () => void (seen = await scene.tokens()) })
  await authorize(scene)
  t.same(seen.map(({ identifier }) => identifier).toSorted(), domains)
  for (const { token, keyAuthorization, expiresAt } of seen) {
    t.match(token, /^[\w-]{43}$/)
    t.equal(keyAuthorization, `${token}.${thumbprint}`)
    t.equal(expiresAt, now + 3_600_000, 'swept an hour later when a crash leaves it')
  }
  t.same(await scene.tokens(), [], 'and nothing is left')
})

t.test('the CA is not bothered before everything is served', async (t) => {
  const rows = [
    { name: 'a responder does not answer', reason: 'NotServed' },
    { name: 'the front door answers something else', reason: 'SelfCheckFailed' },
  ] as const
  for (const { name, reason } of rows) {
    t.test(name, async (t) => {
      const scene = await orderScene({
        served: async () => {
          throw problem(reason, { identifier: 'a.example.com' })
        },
      })
      t.match(await failureOf(authorize(scene)), { reason, identifier: 'a.example.com' })
      t.equal(scene.ca.count('accept'), 0)
      t.same(await scene.tokens(), [])
    })
  }
  t.test('nor when a token cannot be stored', async (t) => {
    const scene = await orderScene()
    let presented = 0
    const present: OrderScene['shell']['challenges']['present'] = async (challenge) => {
      if (++presented === 2) throw problem('StoreFailed')
      await scene.shell.challenges.present(challenge)
    }
    const shell = { ...scene.shell, challenges: { ...scene.shell.challenges, present } }
    const order = await shell.client.newOrder({ identifiers: domains }, never)
    t.match(await failureOf(authorizeAll(order, shell, never)), { reason: 'StoreFailed' })
    t.equal(scene.ca.count('accept'), 0)
    t.same(await scene.tokens(), [], 'the one that could be stored is gone')
  })
  t.test('nor by somebody who does not lead any more', async (t) => {
    const scene = await orderScene({
      assertLeading: async () => {
        throw problem('LeadershipLost')
      },
    })
    t.match(await failureOf(authorize(scene)), { reason: 'LeadershipLost' })
    t.equal(scene.ca.count('accept'), 0)
  })
})

t.test('a name that fails', async (t) => {
  t.test('fails the order with the words of the CA and the name', async (t) => {
    const scene = await orderScene()
    scene.ca.validate = onlyFor('b.example.com', { reason: 'AcmeDns', detail: 'NXDOMAIN' })
    t.same(await failureOf(authorize(scene)), {
      reason: 'AcmeDns',
      detail: 'NXDOMAIN',
      identifier: 'b.example.com',
    })
    t.same(await scene.tokens(), [])
  })
  t.test('leaves the tokens of the others where they are until the CA has looked', async (t) => {
    const scene = await orderScene()
    let looked = -1
    scene.ca.validate = async ({ identifier }) => {
      if (identifier === 'a.example.com') return refused
      await new Promise((resolve) => setTimeout(resolve, 60))
      looked = (await scene.tokens()).length
      return undefined
    }
    t.match(await failureOf(authorize(scene)), { reason: 'AcmeConnection' })
    t.equal(looked, 2, 'both')
    t.same(await scene.tokens(), [], 'then they are gone')
  })
  t.test('is told before one that was merely not decided in time', async (t) => {
    let time = now
    const scene = await orderScene({ now: () => (time += 500), pollDeadlineMs: 10_000 })
    scene.ca.validate = async ({ identifier }) =>
      identifier === 'b.example.com' ? { ...refused, identifier } : new Promise(() => undefined)
    t.match(await failureOf(authorize(scene)), { reason: 'AcmeConnection', identifier: 'b.example.com' })
  })
  t.test('that was invalid before is told without asking the CA again', async (t) => {
    const scene = await orderScene()
    changed(scene, (view) => ({
      ...view,
      status: 'invalid',
      http01: { url: 'u', token: 't', status: 'invalid', problem: refused },
    }))
    t.match(await failureOf(authorize(scene)), { reason: 'AcmeConnection' })
    t.same(scene.events, ['authorization', 'authorization'])
  })
  t.test('without a word of the CA', async (t) => {
    const scene = await orderScene()
    changed(scene, (view) => ({ ...view, status: 'deactivated' }))
    t.match(await failureOf(authorize(scene)), {
      reason: 'OrderInvalid',
      detail: 'the authorization is deactivated and the CA gave no reason',
      identifier: /example\.com$/,
    })
  })
  t.test('for which http-01 is not offered', async (t) => {
    const scene = await orderScene()
    changed(scene, ({ http01: _http01, ...view }) => view)
    t.match(await failureOf(authorize(scene)), { reason: 'ChallengeMissing', identifier: /example\.com$/ })
    t.same(scene.events, ['authorization', 'authorization'])
  })
})

t.test('a challenge that the CA is working on already is not accepted again', async (t) => {
  const scene = await orderScene()
  const order = await scene.shell.client.newOrder({ identifiers: domains }, never)
  let decide = (): void => undefined
  const looked = new Promise<void>((resolve) => (decide = resolve))
  scene.ca.validate = async () => void (await looked)
  const killed = new AbortController()
  const first = authorizeAll(order, scene.shell, killed.signal)
  while (scene.ca.count('accept') < 2) await new Promise(setImmediate)
  killed.abort(new Error('killed'))
  await t.rejects(first, { message: 'killed' })
  const second = authorizeAll(order, scene.shell, never)
  setTimeout(decide, 20)
  await second
  t.equal(scene.ca.count('accept'), 2)
})

t.test('a CA that does not decide', async (t) => {
  let time = now
  const scene = await orderScene({ now: () => (time += 1_000), pollDeadlineMs: 20_000 })
  scene.ca.validate = () => new Promise(() => undefined)
  t.match(await failureOf(authorize(scene)), {
    reason: 'AuthorizationTimedOut',
    detail: /^the CA did not decide about the authorization of [ab]\.example\.com within 20 s$/,
  })
  t.equal((await scene.tokens()).length, 2, 'it may still look, so the tokens stay for the next attempt')
})

t.test('a token that cannot be removed is no failure: it expires', async (t) => {
  const scene = await orderScene()
  const challenges = {
    ...scene.shell.challenges,
    cleanUp: async () => {
      throw problem('StoreFailed')
    },
  }
  const order = await scene.shell.client.newOrder({ identifiers: domains }, never)
  await authorizeAll(order, { ...scene.shell, challenges }, never)
  t.equal((await scene.tokens()).length, 2)
})

t.test('only names that are not valid yet are looked after', async (t) => {
  const scene = await orderScene()
  scene.ca.reusesAuthorizations = true
  await authorize(scene)
  const more = await scene.shell.client.newOrder({ identifiers: [...domains, 'c.example.com'] }, never)
  scene.events.length = 0
  await authorizeAll(more, scene.shell, never)
  t.equal(scene.events.filter((event) => event === 'accept').length, 1)
})
