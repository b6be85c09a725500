import t from 'tap'
import { certificateId } from '../../src/acme/renewal-info.ts'
import { readLeaf, type Desired } from '../../src/certificate/certificate.ts'
import type { KeyType } from '../../src/config/schema.ts'
import { Port80Failure } from '../../src/reason.ts'
import { failureOf } from '../../src/worker/attempt.ts'
import { day, desired, hour } from '../certificate/fixtures/builders.ts'
import { bench, isInstalled, worker, type Bench } from './fixtures/bench.ts'
import { aWhile } from './fixtures/while.ts'

t.setTimeout(60_000)

/** A first certificate as `first` wants it, then what `second` wants is due. */
async function twice(first: Partial<Desired>, second: Partial<Desired>): Promise<Bench> {
  const scene = await bench()
  scene.wanted = [desired(first)]
  await worker(scene).run(isInstalled(scene))
  scene.time += 75 * day
  scene.wanted = [desired(second)]
  const settled = async () => (await scene.record('book')).pairs.length >= 2 && (await isInstalled(scene)())
  await worker(scene).run(aWhile(settled))
  return scene
}

const keys = async (scene: Bench) => (await scene.record('book')).pairs.map(({ keyPem }) => keyPem)

t.test('a new key each time, unless it is to be kept', async (t) => {
  const rows: readonly { name: string; first: Partial<Desired>; second: Partial<Desired>; same: boolean }[] =
    [
      { name: 'usually', first: {}, second: {}, same: false },
      { name: 'kept', first: {}, second: { reuseKey: true }, same: true },
      {
        name: 'kept, but another type is wanted',
        first: {},
        second: { reuseKey: true, keyType: 'ecdsa-p384' },
        same: false,
      },
      {
        name: 'kept, with other names',
        first: {},
        second: { reuseKey: true, domains: ['new.example.com'] },
        same: true,
      },
    ]
  for (const { name, first, second, same } of rows) {
    t.test(name, async (t) => {
      const scene = await twice(first, second)
      const [newer, older] = await keys(scene)
      t.equal(newer === older, same)
      const leaf = readLeaf({
        chainPem: (await scene.record('book')).pairs[0]?.chainPem ?? '',
        keyPem: newer ?? '',
      })
      t.match(leaf, { keyMatches: true, keyType: second.keyType ?? 'ecdsa-p256' })
      t.equal(scene.main.orders.size, 2, 'and it is ordered once')
    })
  }
})

t.test('every key type can be had', async (t) => {
  const types: readonly KeyType[] = ['ecdsa-p256', 'ecdsa-p384', 'rsa-2048']
  const scene = await bench()
  scene.wanted = types.map((keyType) =>
    desired({ name: keyType, domains: [`${keyType}.example.com`], keyType }),
  )
  for (const { name } of scene.wanted) await worker(scene).run(isInstalled(scene, name))
  for (const keyType of types) {
    const [pair] = (await scene.record(keyType)).pairs
    t.equal(pair && readLeaf(pair)?.keyType, keyType)
  }
})

t.test('the certificate that is replaced is named', async (t) => {
  const ari = { renewal: { ari: true } }
  const rows: readonly {
    name: string
    first?: Partial<Desired>
    second?: Partial<Desired>
    named: boolean
  }[] = [
    { name: 'on renewal', first: ari, second: ari, named: true },
    {
      name: 'with a name more',
      first: ari,
      second: { ...ari, domains: ['book.example.com', 'b.example.com'] },
      named: true,
    },
    { name: 'not when renewal information is off', named: false },
    { name: 'not at another issuer', first: ari, second: { ...ari, issuer: 'other' }, named: false },
  ]
  for (const { name, first = {}, second = {}, named } of rows) {
    t.test(name, async (t) => {
      const scene = await twice(first, second)
      const [, older] = (await scene.record('book')).pairs
      const last = [...scene.main.replaced, ...scene.other.replaced].at(-1)
      t.equal(last, named ? certificateId(older?.chainPem ?? '') : undefined)
    })
  }
})

t.test('a profile goes into the order and stays with the pair', async (t) => {
  const scene = await bench()
  scene.wanted = [desired({ profiles: { main: 'shortlived' } })]
  await worker(scene).run(aWhile(isInstalled(scene)))
  t.match([...scene.main.orders.values()], [{ profile: 'shortlived' }])
  t.match((await scene.record('book')).pairs, [
    { profile: 'shortlived', orderUrl: 'https://main.example/order/1' },
  ])
})

t.test(
  'the key is durable before the CA hears of the order, and the URL before anything is done with it',
  async (t) => {
    const scene = await bench()
    const seen: Record<string, unknown> = {}
    scene.main.before = async ({ action }) => {
      seen[action] ??= (await scene.record('book')).inFlight
    }
    await worker(scene).run(isInstalled(scene))
    t.match(seen['newOrder'], { keyPem: /^-----BEGIN PRIVATE KEY/, orderUrl: undefined })
    t.match(seen['authorization'], { orderUrl: 'https://main.example/order/1' })
  },
)

t.test('whatever is thrown has a reason', async (t) => {
  const never = new AbortController().signal
  const rows = [
    {
      name: 'a failure',
      error: new Port80Failure({ reason: 'AcmeDns', detail: 'd' }),
      signal: never,
      failure: { reason: 'AcmeDns', detail: 'd' },
    },
    {
      name: 'a bug',
      error: new TypeError('x'),
      signal: never,
      failure: { reason: 'InternalError', detail: 'TypeError: x' },
    },
    {
      name: 'no Error',
      error: 'text',
      signal: never,
      failure: { reason: 'InternalError', detail: 'something that is no Error was thrown' },
    },
    {
      name: 'anything while stopping',
      error: new TypeError('x'),
      signal: AbortSignal.abort(),
      failure: { reason: 'Aborted', detail: 'the worker is stopping' },
    },
    {
      name: 'a long one is cut',
      error: new Error('x'.repeat(9_000)),
      signal: never,
      failure: { reason: 'InternalError', detail: `Error: ${'x'.repeat(193)}` },
    },
  ] as const
  for (const { name, error, signal, failure } of rows) {
    t.test(name, async (t) => t.same(failureOf(error, signal), failure))
  }
})

t.test('a pair that does not parse is ordered anew, its key not reused', async (t) => {
  const scene = await bench()
  await worker(scene).run(isInstalled(scene))
  const record = await scene.record('book')
  const [pair] = record.pairs
  const key = 'certificate/book'
  const broken = { ...record, pairs: [{ ...pair, keyPem: 'not a key' }] }
  await scene.state.write(key, JSON.stringify(broken), (await scene.state.read(key))?.version)
  scene.wanted = [desired({ reuseKey: true })]
  scene.time += hour
  await worker(scene).run(async () => scene.main.issued.length === 2 && (await isInstalled(scene)()))
  t.match(scene.ended.at(-1), { result: 'issued', reason: 'InvalidPair' })
})
