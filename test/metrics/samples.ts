import t from 'tap'
import { samplesOf, type Sample } from '../../src/metrics/samples.ts'
import type { StatusSnapshot } from '../../src/status/snapshot.ts'
import { badDay, book, goodDay, now } from '../status/fixtures/page-snapshots.ts'

type Row = Record<string, string | number>

const of = (snapshot: StatusSnapshot, gauge: Sample['gauge']): Row[] =>
  samplesOf(snapshot)
    .filter((sample) => sample.gauge === gauge)
    .map(({ labels, value }) => ({ ...labels, value }))

t.test('readiness of a certificate', async (t) => {
  const rows = [
    { name: 'a pair of the CA is installed', state: 'ready', readable: true, condition: 'True' },
    { name: 'only the placeholder is installed', state: 'placeholder', readable: true, condition: 'False' },
    { name: 'nothing is installed', state: 'missing', readable: true, condition: 'False' },
    { name: 'expired', state: 'expired', readable: true, condition: 'False' },
    {
      name: 'nobody can tell while the store is unreadable',
      state: 'ready',
      readable: false,
      condition: 'Unknown',
    },
  ] as const
  for (const { name, state, readable, condition } of rows) {
    t.test(name, async (t) => {
      const samples = of(
        { ...goodDay, store: { readable, tokens: 0 }, certificates: [{ ...book, state }] },
        'ready',
      )
      t.same(
        samples.map((sample) => [sample.condition, sample.value]),
        ['True', 'False', 'Unknown'].map((each) => [each, each === condition ? 1 : 0]),
      )
    })
  }
})

t.test('what is not known gives no sample', async (t) => {
  const {
    current: _current,
    renewal: _renewal,
    nextAt: _next,
    wantedToInstalledSeconds: _took,
    ...bare
  } = book
  const { nextWakeAt: _wake, ...worker } = goodDay.worker
  const snapshot = { ...goodDay, worker, certificates: [bare] }
  for (const gauge of [
    'notAfter',
    'notBefore',
    'expiration',
    'renewal',
    'nextAction',
    'lastInstallation',
    'nextWake',
  ] as const) {
    t.same(of(snapshot, gauge), [], gauge)
    t.equal(of(goodDay, gauge).length > 0, true, `${gauge} when it is known`)
  }
})

t.test('holds are grouped by what they cover, never by whom', async (t) => {
  t.same(of(badDay, 'holds'), [
    { issuer: 'letsencrypt', kind: 'registeredDomain', value: 2 },
    { issuer: 'letsencrypt', kind: 'issuer', value: 1 },
  ])
  t.same(of(badDay, 'holdUntil'), [
    { issuer: 'letsencrypt', kind: 'registeredDomain', value: now / 1_000 + 7_200 },
    { issuer: 'letsencrypt', kind: 'issuer', value: now / 1_000 + 90 },
  ])
})

t.test('a hold of a kind that is not known is other', async (t) => {
  const hold = { ...badDay.holds[0]!, covers: 'anything else' }
  t.same(of({ ...goodDay, holds: [hold] }, 'holds'), [{ issuer: 'letsencrypt', kind: 'other', value: 1 }])
})

t.test('destinations that do not hold the pair are counted', async (t) => {
  t.same(
    of(badDay, 'faultyDestinations').map(({ name, value }) => [name, value]),
    [
      ['book', 0],
      ['shop', 0],
      ['fresh', 1],
      ['api', 1],
      ['legacy', 1],
    ],
  )
})

t.test('only the leader leads', async (t) => {
  for (const role of ['leader', 'standby', 'crashed', 'starting', 'off'] as const) {
    const snapshot = { ...goodDay, worker: { ...goodDay.worker, role } }
    t.same(of(snapshot, 'leader'), [{ value: role === 'leader' ? 1 : 0 }], role)
  }
})

t.test('objects of the cluster by what became of them, every state at zero too', async (t) => {
  t.strictSame(of(goodDay, 'sources'), [])
  const sources = (['wanted', 'wanted', 'conflict'] as const).map((state) => ({
    object: 'a',
    state,
    detail: '',
  }))
  const rows = of({ ...goodDay, sources }, 'sources')
  t.strictSame(
    rows.filter(({ value }) => value !== 0),
    [
      { state: 'wanted', value: 2 },
      { state: 'conflict', value: 1 },
    ],
  )
  t.ok(rows.some(({ state, value }) => state === 'faulty' && value === 0))
})
