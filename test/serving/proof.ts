/** The loop against real TLS servers on loopback, with records, plan and deliveries of the worker. */
import { once } from 'node:events'
import { createServer, type TlsOptions } from 'node:tls'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { configSchema } from '../../src/config/schema.ts'
import { desiredOf } from '../../src/certificate/desired.ts'
import { serialOf } from '../../src/certificate/certificate.ts'
import { directoryDestination } from '../../src/destination/directory.ts'
import type { Pair } from '../../src/destination/destination.ts'
import type { Reported } from '../../src/finding/reported.ts'
import { openJournals } from '../../src/serve/stores.ts'
import { proofOf } from '../../src/serving/proof.ts'
import { emptyCertificateRecord, type StoredPair } from '../../src/state/records.ts'
import { memoryStateStore } from '../../src/state/memory-store.ts'
import { deliveriesOf } from '../../src/worker/deliveries.ts'
import { gather, gatherMemory } from '../../src/worker/gather.ts'
import { createWake } from '../../src/worker/wake.ts'
import { day } from '../certificate/fixtures/builders.ts'
import { makePair } from '../certificate/fixtures/pairs.ts'

const host = 'book.example.com'
const observer = { orderEnded() {}, installed() {}, tick() {}, restarted() {} }

async function pair(ageDays: number): Promise<StoredPair> {
  const notBefore = Date.now() - ageDays * day
  const made = await makePair({ names: [host], notBefore, notAfter: notBefore + 90 * day })
  return { ...made, issuer: 'test', directory: 'https://ca.example/', issuedAt: notBefore }
}

/** Serves what `show` was given last; `undefined` ends each handshake. */
async function gateway(t: Test, first: Pair) {
  const options = ({ chainPem, keyPem }: Pair): TlsOptions => ({ cert: chainPem, key: keyPem })
  const server = createServer(options(first))
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  return { port, show: (next: Pair) => server.setSecureContext(options(next)) }
}

/** A worker in little: whatever changes is planned and delivered at once. */
async function scene(t: Test, ports: readonly number[], settings: object) {
  const directory = t.testdir({})
  const config = configSchema.parse({
    certificates: [{ name: 'book', domains: [host] }],
    proof: { deadline: '1s', every: '1s' },
    ...settings,
  })
  const state = memoryStateStore()
  const journals = openJournals(state)
  const destination = directoryDestination({ directory, groupReadable: false })
  const told: Reported[] = []
  const pickups: number[] = []
  const destinationsOf = () => [destination]
  const log = pino({ level: 'silent' })
  const proof = proofOf({
    settings: () => config,
    readersOf: () => [{ destination: destination.id, doors: { address: 'gateway', port: 443 } }],
    doorsAt: async () => ports.map((port, index) => ({ pod: `ns/${index}`, address: '127.0.0.1', port })),
    change: (name, next) => journals.certificates.change(name, next),
    pickedUp: ({ seconds }) => void pickups.push(seconds),
    tell: (part) => void told.push(part),
    inherited: () => ({}),
    replan: () => void look(),
    wake: createWake(),
    ...{ log, now: Date.now, random: () => 0 },
  })
  const deliveries = deliveriesOf({
    ...{ ...journals, destinationsOf, observer, log, now: Date.now },
    assertLeading: async () => undefined,
    changedInstalled: (name) => proof.installed(name),
  })
  async function look() {
    await deliveries.deliver('book')
    const sources = { state, ...journals, destinationsOf, limitsOf: () => undefined, now: Date.now }
    proof.seen((await gather(desiredOf(config), sources, gatherMemory(), new Set())).world)
  }
  const stop = new AbortController()
  const end = proof.run(stop.signal)
  t.teardown(async () => {
    stop.abort()
    await end
  })
  return {
    pickups,
    last: () => told.at(-1) ?? {},
    store: async (pairs: readonly StoredPair[]) => {
      await journals.certificates.change('book', (record) => ({
        ...(record ?? emptyCertificateRecord),
        pairs: [...pairs],
      }))
      await look()
    },
    inPlace: async () => {
      const found = await destination.read('book')
      return found.state === 'present' ? found.pair.chainPem : undefined
    },
    record: async () => {
      const entry = await journals.certificates.read('book')
      return entry.state === 'there' ? entry.record : undefined
    },
  }
}

async function until(what: string, is: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 30_000
  while (!(await is())) {
    if (Date.now() > end) throw new Error(`never: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const old = await pair(60)
const next = await pair(0)
const codes = ({ findings = [] }: Reported) => findings.map(({ code }) => code)

t.test('both pods take the new certificate: proven, and timed once', async (t) => {
  const pods = [await gateway(t, old), await gateway(t, old)]
  const { store, last, pickups } = await scene(
    t,
    pods.map(({ port }) => port),
    {},
  )
  await store([old])
  await until('the first is proven', () => pickups.length === 1)
  await store([next, old])
  await until('the old one is seen', () => last().served?.every(({ matches }) => !matches) === true)
  for (const { show } of pods) show(next)
  await until('the second is proven', () => pickups.length === 2)
  await until('it is told', () => last().served?.every(({ matches }) => matches) === true)
  t.match(last().served, [{ pod: 'ns/0', host, serial: serialOf(next.chainPem) }, { pod: 'ns/1' }])
  t.ok(last().served?.every(({ pickupSeconds }) => pickupSeconds !== undefined))
  t.strictSame(codes(last()), [])
})

t.test('no pod takes it: the last good one goes back and stays, until a newer one comes', async (t) => {
  const pod = await gateway(t, old)
  const { store, last, inPlace, record } = await scene(t, [pod.port], {})
  await store([old])
  await store([next, old])
  t.equal(await inPlace(), next.chainPem)
  await until('the old one is back', async () => (await inPlace()) === old.chainPem)
  await until('it is told', () => codes(last()).includes('P80-402'))
  t.strictSame(codes(last()), ['P80-402'])
  t.match((await record())?.refused, { serial: serialOf(next.chainPem), kept: serialOf(old.chainPem) })
  await store([next, old])
  t.equal(await inPlace(), old.chainPem, 'another round of the plan does not put it there again')
  const newer = await pair(0)
  pod.show(newer)
  await store([newer, next, old])
  await until('it is proven', () => last().served?.every(({ matches }) => matches) === true)
  t.equal(await inPlace(), newer.chainPem)
  await until('the finding ends', () => codes(last()).length === 0)
})

t.test('one of two pods does not take it: it is told, and nothing is undone', async (t) => {
  const [good, bad] = [await gateway(t, old), await gateway(t, old)]
  const { store, last, inPlace } = await scene(t, [good.port, bad.port], {})
  await store([old])
  good.show(next)
  await store([next, old])
  await until('it is told', () => codes(last()).length > 0)
  t.strictSame(codes(last()), ['P80-401'])
  t.match(last().findings?.[0], { host, seen: /^ns\/1 serves serial/ })
  t.equal(await inPlace(), next.chainPem)
})

t.test('nothing listens: it is told, and nothing is undone', async (t) => {
  const { store, last, inPlace } = await scene(t, [1], {})
  await store([next, old])
  await until('it is told', () => codes(last()).length > 0)
  t.strictSame(codes(last()), ['P80-404'])
  t.equal(await inPlace(), next.chainPem)
})

t.test('a certificate of somebody else that ends soon is told', async (t) => {
  const pod = await gateway(t, await pair(75))
  const observe = [{ name: 'shop', host, address: '127.0.0.1' }]
  const { store, last } = await scene(t, [pod.port], { observe })
  await store([])
  await until('it is told', () => codes(last()).length > 0)
  t.match(last(), {
    findings: [{ code: 'P80-403', host }],
    served: [{ certificate: 'shop', observed: true }],
  })
})

t.test('proof: off tells nothing', async (t) => {
  const pod = await gateway(t, old)
  const { store, last } = await scene(t, [pod.port], { proof: 'off' })
  await store([next, old])
  await until('it is told', () => last().findings !== undefined)
  t.strictSame(last(), { findings: [], served: [] }, 'nor that anybody looked')
})
