import t from 'tap'
import type { Destination, Installed } from '../../src/destination/destination.ts'
import { Port80Failure } from '../../src/reason.ts'
import { openJournals } from '../../src/serve/stores.ts'
import { memoryStateStore } from '../../src/state/memory-store.ts'
import type { StateStore } from '../../src/state/store.ts'
import { gather, gatherMemory, type GatherMemory } from '../../src/worker/gather.ts'
import { readLeaf } from '../../src/certificate/certificate.ts'
import { failureOf } from '../acme/fixtures/bench.ts'
import { desired, hold, now, record, request, storedPair } from '../certificate/fixtures/builders.ts'
import { makePair } from '../certificate/fixtures/pairs.ts'

const [pair, older] = [await makePair(), await makePair()]
const fingerprint = (each: { chainPem: string; keyPem: string }) => readLeaf(each)?.fingerprint

/** A destination that counts how often it is read. */
function place(id: string, answer: () => Installed): Destination & { reads: number } {
  const self = {
    id,
    reads: 0,
    async read() {
      self.reads += 1
      return answer()
    },
    install: async () => undefined,
  }
  return self
}

const failing = (error: Error) => (): Installed => {
  throw error
}

const limits = { newOrders: { limit: 2, windowMs: 60_000, reserve: 0 } }

function scene(state: StateStore = memoryStateStore()) {
  const places: (Destination & { reads: number })[] = []
  const memory = gatherMemory()
  const sources = {
    state,
    ...openJournals(state),
    destinationsOf: () => places,
    limitsOf: () => limits,
    now: () => now,
  }
  return {
    state,
    places,
    sources,
    memory,
    look: (wanted = [desired()], running: string[] = [], remembered: GatherMemory = memory) =>
      gather(wanted, sources, remembered, new Set(running)),
  }
}

const put = (state: StateStore, key: Parameters<StateStore['write']>[0], value: unknown) =>
  state.write(key, typeof value === 'string' ? value : JSON.stringify(value), undefined)

t.test('nothing is there', async (t) => {
  const { look } = scene()
  const { world, faults, requests, strayRequests } = await look()
  t.match(world, { now, certificates: [{ record: { pairs: [] }, installed: [], running: false }] })
  t.equal(world.certificates[0] && 'stored' in world.certificates[0], false)
  t.same([faults.size, requests.size, strayRequests.size, world.holds.size], [0, 0, 0, 0])
})

t.test('the newest pair is the stored one, the others are known by their fingerprint', async (t) => {
  const { state, look } = scene()
  const broken = { chainPem: 'torn', keyPem: 'torn' }
  await put(
    state,
    'certificate/book',
    record({ pairs: [pair, older, broken].map((each) => storedPair(each)) }),
  )
  const [each] = (await look()).world.certificates
  t.match(each?.stored, { pair, leaf: { keyMatches: true, fingerprint: fingerprint(pair) } })
  t.same(each?.olderFingerprints, [fingerprint(older)])
})

t.test('what destinations hold', async (t) => {
  const rows = [
    {
      name: 'a pair',
      answer: (): Installed => ({ state: 'present', pair }),
      view: { state: 'present', leaf: { fingerprint: fingerprint(pair) } },
    },
    {
      name: 'what does not parse',
      answer: (): Installed => ({ state: 'present', pair: { chainPem: 'x', keyPem: 'x' } }),
      view: { state: 'present', leaf: undefined },
    },
    { name: 'nothing', answer: (): Installed => ({ state: 'absent' }), view: { state: 'absent' } },
    {
      name: 'something foreign',
      answer: (): Installed => ({ state: 'foreign', fault: 'is a folder' }),
      view: { state: 'foreign', fault: 'is a folder' },
    },
    {
      name: 'what cannot be read',
      answer: failing(new Port80Failure({ reason: 'DestinationFailed', detail: 'EACCES' })),
      view: { state: 'unreadable', fault: 'EACCES' },
    },
    {
      name: 'a bug',
      answer: failing(new Error('secret words')),
      view: { state: 'unreadable', fault: 'could not be read' },
    },
  ]
  for (const { name, answer, view } of rows) {
    t.test(name, async (t) => {
      const { places, look } = scene()
      places.push(place('/d', answer))
      const [each] = (await look()).world.certificates
      t.match(each?.installed, [{ destination: '/d', ...view }])
    })
  }
})

t.test('destinations are read once, until they are forgotten or others are configured', async (t) => {
  const { places, memory, look } = scene()
  const first = place('/a', () => ({ state: 'absent' }))
  places.push(first)
  await look()
  await look()
  t.equal(first.reads, 1)
  memory.installed.clear()
  await look()
  t.equal(first.reads, 2)
  places[0] = place('/b', () => ({ state: 'absent' }))
  const { world } = await look()
  t.match(world.certificates[0]?.installed, [{ destination: '/b' }])
})

t.test('a certificate is parsed once, however often it is looked at', async (t) => {
  const { state, memory, look } = scene()
  await put(state, 'certificate/book', record({ pairs: [storedPair(pair)] }))
  const [one] = (await look()).world.certificates
  const [two] = (await look()).world.certificates
  t.equal(one?.stored?.leaf, two?.stored?.leaf)
  t.equal(memory.leaves.size, 1)
  t.equal(
    [...memory.leaves.keys()].some((key) => key.includes('PRIVATE')),
    false,
    'and no key is a key',
  )
})

t.test('a record that cannot be read is a fault, and no certificate', async (t) => {
  const { state, look } = scene()
  await put(state, 'certificate/book', '{"v":1')
  const { world, faults } = await look([desired(), desired({ name: 'good' })])
  t.same(
    world.certificates.map((each) => each.desired.name),
    ['good'],
  )
  t.same([...faults], [['book', 'is not JSON (torn or foreign)']])
})

t.test('requests go with their certificate, the others are told', async (t) => {
  const { state, look } = scene()
  await put(state, 'request/book', request())
  await put(state, 'request/gone', request())
  await put(state, 'request/torn', 'no')
  await put(state, 'request/account.main', request({ do: 'rollover' }))
  const { world, requests, strayRequests } = await look()
  t.same(world.certificates[0]?.request, request())
  t.same([...requests.keys()].toSorted(), ['account.main', 'book', 'gone'])
  t.same(Object.fromEntries(strayRequests), {
    gone: 'no certificate of this name is configured',
    torn: 'it is no request of this version',
  })
})

t.test('what runs is marked', async (t) => {
  const { look } = scene()
  const { world } = await look([desired(), desired({ name: 'other' })], ['other'])
  t.same(
    world.certificates.map(({ running }) => running),
    [false, true],
  )
})

t.test('limits of every issuer that is used, and of no other', async (t) => {
  const { state, look } = scene()
  await put(state, 'holds/main', { v: 1, holds: [hold()] })
  await put(state, 'holds/other', { v: 1, holds: [hold({ kind: 'identifier', value: 'x' })] })
  await put(state, 'holds/third', { v: 1, holds: [hold()] })
  const { world } = await look()
  t.same([...world.holds.keys()].toSorted(), ['main', 'other'])
})

t.test('limits that cannot be read hold their issuer', async (t) => {
  const { state, look } = scene()
  await put(state, 'holds/main', 'torn')
  const { world } = await look()
  t.match(world.holds.get('main'), [
    { kind: 'issuer', until: now + 60_000, reason: 'StoreFailed', detail: /holds\/main.*not JSON/ },
  ])
})

t.test('a store that cannot be read is no empty store', async (t) => {
  const failed = () => Promise.reject(new Port80Failure({ reason: 'StoreFailed', detail: 'EIO' }))
  const store = memoryStateStore()
  await put(store, 'holds/main', { v: 1, holds: [] })
  const { world, faults } = await scene({ ...store, read: failed }).look()
  t.same(world.certificates, [], 'no certificate that would be taken for new')
  t.same([...faults], [['book', 'EIO']])
  t.match(world.holds.get('main'), [{ kind: 'issuer', reason: 'StoreFailed' }])
  t.match(await failureOf(scene({ ...store, list: failed }).look()), { reason: 'StoreFailed' })
})

t.test('what was spent at the CA, and never less than was', async (t) => {
  const { main } = desired().directories
  const spent = { newOrders: { '': now + 30_000 } }
  const rows: { name: string; record?: unknown; budget: object }[] = [
    { name: 'nothing yet', budget: { limits, ledger: {} } },
    {
      name: 'what is written down',
      record: { v: 1, directory: main, fullAt: spent },
      budget: { limits, ledger: spent },
    },
    {
      name: 'at another CA under that name',
      record: { v: 1, directory: 'https://another.example/', fullAt: spent },
      budget: { limits, ledger: {} },
    },
    {
      name: 'a record that is torn is not "nothing"',
      record: '{"v":1',
      budget: { fault: /budget\/main.* is not JSON .*restore it or move it away$/ },
    },
  ]
  for (const { name, record, budget } of rows) {
    const { state, look } = scene()
    if (record !== undefined) await put(state, 'budget/main', record)
    t.match((await look()).world.budgets.get('main'), budget, name)
  }
})
