import t from 'tap'
import { samplesOf, type Sample } from '../../src/metrics/samples.ts'
import { severityOf } from '../../src/finding/finding.ts'
import type { LastingFinding } from '../../src/finding/reported.ts'
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

t.test('findings by code, severity, certificate and host, and since when', async (t) => {
  const at = (code: LastingFinding['code'], host: string | undefined, since: number): LastingFinding => ({
    ...{ code, object: { kind: 'Gateway', namespace: 'a', name: 'b' }, seen: 'seen', from: 'canary' },
    ...{ fix: { do: 'act', words: 'mend it' }, since, lastSeen: since, ...(host !== undefined && { host }) },
  })
  const findings = [
    at('P80-301', 'book.example.com', 9_000),
    at('P80-301', 'book.example.com', 5_000),
    at('P80-205', 'elsewhere.example.com', 7_000),
    at('P80-208', undefined, 1_000),
  ]
  const none = { certificate: '', host: '' }
  t.strictSame(of({ ...goodDay, findings }, 'finding'), [
    { code: 'P80-301', severity: 'error', certificate: 'book', host: 'book.example.com', value: 2 },
    { code: 'P80-205', severity: 'warning', ...none, host: 'elsewhere.example.com', value: 1 },
    { code: 'P80-208', severity: severityOf({ code: 'P80-208' }), ...none, value: 1 },
  ])
  t.match(of({ ...goodDay, findings }, 'findingSince')[0], { code: 'P80-301', value: 5 })
  t.strictSame(of(goodDay, 'finding'), [])
  const silent = { ...goodDay, findings, told: { stale: true, leftOut: 0 } }
  t.strictSame(of(silent, 'finding'), [], 'those of a silent leader are left out')
})

t.test('the legs of the canary, by managed host: bad where one way of it ends in an error', async (t) => {
  const leg = (at: string, code?: LastingFinding['code'], differs = {}) => ({
    ...{ host: 'book.example.com', leg: 'inside' as const, at, ok: code === undefined, checkedAt: 7_000 },
    ...(code && { code }),
    ...differs,
  })
  const outside = { leg: 'outside' as const, checkedAt: 9_000 }
  const legs = [leg('a/1'), leg('a/2', 'P80-303'), leg('192.0.2.1', 'P80-312', outside)]
  const of2 = (snapshot: Parameters<typeof of>[0]) => [of(snapshot, 'canaryOk'), of(snapshot, 'canaryLook')]
  const host = 'book.example.com'
  t.strictSame(of2({ ...goodDay, legs }), [
    [
      { host, leg: 'inside', value: 0 },
      { host, leg: 'outside', value: 1 }, // cannot be judged from here: no alert could ever be mended
    ],
    [
      { host, leg: 'inside', value: 7 },
      { host, leg: 'outside', value: 9 },
    ],
  ])
  t.strictSame(of2(goodDay), [[], []])
  t.strictSame(of2({ ...goodDay, legs, told: { stale: true, leftOut: 0 } }), [[], []])
})

t.test('what is left of limits: the least of each kind, and the last moment', async (t) => {
  const bucket = {
    issuer: 'le',
    bucket: 'certificatesPerDomain',
    limit: 50,
    reserve: 5,
    windowSeconds: 604_800,
  }
  const budget = [
    { ...bucket, of: 'a.test', used: 45, nextPossibleAt: now + 60_000 },
    { ...bucket, of: 'b.test', used: 3 },
    { ...bucket, bucket: 'newOrders', limit: 300, used: 1 },
  ]
  t.same(of({ ...goodDay, budget }, 'budgetRemaining'), [
    { issuer: 'le', bucket: 'certificatesPerDomain', value: 5 },
    { issuer: 'le', bucket: 'newOrders', value: 299 },
  ])
  t.same(of({ ...goodDay, budget }, 'budgetLimit'), [
    { issuer: 'le', bucket: 'certificatesPerDomain', value: 50 },
    { issuer: 'le', bucket: 'newOrders', value: 300 },
  ])
  t.same(of({ ...goodDay, budget }, 'budgetNext'), [
    { issuer: 'le', bucket: 'certificatesPerDomain', value: now / 1_000 + 60 },
  ])
  t.same(of({ ...goodDay, budget, told: { stale: true, leftOut: 0 } }, 'budgetRemaining'), [])
})
