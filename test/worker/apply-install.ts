import t from 'tap'
import { readLeaf } from '../../src/certificate/certificate.ts'
import { day, desired, hour } from '../certificate/fixtures/builders.ts'
import { makePair } from '../certificate/fixtures/pairs.ts'
import { bench, isInstalled, worker, type Bench } from './fixtures/bench.ts'
import { problem } from './fixtures/pretend-ca.ts'
import { aWhile } from './fixtures/while.ts'

t.setTimeout(60_000)

const kinds = (scene: Bench) =>
  scene.shelf.history.map(({ pair }) => (readLeaf(pair)?.placeholder ? 'placeholder' : 'pair'))

t.test('a placeholder first, then the certificate, and the time between', async (t) => {
  const scene = await bench()
  scene.main.before = ({ action }) => void (action === 'newOrder' && (scene.time += 4_000))
  await worker(scene).run(() => scene.installed.length === 1)
  t.same(kinds(scene), ['placeholder', 'pair'])
  t.same(scene.installed, [{ name: 'book', seconds: 4 }])
  t.match(await scene.record('book'), { wantedToInstalledSeconds: 4, wantedSince: undefined })
})

t.test('while the CA is down the placeholder is served', async (t) => {
  const scene = await bench()
  scene.main.before = () => {
    throw problem('CaUnreachable')
  }
  await worker(scene).run(aWhile(() => scene.ended.length > 0))
  t.same(kinds(scene), ['placeholder'])
})

t.test('while the CA is down and other names are wanted, the placeholder has them', async (t) => {
  const scene = await bench()
  scene.main.before = () => {
    throw problem('CaUnreachable')
  }
  const shown = () => {
    const pair = scene.shelf.pairs.get('book')
    return (pair && readLeaf(pair)?.names) ?? []
  }
  const running = worker(scene)
  await running.run(async () => {
    if (shown().length === 1) {
      scene.wanted = [desired({ domains: ['book.example.com', 'www.example.com'], fingerprint: 'other' })]
      running.wake.now()
    }
    return shown().length === 2
  })
  t.same(shown(), ['book.example.com', 'www.example.com'])
  t.same(kinds(scene), ['placeholder', 'placeholder'])
})

t.test(
  'a pair that somebody put there is not replaced by the placeholder, nor by one that ends sooner',
  async (t) => {
    const scene = await bench()
    const theirs = await makePair({ notBefore: scene.time - day, notAfter: scene.time + 300 * day })
    scene.shelf.pairs.set('book', theirs)
    await worker(scene).run(
      aWhile(
        async () => (await scene.state.list('certificate')).length > 0 && scene.main.issued.length === 1,
      ),
    )
    t.equal(scene.shelf.pairs.get('book'), theirs)
    t.same(scene.shelf.history, [])
  },
)

t.test('a pair that somebody put there and that ends sooner is replaced by ours', async (t) => {
  const scene = await bench()
  scene.shelf.pairs.set('book', await makePair({ notBefore: scene.time - day, notAfter: scene.time + day }))
  await worker(scene).run(isInstalled(scene))
  t.same(kinds(scene), ['pair'])
})

t.test('what is not ours stays', async (t) => {
  const scene = await bench()
  scene.shelf.foreign.add('book')
  await worker(scene).run(aWhile(() => scene.ticks.length > 2))
  t.same(scene.shelf.history, [])
  t.equal(
    scene.lines.some(({ level }) => level === 'error'),
    false,
    'and is no error at every tick',
  )
  t.equal(scene.main.orders.size, 0, 'and nothing is ordered that nobody could have')
  scene.shelf.foreign.clear()
  await worker(scene).run(isInstalled(scene))
  t.equal(scene.main.issued.length, 1, 'until it may be written')
})

t.test('a destination that cannot be written', async (t) => {
  const scene = await bench()
  scene.shelf.broken = true
  await worker(scene).run(aWhile(() => scene.main.issued.length === 1))
  t.match(
    scene.lines.find(({ msg }) => msg === 'install failed'),
    { reason: 'DestinationFailed', detail: 'EACCES' },
  )
  t.equal((await scene.record('book')).failures, 0, 'is no failure of the order')
  scene.shelf.broken = false
  await worker(scene).run(isInstalled(scene))
  t.equal(scene.main.orders.size, 1, 'only the last step is repeated')
})

t.test('a destination that cannot be written keeps the one before', async (t) => {
  const scene = await bench()
  await worker(scene).run(isInstalled(scene))
  const before = scene.shelf.pairs.get('book')
  scene.shelf.broken = true
  scene.time += 80 * day
  await worker(scene).run(aWhile(() => scene.main.issued.length === 2))
  t.equal(scene.shelf.pairs.get('book'), before)
  scene.shelf.broken = false
  await worker(scene).run(isInstalled(scene))
  t.equal(scene.main.orders.size, 2)
})

t.test('what is lost from a destination is put back', async (t) => {
  const scene = await bench()
  await worker(scene).run(isInstalled(scene))
  scene.shelf.pairs.clear()
  scene.time += hour
  await worker(scene).run(isInstalled(scene))
  t.equal(scene.main.orders.size, 1)
})

t.test('a shorter certificate of another issuer replaces our longer one', async (t) => {
  const scene = await bench()
  await worker(scene).run(isInstalled(scene))
  scene.other.lifetimeMs = 6 * day
  scene.wanted = [desired({ issuer: 'other' })]
  await worker(scene).run(async () => scene.other.issued.length === 1 && (await isInstalled(scene)()))
  t.same(kinds(scene), ['placeholder', 'pair', 'pair'])
})

t.test('the last three pairs are kept', async (t) => {
  const scene = await bench()
  for (let round = 1; round <= 5; round++) {
    await worker(scene).run(async () => scene.main.issued.length === round && (await isInstalled(scene)()))
    scene.time += 70 * day
  }
  const serials = (await scene.record('book')).pairs.map((pair) => readLeaf(pair)?.serial)
  const installed = scene.shelf.history.slice(-3).map(({ pair }) => readLeaf(pair)?.serial)
  t.same(serials, installed.toReversed())
})
