import t from 'tap'
import { buildStatus } from '../../src/status/build.ts'
import { plan } from '../../src/certificate/plan.ts'
import type { LastingFinding, Reported } from '../../src/finding/reported.ts'
import { drafts, headText, lastingHead, readBody, readHead } from '../../src/kube/published-record.ts'
import { longestText } from '../../src/status/snapshot-schema.ts'
import { badDay, book, goodDay, now } from '../status/fixtures/page-snapshots.ts'
import { hostile } from '../status/fixtures/hostile-snapshot.ts'
import * as builders from '../certificate/fixtures/builders.ts'

const body = (snapshot: typeof badDay) => [...drafts(snapshot)].map(({ text }) => readBody(text))

t.test('head and body are read as they were written', async (t) => {
  for (const snapshot of [goodDay, badDay]) {
    const { at, version, worker, store, configuration, holds, certificates } = snapshot
    const head = {
      v: 1,
      by: 'worker-1',
      at,
      version,
      worker,
      store,
      certificates: certificates.length,
      leftOut: 0,
    }
    t.same(readHead(headText(snapshot, 'worker-1', 0)), { ok: head })
    const [first] = [...drafts(snapshot)]
    t.same(readBody(first?.text ?? ''), { ok: { v: 1, configuration, holds, certificates, reported: {} } })
    t.equal(first?.leftOut, 0)
  }
})

t.test('responders learn the redirect status of hosts that they may not read of', async (t) => {
  const certificates = goodDay.certificates.map((each) => ({ ...each, redirectStatus: 308 as const }))
  const [first] = [...drafts({ ...goodDay, certificates })]
  t.match(readBody(first?.text ?? ''), { ok: { certificates } })
})

t.test(
  'what was found is read as it was written, and a code of a newer leader costs that finding only',
  async (t) => {
    const finding: LastingFinding = {
      ...{ code: 'P80-101', object: { kind: 'Gateway', namespace: 'a', name: 'b', field: 'spec' } },
      ...{ host: 'a.example.com', seen: 'seen', fix: { do: 'run', command: 'kubectl get pods' } },
      ...{ since: 1, lastSeen: 2, from: 'lint' },
    } as const
    const reported: Reported = {
      findings: [finding],
      legs: [{ host: 'a.example.com', leg: 'inside', at: 'a/b', ok: false, code: 'P80-301', checkedAt: 3 }],
      budget: [],
    }
    const [first] = [...drafts({ ...goodDay, ...reported })]
    t.match(readBody(first?.text ?? ''), { ok: { reported } })
    const newer = (first?.text ?? '').replace('"P80-101"', '"P80-999"')
    t.match(readBody(newer), { ok: { reported: { ...reported, findings: [] }, unknown: 1 } })
  },
)

t.test(
  'who looks is told whole, and when that was with what was found: a clock makes no new body',
  async (t) => {
    const look = { look: 'canary', state: 'every', everyMs: 300_000 } as const
    const lookedAt = [{ look: 'canary', at: 7 }] as const
    const [first] = [...drafts({ ...goodDay, looks: [{ ...look, lookedAt: 7 }], lookedAt })]
    const read = readBody(first?.text ?? '')
    t.match(read, { ok: { reported: { lookedAt } } })
    t.same('ok' in read && read.ok.looks, [look])
    const newer = readBody((first?.text ?? '').replaceAll('"canary"', '"radar"'))
    t.match(newer, { ok: { looks: [], reported: { lookedAt: [] } } }, 'of a newer leader it is left out')
  },
)

t.test('the shorter a draft, the fewer findings; the worst stay and the rest is counted', async (t) => {
  const at = (index: number, code: 'P80-101' | 'P80-106'): LastingFinding => ({
    ...{ code, object: { kind: 'Gateway', name: `g-${index}` }, seen: 'seen', from: 'lint' },
    ...{ fix: { do: 'act', words: 'mend it' }, since: index, lastSeen: index },
  })
  const findings = Array.from({ length: 300 }, (_, index) => at(index, index < 10 ? 'P80-101' : 'P80-106'))
  const left = body({ ...badDay, findings }).map((read) =>
    'ok' in read ? [read.ok.reported?.findings?.[0]?.code, read.ok.reported?.leftOut?.findings] : [],
  )
  t.same(left.slice(0, 4), [
    ['P80-101', undefined],
    ['P80-101', undefined],
    ['P80-101', 200],
    ['P80-101', 280],
  ])
})

t.test('what is not a record of this version is refused with a reason', async (t) => {
  const good = JSON.parse(headText(goodDay, 'worker-1', 0)) as object
  const rows: [string, string, RegExp][] = [
    ['no text', '', /not JSON/],
    ['another version', JSON.stringify({ ...good, v: 2 }), /not a record of this version: v/],
    ['a list', '[]', /not a record of this version/],
  ]
  for (const [name, text, fault] of rows) t.match(readHead(text), { fault }, name)
  t.match(readBody('{"v":1}'), { fault: /not a record/ })
})

t.test(
  'an older reader takes what it knows of a newer leader, counts the rest, and refuses rubbish',
  async (t) => {
    const head = JSON.parse(headText(goodDay, 'worker-1', 0)) as object
    t.same(readHead(JSON.stringify({ ...head, more: 1 })), { ok: head }, 'a member more in the head')
    const [first] = [...drafts(badDay)]
    const good = JSON.parse(first?.text ?? '') as { certificates: object[]; holds: object[] }
    const [certificate, ...others] = good.certificates
    const served = [{ host: 'a.example.com', pod: 'a/b' }]
    const rows: { name: string; body: object; read: object }[] = [
      { name: 'as it is', body: good, read: { certificates: good.certificates, unknown: undefined } },
      { name: 'a part more', body: { ...good, tides: [1] }, read: { certificates: good.certificates } },
      {
        name: 'a state of a newer one',
        body: { ...good, certificates: [{ ...certificate, state: 'moonlit' }, ...others] },
        read: { certificates: others, unknown: 1 },
      },
      {
        name: 'a limit for a reason of a newer one',
        body: { ...good, holds: good.holds.map((hold) => ({ ...hold, reason: 'Moon' })) },
        read: { holds: [], unknown: good.holds.length },
      },
      {
        name: 'a look by a newer part',
        body: { ...good, reported: { looked: ['lint', 'moon'] } },
        read: { reported: { looked: ['lint'] } },
      },
    ]
    for (const { name, body, read } of rows) t.match(readBody(JSON.stringify(body)), { ok: read }, name)
    const rubbish: { name: string; body: object; fault: RegExp }[] = [
      { name: 'no certificate at all', body: { ...good, certificates: [7] }, fault: /certificates\.0/ },
      { name: 'a hold without an end', body: { ...good, holds: [{ issuer: 'a' }] }, fault: /holds\.0/ },
      {
        name: 'half of what is served',
        body: { ...good, reported: { served } },
        fault: /reported\.served\.0/,
      },
      {
        name: 'a text without end',
        body: { ...good, certificates: [{ ...certificate, next: 'x'.repeat(longestText + 1) }] },
        fault: /certificates\.0\.next/,
      },
    ]
    for (const { name, body, fault } of rubbish) t.match(readBody(JSON.stringify(body)), { fault }, name)
  },
)

t.test('a sign of life alone changes nothing but the head', async (t) => {
  const later = {
    ...badDay,
    at: now + 30_000,
    worker: { ...badDay.worker, lastTickAt: now + 29_000, nextWakeAt: now + 60_000 },
  }
  t.equal(lastingHead(later), lastingHead(badDay))
  t.same([...drafts(later)], [...drafts(badDay)])
  t.not(headText(later, 'w', 0), headText(badDay, 'w', 0))
  for (const change of [
    { version: '9' },
    { worker: { ...badDay.worker, stuck: true } },
    { certificates: [] },
  ])
    t.not(lastingHead({ ...badDay, ...change }), lastingHead(badDay), JSON.stringify(Object.keys(change)))
})

t.test('no draft is longer than the one before, and each is a record', async (t) => {
  const long = { ...book, domains: Array.from({ length: 40 }, (_, i) => `name-${i}.example.com`) }
  const failing = badDay.certificates.map((each) => ({ ...each, domains: long.domains }))
  const snapshot = { ...badDay, certificates: [...failing, ...Array.from({ length: 20 }, () => long)] }
  const all = [...drafts(snapshot)]
  for (const [index, { text }] of all.entries()) {
    if (index > 0) t.ok(text.length <= (all[index - 1]?.text.length ?? 0), `draft ${index}`)
    t.match(readBody(text), { ok: { v: 1 } })
  }
  t.same(
    all.map(({ leftOut }) => leftOut),
    [0, 0, 0, 0, 13, 19, 22, 24],
  )
  const [last] = body(snapshot).slice(-1)
  t.match(last, { ok: { certificates: [{ name: 'api' }] } }, 'what needs a person stays')
  t.match(body(snapshot)[3], {
    ok: { certificates: [{ domains: ['name-0.example.com', /1/, /2/, 'and 37 more'] }] },
  })
})

t.test('texts without end are cut before they are written', async (t) => {
  // A day has a shape of its own, and is never cut.
  const endless = { ...hostile('x'.repeat(5 * longestText)), plainHttp: [] }
  for (const read of body(endless)) t.match(read, { ok: { v: 1 } })
  t.match(readHead(headText(endless, 'x'.repeat(5 * longestText), 0)), { ok: { v: 1 } })
})

t.test('no key of a record gets into it', async (t) => {
  const secret = 'PRIVATE key of a pair'
  const pair = builders.storedPair({ keyPem: secret })
  const record = builders.record({ pairs: [pair], inFlight: builders.inFlight({ keyPem: secret }) })
  const world = builders.world([builders.certificate({ record, stored: { pair, leaf: builders.leaf() } })])
  const snapshot = buildStatus({
    ...{ world, plan: plan(world), faults: new Map(), version: '1' },
    ...{ configuration: goodDay.configuration, worker: goodDay.worker, store: goodDay.store },
  })
  t.equal(snapshot.certificates.length, 1)
  for (const { text } of drafts(snapshot)) t.notMatch(text, /PRIVATE|keyPem|BEGIN/)
})
