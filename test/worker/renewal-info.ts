import t from 'tap'
import { day, desired, directories, hour, record, storedPair } from '../certificate/fixtures/builders.ts'
import { makePair } from '../certificate/fixtures/pairs.ts'
import { bench, isInstalled, worker, type Bench } from './fixtures/bench.ts'
import { problem } from './fixtures/pretend-ca.ts'
import { aWhile } from './fixtures/while.ts'

t.setTimeout(60_000)

const ari = desired({ renewal: { ari: true } })
const infoOf = async (scene: Bench) => (await scene.record('book')).renewalInfo

async function asked(): Promise<Bench> {
  const scene = await bench()
  scene.wanted = [ari]
  await worker(scene).run(
    aWhile(async () => (await isInstalled(scene)()) && (await infoOf(scene)) !== undefined),
  )
  return scene
}

t.test('a new certificate is asked about once', async (t) => {
  const scene = await asked()
  t.equal(scene.main.count('renewalInfo'), 1)
  const info = await infoOf(scene)
  t.match(info, {
    window: { start: scene.time + 50 * day, end: scene.time + 52 * day },
    chosenAt: scene.time + 51 * day,
  })
  t.equal(
    info !== undefined && info.askAgainAt > scene.time && info.askAgainAt <= scene.time + 12 * hour,
    true,
  )
  await worker(scene).run(aWhile(() => true))
  t.equal(scene.main.count('renewalInfo'), 1, 'a restart does not ask again')
})

t.test('it is asked again when its time comes, and the chosen moment stays', async (t) => {
  const scene = await asked()
  const before = await infoOf(scene)
  scene.main.renewalWindow = () => ({ start: scene.time + 40 * day, end: scene.time + 60 * day })
  scene.time += 12 * hour
  await worker(scene).run(() => scene.main.count('renewalInfo') === 2)
  await worker(scene).run(aWhile(() => true))
  t.equal((await infoOf(scene))?.chosenAt, before?.chosenAt)
})

t.test('a window that moves into the past renews now, once', async (t) => {
  const scene = await asked()
  scene.main.renewalWindow = () => ({ start: scene.time - 2 * hour, end: scene.time - hour })
  scene.time += 12 * hour
  await worker(scene).run(aWhile(() => scene.main.issued.length >= 2))
  t.equal(scene.main.issued.length, 2, 'although the window of the new one is over as well')
  t.match(scene.ended.at(-1), { result: 'issued', reason: 'RenewalWindow' })
})

t.test('an error keeps the window, and is no failure of the certificate', async (t) => {
  const scene = await asked()
  const before = await infoOf(scene)
  scene.main.before = ({ action }) => {
    if (action === 'renewalInfo') throw problem('CaTimedOut')
  }
  scene.time += 12 * hour
  await worker(scene).run(aWhile(async () => (await infoOf(scene))?.error !== undefined))
  const after = await infoOf(scene)
  t.match(after, { window: before?.window, chosenAt: before?.chosenAt, error: /CaTimedOut/ })
  t.equal(after !== undefined && after.askAgainAt > scene.time, true)
  t.equal((await scene.record('book')).failures, 0)
})

t.test(
  'a certificate without the key of its issuer cannot be asked about: noted, and left at that',
  async (t) => {
    const scene = await bench()
    scene.wanted = [ari]
    const pair = await makePair({
      withAki: false,
      notBefore: scene.time - day,
      notAfter: scene.time + 89 * day,
    })
    const known = record({
      pairs: [storedPair({ ...pair, directory: directories.main, issuedAt: scene.time - day })],
    })
    await scene.state.write('certificate/book', JSON.stringify(known), undefined)
    await worker(scene).run(aWhile(isInstalled(scene)))
    t.equal(scene.main.count('renewalInfo'), 0)
    t.match(await infoOf(scene), { error: /names no authority key/ })
    t.equal(scene.ticks.length < 30, true, `${scene.ticks.length} rounds of the loop`)
  },
)

t.test('a CA without renewal information is not asked for it', async (t) => {
  const scene = await bench()
  scene.wanted = [ari]
  const client = scene.main.client()
  scene.main.client = () => ({ ...client, directory: async () => ({}) })
  await worker(scene).run(
    aWhile(async () => (await isInstalled(scene)()) && (await infoOf(scene)) !== undefined),
  )
  t.equal(scene.main.count('renewalInfo'), 0)
  t.match(await infoOf(scene), { error: /offers no renewal information/ })
})

t.test('an answer that a renewal has overtaken is forgotten', async (t) => {
  const scene = await asked()
  scene.time += 12 * hour
  const running = worker(scene)
  let overtaken = false
  scene.main.after = async ({ action }) => {
    if (action !== 'renewalInfo' || overtaken) return
    overtaken = true
    const pair = await makePair({ notBefore: scene.time, notAfter: scene.time + 90 * day })
    await running.shell.certificates.change('book', (before) => {
      const { renewalInfo: _renewalInfo, ...rest } = before ?? record()
      return { ...rest, pairs: [storedPair({ ...pair, issuedAt: scene.time }), ...rest.pairs] }
    })
  }
  scene.main.renewalWindow = () => ({ start: scene.time - 2, end: scene.time - 1 })
  const gate = aWhile(() => overtaken, 5)
  await running.run(gate)
  t.equal(scene.main.issued.length, 1, 'the window of the old one renews nothing')
})
