/** What is asked for while, or just after, something like it is carried out: nobody's wish gets lost. */
import t from 'tap'
import type { RequestRecord } from '../../src/state/records.ts'
import type { StateStore } from '../../src/state/store.ts'
import { dropRequest } from '../../src/worker/requests.ts'
import { memoryStateStore } from '../../src/state/memory-store.ts'
import { createLog } from '../../src/log.ts'
import { hour } from '../certificate/fixtures/builders.ts'
import { bench, isInstalled, worker, type Bench } from './fixtures/bench.ts'

t.setTimeout(60_000)

async function ask(state: StateStore, request: RequestRecord): Promise<void> {
  await state.write('request/book', JSON.stringify(request), (await state.read('request/book'))?.version)
}
const asked = async (state: StateStore) => (await state.read('request/book')) !== undefined

async function issued(): Promise<Bench> {
  const scene = await bench()
  await worker(scene).run(isInstalled(scene))
  scene.time += hour
  return scene
}

t.test('only the request that the plan saw is dropped', async (t) => {
  const log = createLog({ level: 'error', format: 'json' }, () => undefined)
  const old: RequestRecord = { v: 1, do: 'renew', at: 1_000 }
  const rows = [
    { name: 'it is still there', there: old, seen: old, stays: false },
    { name: 'a newer one has come', there: { ...old, at: 2_000 }, seen: old, stays: true },
    { name: 'another kind has come', there: { ...old, do: 'revoke' as const }, seen: old, stays: true },
    { name: 'it could not be read, and one that can has come', there: old, seen: undefined, stays: true },
  ]
  for (const { name, there, seen, stays } of rows) {
    t.test(name, async (t) => {
      const state = memoryStateStore()
      await ask(state, there)
      await dropRequest({ certificate: 'book', because: 'it was carried out', seen }, { state, log })
      t.equal(await asked(state), stays)
    })
  }
  t.test('one that cannot be read', async (t) => {
    const state = memoryStateStore()
    await state.write('request/book', 'torn', undefined)
    await dropRequest({ certificate: 'book', because: 'it is none', seen: undefined }, { state, log })
    t.equal(await asked(state), false)
  })
})

t.test('a wish that comes while the certificate of the last one is installed is carried out', async (t) => {
  const scene = await issued()
  await ask(scene.state, { v: 1, do: 'renew', at: scene.time })
  scene.time += 1_000
  let more = 1
  scene.shelf.before = async (act) => {
    if (act !== 'install' || more-- !== 1) return
    scene.time += 1_000
    await ask(scene.state, { v: 1, do: 'renew', at: scene.time })
    scene.time += 1_000
  }
  await worker(scene).run(async () => !(await asked(scene.state)) && scene.main.issued.length >= 3)
  t.equal(scene.main.issued.length, 3)
})

t.test('a wish that comes while the order runs is fulfilled by it', async (t) => {
  const scene = await issued()
  await ask(scene.state, { v: 1, do: 'renew', at: scene.time })
  scene.time += 1_000
  let more = 1
  scene.main.before = async ({ action }) => {
    if (action !== 'newOrder' || more-- !== 1) return
    await ask(scene.state, { v: 1, do: 'renew', at: scene.time })
    scene.time += 1_000
  }
  await worker(scene).run(async () => !(await asked(scene.state)) && (await isInstalled(scene)()))
  t.equal(scene.main.issued.length, 2)
})

t.test('a wish from a clock that is ahead is one wish', async (t) => {
  const scene = await issued()
  await ask(scene.state, { v: 1, do: 'renew', at: scene.time + 10 * hour })
  await worker(scene).run(async () => !(await asked(scene.state)) && (await isInstalled(scene)()))
  t.equal(scene.main.issued.length, 2)
})
