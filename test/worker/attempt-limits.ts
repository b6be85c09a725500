import t from 'tap'
import type { LimitScope } from '../../src/reason.ts'
import { day, desired, hour, minute } from '../certificate/fixtures/builders.ts'
import { bench, isInstalled, worker, type Bench } from './fixtures/bench.ts'
import { problem } from './fixtures/pretend-ca.ts'
import { aWhile } from './fixtures/while.ts'

t.setTimeout(60_000)

const named = (name: string, domain: string) => desired({ name, domains: [domain] })
const three = [named('a', 'a.example.com'), named('b', 'b.example.com'), named('c', 'c.example.net')]

/** The CA refuses orders for this name with a limit; how often it was asked. */
function limit(
  scene: Bench,
  name: string,
  scope: LimitScope,
  until = scene.time + hour,
): { asked: () => number } {
  let asked = 0
  scene.main.before = ({ action, names }) => {
    if (action !== 'newOrder' || !names.includes(name)) return
    asked += 1
    if (scene.time < until) throw problem('AcmeRateLimited', { retryAt: until, scope })
  }
  return { asked: () => asked }
}

t.test('a limit covers what it says, and nothing else', async (t) => {
  const rows: readonly { name: string; scope: LimitScope; issued: readonly string[] }[] = [
    { name: 'an exact set', scope: { kind: 'identifierSet' }, issued: ['b', 'c'] },
    { name: 'a name', scope: { kind: 'identifier', value: 'a.example.com' }, issued: ['b', 'c'] },
    { name: 'a registered domain', scope: { kind: 'registeredDomain', value: 'example.com' }, issued: ['c'] },
    { name: 'the issuer', scope: { kind: 'issuer' }, issued: [] },
  ]
  for (const { name, scope, issued } of rows) {
    t.test(name, async (t) => {
      const scene = await bench()
      scene.parallel = 1 // One after the other: the limit is met by the first.
      scene.wanted = three
      const limited = limit(scene, 'a.example.com', scope)
      await worker(scene).run(aWhile(() => scene.ended.length === issued.length + 1))
      t.equal(limited.asked(), 1)
      t.same(
        scene.ended.filter(({ result }) => result === 'issued').map((each) => each.name),
        issued,
      )

      await worker(scene).run(aWhile(() => true))
      t.equal(limited.asked(), 1, 'a restart does not ask again')
      scene.time += hour + 10 * minute
      await worker(scene).run(async () =>
        (await Promise.all(three.map((each) => isInstalled(scene, each.name)()))).every(Boolean),
      )
      t.equal(limited.asked(), 2, 'when it has ended, all go on')
    })
  }
})

t.test('a limit that is met by a question about renewal covers orders too', async (t) => {
  const scene = await bench()
  const until = scene.time + hour
  scene.wanted = [desired({ renewal: { ari: true } })]
  await worker(scene).run(isInstalled(scene))
  await worker(scene).run(async () => (await scene.record('book')).renewalInfo !== undefined)
  scene.time += day
  scene.main.before = ({ action }) => {
    if (action === 'renewalInfo')
      throw problem('CaOverloaded', { retryAt: until + day, scope: { kind: 'issuer' } })
  }
  await worker(scene).run(async () => (await scene.state.list('holds')).length > 0)
  scene.wanted = [...scene.wanted, named('b', 'b.example.com')]
  const before = scene.main.calls.length
  await worker(scene).run(aWhile(() => true))
  t.equal(scene.main.calls.length, before)
  t.match((await scene.plan()).steps.at(-1), { do: 'rest', reason: 'LimitedByCa', until: until + day })
})

t.test('limits that cannot be read are not "no limits"', async (t) => {
  const scene = await bench()
  await scene.state.write('holds/main', '{"v":1,"holds":[', undefined)
  await worker(scene).run(aWhile(() => true))
  t.equal(scene.main.count('newOrder'), 0)
  t.match((await scene.plan()).steps, [
    {
      do: 'rest',
      reason: 'LimitedByCa',
      due: 'Placeholder',
      detail: /holds\/main.*is not JSON.*move it away/,
    },
  ])
  t.equal((await scene.state.read('holds/main'))?.text, '{"v":1,"holds":[', 'it is left alone')

  t.test('another issuer goes on', async (t) => {
    scene.wanted = [desired({ fallbackIssuer: 'other' })]
    await worker(scene).run(isInstalled(scene))
    t.equal(scene.other.orders.size, 1)
  })
})

t.test('a failure is recorded even when its limit cannot be', async (t) => {
  const scene = await bench()
  scene.main.before = async ({ action }) => {
    if (action !== 'newOrder') return
    await scene.state.write('holds/main', 'torn in this moment', undefined)
    throw problem('AcmeRateLimited', { retryAt: scene.time + hour, scope: { kind: 'issuer' } })
  }
  const running = worker(scene)
  await running.shell.holds.read('main')
  await running.run(aWhile(() => scene.ended.length > 0)).catch(() => undefined)
  t.match(await scene.record('book'), { failures: 1, notBefore: scene.time + hour + 3 * minute })
})
