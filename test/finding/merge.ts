import t from 'tap'
import { mergeReported, overWritten, room, sameButMoments } from '../../src/finding/merge.ts'
import type { LastingFinding, LegStatus, Reported, ServedStatus } from '../../src/finding/reported.ts'

const finding = (differs: Partial<LastingFinding> = {}): LastingFinding => ({
  code: 'P80-101',
  object: { kind: 'Gateway', namespace: 'istio-system', name: 'public' },
  host: 'a.example.com',
  seen: 'it redirects',
  fix: { do: 'act', words: 'mend it' },
  since: 1_000,
  lastSeen: 2_000,
  from: 'lint',
  ...differs,
})
const leg = (differs: Partial<LegStatus> = {}): LegStatus => ({
  ...{ host: 'a.example.com', leg: 'inside', at: 'istio-system/gateway-1', ok: true, checkedAt: 1_000 },
  ...differs,
})

t.test('nothing told is nothing known, an empty list is a look that found nothing', async (t) => {
  t.same(mergeReported([]), {})
  t.same(mergeReported([{ findings: [] }]), { findings: [] })
})

t.test('errors come first, whoever told them', async (t) => {
  const merged = mergeReported([
    { findings: [finding({ code: 'P80-205' }), finding({ code: 'P80-106' })] },
    { findings: [finding({ code: 'P80-303' })] },
  ])
  t.same(
    merged.findings?.map(({ code }) => code),
    ['P80-303', 'P80-205', 'P80-106'],
  )
})

t.test('without room the notes go first, then what is oldest, and what went is counted', async (t) => {
  const notes = Array.from({ length: 10 }, (_, index) => finding({ code: 'P80-106', since: index }))
  const errors = Array.from({ length: room.findings }, (_, index) => finding({ since: index }))
  const merged = mergeReported([{ findings: notes }, { findings: [...errors, finding({ since: -1 })] }])
  t.equal(merged.findings?.length, room.findings)
  t.ok(merged.findings?.every(({ code, since }) => code === 'P80-101' && since >= 0))
  t.same(merged.leftOut, { findings: 11 })
  t.same(mergeReported([merged], { ...room, findings: 1 }).leftOut, { findings: 11 + room.findings - 1 })
})

t.test('a leg that two looked along is one leg, as it was seen last', async (t) => {
  const merged = mergeReported([
    { legs: [leg({ ok: false, code: 'P80-301', checkedAt: 5 })] },
    { legs: [leg({ checkedAt: 9 }), leg({ at: '192.0.2.1', leg: 'outside', ok: false, code: 'P80-306' })] },
  ])
  t.same(
    merged.legs?.map(({ at, ok }) => [at, ok]),
    [
      ['192.0.2.1', false],
      ['istio-system/gateway-1', true],
    ],
  )
  t.equal(merged.leftOut, undefined, 'the older look is not missed')
})

t.test('what is served wrongly is kept before what is served well', async (t) => {
  const one = (pod: string, matches: boolean): ServedStatus => ({
    ...{ certificate: 'a', host: 'a.example.com', pod, matches, checkedAt: 1 },
  })
  const merged = mergeReported([{ served: [one('x/1', true), one('x/2', false)] }], { ...room, served: 1 })
  t.same(merged.served, [one('x/2', false)])
  t.same(merged.leftOut, { served: 1 })
})

t.test('only moments and counts of plain http may differ between two looks that are the same', async (t) => {
  const before: Reported = { findings: [finding()], legs: [leg()], plainHttp: [] }
  const rows: [string, Reported, boolean][] = [
    ['the same', before, true],
    [
      'looked later',
      { ...before, findings: [finding({ lastSeen: 9_000 })], legs: [leg({ checkedAt: 7 })] },
      true,
    ],
    ['more plain http', { ...before, plainHttp: [{ host: 'a.example.com', days: [] }] }, true],
    ['looked at all, later', { ...before, lookedAt: [{ look: 'canary', at: 9 }] }, true],
    ['a finding went', { ...before, findings: [] }, false],
    ['a leg broke', { ...before, legs: [leg({ ok: false })] }, false],
    ['another thing was seen', { ...before, findings: [finding({ seen: 'other' })] }, false],
  ]
  for (const [name, after, same] of rows) t.equal(sameButMoments(before, after), same, name)
})

t.test(
  'the sum that was written down stands until a newer one is told, and takes no count away',
  async (t) => {
    const plainHttp = [{ host: 'a.example.com', days: [] }]
    const written: Reported = { plainHttp, counted: { since: 5 }, leftOut: { plainHttp: 3 } }
    const told: Reported = { findings: [finding()], leftOut: { findings: 7 } }
    const newer: Reported = { ...told, plainHttp: [], counted: { since: 9 } }
    t.same(overWritten({}, told), told)
    t.same(overWritten(written, {}), written)
    t.same(overWritten(written, told), { ...written, ...told, leftOut: { findings: 7, plainHttp: 3 } })
    t.equal(overWritten(written, newer), newer, 'of another sum nothing was left out')
  },
)
