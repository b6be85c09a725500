import t from 'tap'
import { readLeaf } from '../../src/certificate/certificate.ts'
import { termScene, until } from './fixtures/term.ts'

t.setTimeout(90_000)

const hello = { name: 'hello', domains: ['hello.localhost', 'httpbin.localhost'] }
const book = { name: 'book', domains: ['book.localhost'] }

t.test('two certificates from nothing, and nothing more after a restart', async (t) => {
  const scene = await termScene(t, [hello, book])
  const worker = scene.start()
  await until(async () => (await scene.issued('hello')) && (await scene.issued('book')))
  const { accounts, orders, certificates, failedValidations } = scene.ca.stats
  t.same(
    { accounts, orders, certificates, failedValidations },
    { accounts: 1, orders: 2, certificates: 2, failedValidations: 0 },
  )
  const [pair] = (await scene.record('hello'))?.pairs ?? []
  t.match(pair && readLeaf(pair), { keyMatches: true, names: hello.domains })
  t.equal(await scene.installed('hello'), pair?.chainPem)
  t.same(await scene.stores.challenges.list(), [])
  await worker.stop()
  t.equal(worker.health.role, 'off')

  const again = scene.start()
  await until(() => again.health.role === 'leader' && (again.health.lastTickAt ?? 0) > 0)
  await new Promise((resolve) => setTimeout(resolve, 500))
  t.equal(scene.ca.stats.orders, 2)
  t.equal(scene.ca.stats.accounts, 1)
  t.same(scene.crashes, [])
  t.equal(JSON.stringify(scene.lines).includes('PRIVATE KEY'), false)
})

t.test('a CA that refuses a third of the nonces and takes its time', async (t) => {
  const scene = await termScene(t, [hello], {
    nonceRejectionRate: 0.33,
    validationPauseMs: 200,
    issuePauseMs: 200,
  })
  scene.start()
  await until(() => scene.issued('hello'))
  t.equal(scene.ca.stats.orders, 1)
})

t.test('one that fails delays no other, and waits', async (t) => {
  const bad = { name: 'bad', domains: ['bad.localhost'] }
  const scene = await termScene(t, [bad, hello, book])
  scene.ca.fail('bad.localhost', { at: 'validation', type: 'connection', detail: 'refused' })
  scene.start()
  await until(
    async () =>
      (await scene.issued('hello')) &&
      (await scene.issued('book')) &&
      (await scene.record('bad'))?.failures === 1,
  )
  await new Promise((resolve) => setTimeout(resolve, 600))
  t.match(await scene.record('bad'), {
    failures: 1,
    attempts: [{ outcome: 'failed', failure: { reason: 'AcmeConnection', identifier: 'bad.localhost' } }],
  })
  t.equal(scene.ca.stats.orders, 3)
})

t.test('a limit with Retry-After is heeded by the others it covers', async (t) => {
  const scene = await termScene(t, [book])
  scene.ca.fail('book.localhost', {
    at: 'newOrder',
    type: 'rateLimited',
    detail: 'too many new orders',
    retryAfterSeconds: 3_600,
  })
  const worker = scene.start()
  await until(async () => (await scene.record('book'))?.failures === 1)
  await worker.stop()
  scene.ca.heal('book.localhost')
  scene.start()
  await new Promise((resolve) => setTimeout(resolve, 600))
  t.equal(scene.ca.stats.requests['newOrder'], 1)
  t.equal((await scene.stores.state.list('holds')).length, 1)
})

t.test('leadership that is lost in an order: the other worker finishes it', async (t) => {
  const scene = await termScene(t, [book], { validationPauseMs: 1_000 })
  const first = scene.start()
  await until(() => scene.ca.stats.requests['challenge'] === 1)
  const second = scene.start()
  await until(() => second.health.role === 'standby')
  await first.held()?.release()
  await until(() => scene.issued('book'))
  t.equal(scene.ca.stats.orders, 1)
  t.equal(scene.ca.stats.certificates, 1)
  t.same(scene.crashes, [])
})

t.test(
  'a store that fails for a while: the worker crashes, is restarted, and goes on with the same order',
  async (t) => {
    const scene = await termScene(t, [book])
    const { state } = scene.stores
    const write = state.write.bind(state)
    let refused = 0
    const failing: typeof write = async (...rest) => {
      // The certificate cannot be stored, nor that it could not.
      if (scene.ca.stats.certificates === 1 && refused++ < 2) {
        throw Object.assign(new Error('disk'), { code: 'EIO' })
      }
      return write(...rest)
    }
    Object.assign(state, { write: failing })
    const { health } = scene.start()
    await until(() => scene.issued('book'))
    t.match(health, { role: 'leader', restarts: 1, lastError: /EIO/ })
    t.equal(scene.crashes.length, 1)
    t.equal(scene.ca.stats.orders, 1)
    t.equal(scene.ca.stats.certificates, 1)
    t.match(await scene.record('book'), { failures: 0 })
  },
)

t.test('a window that the CA moves into the past: renewed, the one before named', async (t) => {
  const scene = await termScene(t, [book], { lifetimeSeconds: 30 })
  scene.start()
  await until(() => scene.issued('book'))
  const [pair] = (await scene.record('book'))?.pairs ?? []
  const serial = (pair && readLeaf(pair)?.serial) ?? ''
  const past = Date.now() - 60_000
  scene.ca.setRenewalWindow(serial, { start: past, end: past + 1_000 })
  await until(async () => ((await scene.record('book'))?.pairs.length ?? 0) >= 2)
  t.match((await scene.record('book'))?.attempts[0], { why: 'RenewalWindow', outcome: 'issued' })
  t.equal(
    [...scene.ca.state.orders.values()].some(({ replaces }) => replaces !== undefined),
    true,
  )
})

t.test('a certificate that is revoked on request is replaced', async (t) => {
  const scene = await termScene(t, [book])
  const worker = scene.start()
  await until(() => scene.issued('book'))
  const request = { v: 1, do: 'revoke', at: Date.now(), revocationReason: 4 }
  await scene.stores.state.write('request/book', JSON.stringify(request), undefined)
  worker.wake.now()
  await until(
    async () => ((await scene.record('book'))?.pairs.length ?? 0) === 2 && (await scene.issued('book')),
  )
  t.equal(scene.ca.stats.revocations, 1)
  t.same(await scene.stores.state.list('request'), [])
})
