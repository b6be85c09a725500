import fc from 'fast-check'
import t from 'tap'
import { renewalMoment, spread } from '../../src/certificate/schedule.ts'
import { day, hour, leaf, minute, now } from './fixtures/builders.ts'

/** A leaf of that many days that begins now; its fingerprint decides the spread. */
const lived = (days: number, fingerprint = 'x') =>
  leaf({ notBefore: now, notAfter: now + days * day, fingerprint })

/** The spread of a fingerprint, as part of the time that is left. */
const early = (fingerprint = 'x') => 1 + spread(fingerprint) / 10

t.test('the moment of renewal', async (t) => {
  const rows = [
    {
      name: '90 days: a third is left',
      leaf: lived(90),
      policy: { ari: false },
      at: now + 90 * day - 30 * day * early(),
      source: 'fraction',
    },
    {
      name: '45 days: a third is left',
      leaf: lived(45),
      policy: { ari: false },
      at: now + 45 * day - 15 * day * early(),
      source: 'fraction',
    },
    {
      name: '10 days: a third is left',
      leaf: lived(10),
      policy: { ari: false },
      at: now + 10 * day - (10 / 3) * day * early(),
      source: 'fraction',
    },
    {
      name: '6 days and 16 hours: half is left',
      leaf: lived(160 / 24),
      policy: { ari: false },
      at: now + 160 * hour - 80 * hour * early(),
      source: 'fraction',
    },
    {
      name: 'two minutes: half is left',
      leaf: lived(2 / 1440),
      policy: { ari: false },
      at: now + 2 * minute - minute * early(),
      source: 'fraction',
    },
    {
      name: 'renewBefore is the word of the operator, to the millisecond',
      leaf: lived(90),
      policy: { ari: false, renewBefore: 20 * day },
      at: now + 70 * day,
      source: 'renewBefore',
    },
    {
      name: 'renewBefore of half the lifetime',
      leaf: lived(90),
      policy: { ari: false, renewBefore: 45 * day },
      at: now + 45 * day,
      source: 'renewBefore',
    },
    {
      name: 'renewBefore of the whole lifetime counts as half, else it would renew without end',
      leaf: lived(90),
      policy: { ari: false, renewBefore: 90 * day },
      at: now + 45 * day,
      source: 'renewBefore',
    },
    {
      name: 'renewBefore of ten years counts as half',
      leaf: lived(6),
      policy: { ari: false, renewBefore: 3_650 * day },
      at: now + 3 * day,
      source: 'renewBefore',
    },
    {
      name: 'the moment chosen in the window of the CA',
      leaf: lived(90),
      policy: { ari: true },
      chosenAt: now + 50 * day,
      at: now + 50 * day,
      source: 'ari',
    },
    {
      name: 'no answer from the CA yet: the fraction',
      leaf: lived(90),
      policy: { ari: true },
      at: now + 90 * day - 30 * day * early(),
      source: 'fraction',
    },
    {
      name: 'renewal information is off: an old answer does not count',
      leaf: lived(90),
      policy: { ari: false },
      chosenAt: now + 50 * day,
      at: now + 90 * day - 30 * day * early(),
      source: 'fraction',
    },
    {
      name: 'a window that has passed',
      leaf: lived(90),
      policy: { ari: true },
      chosenAt: now - day,
      at: now - day,
      source: 'ari',
    },
    {
      name: 'a window in the last days is pulled forward',
      leaf: lived(90),
      policy: { ari: true },
      chosenAt: now + 89 * day,
      at: now + 85.5 * day,
      source: 'ari',
    },
    {
      name: 'a window after the expiry must not let it expire',
      leaf: lived(90),
      policy: { ari: true },
      chosenAt: now + 900 * day,
      at: now + 85.5 * day,
      source: 'ari',
    },
    {
      name: 'renewBefore and a later window: renewBefore',
      leaf: lived(90),
      policy: { ari: true, renewBefore: 40 * day },
      chosenAt: now + 60 * day,
      at: now + 50 * day,
      source: 'renewBefore',
    },
    {
      name: 'renewBefore and an earlier window (about to be revoked): the window',
      leaf: lived(90),
      policy: { ari: true, renewBefore: 40 * day },
      chosenAt: now + 2 * day,
      at: now + 2 * day,
      source: 'ari',
    },
  ]
  for (const { name, leaf, policy, chosenAt, at, source } of rows) {
    t.test(name, async (t) => {
      const moment = renewalMoment(leaf, policy, chosenAt)
      t.equal(moment.source, source)
      t.equal(Math.abs(moment.at - at) <= 1, true, `${moment.at - at} ms from what is expected`)
    })
  }
})

t.test('a fleet issued in one minute does not renew in one minute', async (t) => {
  const moments = Array.from(
    { length: 300 },
    (_, index) => renewalMoment(lived(90, `serial ${index}`), { ari: false }, undefined).at,
  )
  t.equal(Math.min(...moments) >= now + 57 * day, true, 'a tenth of a third early at the most')
  t.equal(Math.max(...moments) <= now + 60 * day, true, 'and never late')
  const perHour = new Map<number, number>()
  for (const at of moments) perHour.set(Math.floor(at / hour), (perHour.get(Math.floor(at / hour)) ?? 0) + 1)
  t.equal(Math.max(...perHour.values()) <= 20, true, 'spread over the three days')
})

t.test('the spread depends on the text alone', async () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const first = spread(text)
      return first === spread(text) && first >= 0 && first < 1
    }),
  )
})

t.test('whatever is configured and answered, renewal comes before expiry and not at birth', async () => {
  const lifetimes = fc.integer({ min: minute, max: 400 * day })
  const options = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
  fc.assert(
    fc.property(
      lifetimes,
      options(fc.integer({ min: 1, max: 4_000 * day })),
      options(fc.integer({ min: now, max: now + 1_000 * day })),
      fc.boolean(),
      (lifetime, renewBefore, chosenAt, ari) => {
        const each = leaf({ notBefore: now, notAfter: now + lifetime })
        const policy = { ari, ...(renewBefore !== undefined && { renewBefore }) }
        const { at, source } = renewalMoment(each, policy, chosenAt)
        const soonest = source === 'ari' ? (chosenAt ?? 0) : now + lifetime * 0.44
        return at < each.notAfter && at >= Math.min(soonest, Math.floor(each.notAfter - lifetime / 20))
      },
    ),
  )
})
