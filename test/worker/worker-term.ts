import t from 'tap'
import { Port80Failure } from '../../src/reason.ts'
import { failureOf } from '../acme/fixtures/bench.ts'
import { desired, minute } from '../certificate/fixtures/builders.ts'
import { bench, isInstalled, worker } from './fixtures/bench.ts'

t.setTimeout(60_000)

const named = (name: string) => desired({ name, domains: [`${name}.example.com`] })

t.test('leadership that is lost in an order', async (t) => {
  const lost = () =>
    Promise.reject(new Port80Failure({ reason: 'LeadershipLost', detail: 'another worker may be leading' }))
  for (const [asked, what] of ['accept', 'finalize'].entries()) {
    t.test(`before ${what}: the term ends, nothing is recorded, the next leader goes on`, async (t) => {
      const scene = await bench()
      // The placeholder is installed first, which asks too.
      let questions = -1
      scene.leading = () => (questions++ === asked ? lost() : Promise.resolve())
      t.match(await failureOf(worker(scene).run(isInstalled(scene))), { reason: 'LeadershipLost' })
      t.equal(
        scene.main.calls.some(({ action }) => action === what),
        false,
      )
      t.match(await scene.record('book'), { failures: 0, attempts: [{ outcome: 'running' }] })
      t.same(scene.ended, [])
      scene.leading = async () => undefined
      await worker(scene).run(isInstalled(scene))
      t.equal(scene.main.orders.size, 1)
    })
  }
  t.test('ends the other orders of the term too', async (t) => {
    const scene = await bench()
    scene.wanted = [named('waits'), named('book')]
    scene.main.validate = async ({ identifier }) =>
      identifier === 'waits.example.com' ? new Promise(() => undefined) : undefined
    let leads = true
    scene.main.after = ({ action, names }) => {
      if (
        action === 'authorization' &&
        names.includes('book.example.com') &&
        scene.main.count('accept') === 2
      )
        leads = false
    }
    scene.leading = () => (leads ? Promise.resolve() : lost())
    t.match(await failureOf(worker(scene).run(() => false)), { reason: 'LeadershipLost' })
    t.match(await scene.record('waits'), { failures: 0, attempts: [{ outcome: 'running' }] })
    const left = (await scene.challenges.list()).map(({ identifier }) => identifier)
    t.same(left, ['waits.example.com'], 'the CA may still be looking for this one; the next term removes it')
  })
})

t.test('a store that fails ends the term before the CA is asked', async (t) => {
  const scene = await bench()
  const write = scene.state.write.bind(scene.state)
  Object.assign(scene.state, {
    write: () => Promise.reject(Object.assign(new Error('disk'), { code: 'ENOSPC' })),
  })
  t.match(await failureOf(worker(scene).run(() => false)), { reason: 'StoreFailed' })
  t.equal(scene.main.calls.length, 0)
  Object.assign(scene.state, { write })
  await worker(scene).run(isInstalled(scene))
  t.equal(scene.main.orders.size, 1)
})

t.test('a store that fails when the certificate is there loses nothing', async (t) => {
  const scene = await bench()
  const write = scene.state.write.bind(scene.state)
  scene.main.after = ({ action }) => {
    if (action !== 'certificate') return
    Object.assign(scene.state, {
      write: () => Promise.reject(Object.assign(new Error('disk'), { code: 'ENOSPC' })),
    })
  }
  t.match(await failureOf(worker(scene).run(() => false)), { reason: 'StoreFailed' })
  Object.assign(scene.state, { write })
  scene.main.after = () => undefined
  scene.time += minute
  await worker(scene).run(isInstalled(scene))
  t.equal(scene.main.orders.size, 1)
  t.equal(scene.main.issued.length, 1)
})
