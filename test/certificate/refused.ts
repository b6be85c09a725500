import t from 'tap'
import { issued } from '../../src/certificate/attempt.ts'
import { serialOf } from '../../src/certificate/certificate.ts'
import { installSteps } from '../../src/certificate/install.ts'
import {
  keptPairs,
  pairFor,
  refusalIsOver,
  triedAgainAt,
  withoutRefusal,
  withRefusal,
  type RefusalNow,
} from '../../src/certificate/refused.ts'
import type { CertificateRecord, RefusedRecord, StoredPair } from '../../src/state/records.ts'
import { gatherMemory, storedView } from '../../src/worker/gather.ts'
import { readLeaf } from '../../src/certificate/certificate.ts'
import { day, now, record } from './fixtures/builders.ts'
import { makePair } from './fixtures/pairs.ts'

const stored = async (issuedAt: number): Promise<StoredPair> => ({
  ...(await makePair({ notBefore: issuedAt, notAfter: issuedAt + 90 * day })),
  ...{ issuer: 'test', directory: 'https://ca.example/directory', issuedAt },
})
const older = await stored(now - 60 * day)
const newer = await stored(now)
const newest = await stored(now + 1)
const serial = (pair: StoredPair) => serialOf(pair.chainPem) ?? ''
const place = 'Secret gateways/book'
const refused: RefusedRecord = {
  ...{ serial: serial(newer), kept: serial(older), at: now, until: now + 15 * day },
  ...{ destinations: [place], pods: ['gateways/a', 'gateways/b'], config: 'c1' },
}
const withBoth: CertificateRecord = { ...record(), pairs: [newer, older], refused }

const choices: readonly { name: string; of: CertificateRecord; at?: string; is: StoredPair }[] = [
  { name: 'without a refusal the newest', of: withoutRefusal(withBoth), is: newer },
  { name: 'where it was refused, the one that stands in', of: withBoth, is: older },
  { name: 'elsewhere the newest', of: withBoth, at: 'Secret others/book', is: newer },
  { name: 'a newer one has come', of: { ...withBoth, pairs: [newest, newer, older] }, is: newest },
  {
    name: 'the one that stood in was revoked',
    of: { ...withBoth, pairs: [newer, { ...older, revokedAt: now }] },
    is: newer,
  },
  { name: 'the one that stood in is not kept any more', of: { ...withBoth, pairs: [newer] }, is: newer },
  {
    name: 'the refused one was revoked: the plan of a revoked pair is in force',
    of: { ...withBoth, pairs: [{ ...newer, revokedAt: now }, older] },
    is: { ...newer, revokedAt: now },
  },
]

t.test('which pair goes into a destination', (t) => {
  for (const { name, of, at = place, is } of choices) t.strictSame(pairFor(of, at), is, name)
  t.end()
})

t.test(
  'the plan puts the stand-in where the newest was refused, once, and never the other way round',
  (t) => {
    const view = (pair: StoredPair) =>
      [{ destination: place, state: 'present', leaf: readLeaf(pair) }] as const
    const steps = (of: CertificateRecord, there: StoredPair) =>
      installSteps({
        ...{ desired: { name: 'book' }, record: of, installed: view(there) },
        ...storedView(of, gatherMemory()),
      })
    const install = [{ do: 'install', certificate: 'book', what: 'pair', destinations: [place] }]
    t.strictSame(steps(withBoth, newer), install, 'the refused one makes way, though it lives longer')
    t.strictSame(steps(withBoth, older), [], 'and does not come back')
    t.strictSame(steps(withoutRefusal(withBoth), older), install, 'until the refusal is over')
    t.end()
  },
)

const rows: readonly { name: string; seen: Partial<RefusalNow>; over: boolean }[] = [
  { name: 'nothing has changed', seen: {}, over: false },
  { name: 'the pods could not be listed', seen: { pods: undefined }, over: false },
  { name: 'there is no pod at the moment', seen: { pods: [] }, over: false },
  { name: 'one of the pods is another', seen: { pods: ['gateways/b', 'gateways/c'] }, over: false },
  { name: 'all pods are others', seen: { pods: ['gateways/c', 'gateways/d'] }, over: true },
  { name: 'the configuration has changed', seen: { fingerprint: 'c2' }, over: true },
  { name: 'the proof was turned off', seen: { proofIsOn: false }, over: true },
  { name: 'a moment before its time', seen: { now: now + 15 * day - 1 }, over: false },
  { name: 'its time has come', seen: { now: now + 15 * day }, over: true },
]

t.test('when the refused pair is tried again', (t) => {
  for (const { name, seen, over } of rows) {
    const usual = { fingerprint: 'c1', pods: ['gateways/a', 'gateways/b'], proofIsOn: true, now }
    t.equal(refusalIsOver(refused, { ...usual, ...seen }), over, name)
  }
  t.end()
})

const hour = day / 24
const rests: readonly { name: string; age: number; left: number; rest: number }[] = [
  { name: 'a minute after it was issued: an hour', age: hour / 60, left: 30 * day, rest: hour },
  { name: 'refused again after that: twice as long', age: 2 * hour, left: 30 * day, rest: 2 * hour },
  { name: 'and so on', age: 8 * hour, left: 30 * day, rest: 8 * hour },
  { name: 'never longer than a day', age: 9 * day, left: 30 * day, rest: day },
  { name: 'nor than half of what the older one has left', age: 9 * day, left: 10 * hour, rest: 5 * hour },
  { name: 'also of a short-lived one', age: 0, left: hour, rest: hour / 2 },
  { name: 'on a clock that was set back: an hour', age: -3 * day, left: 30 * day, rest: hour },
]

t.test('how long it is left alone', (t) => {
  for (const { name, age, left, rest } of rests)
    t.equal(triedAgainAt({ issuedAt: now - age, keptUntil: now + left }, now), now + rest, name)
  t.end()
})

t.test('refused each time, it is tried about once a day, and never in a tight loop', (t) => {
  const keptUntil = now + 30 * day
  let [at, tries] = [now, 0]
  for (; keptUntil - at >= hour; tries++) at = triedAgainAt({ issuedAt: now, keptUntil }, at)
  t.ok(tries >= 30 && tries <= 45, `${tries} tries in 30 d`)
  t.end()
})

t.test('a second gateway that refuses the same pair joins the first', (t) => {
  const other = {
    ...refused,
    at: now + 5,
    until: now + 20 * day,
    destinations: ['Secret x/book'],
    pods: ['x/a'],
  }
  t.match(withRefusal(withBoth, other).refused, {
    ...{ at: now, until: now + 15 * day, destinations: [place, 'Secret x/book'] },
    pods: ['gateways/a', 'gateways/b', 'x/a'],
  })
  t.strictSame(withRefusal(withoutRefusal(withBoth), other).refused, other)
  t.end()
})

t.test('a new certificate ends the refusal, and the pair that is served is kept', (t) => {
  const next = issued(withBoth, newest, now)
  t.equal(next.refused, undefined)
  t.strictSame(next.pairs, [newest, newer, older])
  const more = { ...newest, issuedAt: now + 2 }
  t.strictSame(keptPairs([more, newest, newer, older], serial(older), 3), [more, newest, older])
  t.strictSame(keptPairs([more, newest, newer, older], undefined, 3), [more, newest, newer])
  t.end()
})
