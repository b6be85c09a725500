import t from 'tap'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { renderStatusPage } from '../../src/status/page.ts'
import { renderStatusText } from '../../src/status/text.ts'
import { staleAfterMs, toldSnapshot, type Told, type ToldInput } from '../../src/status/told.ts'
import { headline } from '../../src/status/tone.ts'
import { badDay, goodDay, now } from './fixtures/page-snapshots.ts'

const { holds, certificates, store } = badDay
const worker = {
  role: 'leader',
  lastTickAt: now - 9_000,
  nextWakeAt: now + 5,
  stuck: false,
  restarts: 3,
} as const

const told = (more: Partial<Told> = {}): Told => ({
  ...{ by: 'port80-worker-1', at: now - 12_000, ageMs: 12_000, leftOut: 0 },
  ...{ worker, store, configuration: goodDay.configuration, holds, certificates, ...more },
})

const snapshot = (more: Partial<ToldInput> = {}) =>
  toldSnapshot({
    ...{ told: told(), now, version: '9', configuration: goodDay.configuration },
    worker: { role: 'off', stuck: false, restarts: 0 },
    store: { readable: true, tokens: 4 },
    ...more,
  })

t.test('certificates and limits are the leader’s, version, role and tokens the own ones', async (t) => {
  t.match(snapshot(), {
    at: now,
    version: '9',
    worker: { role: 'off', leader: 'port80-worker-1', lastTickAt: now - 9_000, restarts: 0 },
    store: { readable: true, tokens: 4 },
    told: { by: 'port80-worker-1', at: now - 12_000, stale: false, leftOut: 0 },
    certificates,
    holds,
  })
})

t.test('who looks is the leader, and when it did last', async (t) => {
  const looks = [{ look: 'canary', state: 'every', everyMs: 60_000 }] as const
  const reported = { lookedAt: [{ look: 'canary', at: now - 9_000 }] } as const
  t.same(snapshot({ told: told({ looks, reported }) }).looks, [{ ...looks[0], lookedAt: now - 9_000 }])
  t.equal(snapshot().looks, undefined)
})

t.test('limits that have ended since are not shown', async (t) => {
  const later = snapshot({ now: now + 3_600_000 })
  t.same(
    later.holds.map(({ covers }) => covers),
    ['registeredDomain example.net', 'registeredDomain example.org'],
  )
})

t.test('a fault of either configuration is shown, the own one first', async (t) => {
  const faulty = badDay.configuration
  t.same(snapshot({ told: told({ configuration: faulty }) }).configuration, faulty)
  t.same(snapshot({ configuration: faulty }).configuration, faulty)
})

t.test('the store is readable when both can read it', async (t) => {
  const unreadable = told({ store: { readable: false, fault: 'get secrets: timed out', tokens: 0 } })
  t.same(snapshot({ told: unreadable }).store, {
    ...{ readable: false, tokens: 4 },
    fault: 'port80-worker-1 says: get secrets: timed out',
  })
  const own = { readable: false, fault: 'list configmaps: timed out', tokens: 0 }
  t.same(snapshot({ store: own }).store, own)
})

const rows = [
  { name: 'fresh', input: {}, stale: false, text: /need attention/, tone: 'bad' },
  {
    name: 'silent',
    input: { told: told({ ageMs: staleAfterMs + 1, at: now - 300_000 }) },
    ...{ stale: true, text: /^No word from a leading worker for 5 min$/, tone: 'bad' },
  },
  {
    name: 'never told',
    input: { told: undefined, fault: 'there is no ConfigMap' },
    ...{ stale: true, text: /^No worker has told its status yet$/, tone: 'warn' },
  },
]
for (const { name, input, stale, text, tone } of rows) {
  t.test(`hearsay that is ${name} is marked as what it is`, async (t) => {
    const shown = snapshot(input)
    t.equal(shown.told?.stale, stale)
    t.match(headline(shown), { tone, text })
    t.equal(shown.worker.leader, stale ? undefined : 'port80-worker-1')
    const metrics = await createMetrics().text(shown)
    t.match(metrics, `port80_status_stale ${stale ? 1 : 0}\n`)
    const unknown = /^port80_certificate_ready_status\{.*condition="Unknown"\} 1$/m
    if (shown.certificates.length > 0) t.equal(unknown.test(metrics), stale, 'readiness is unknown')
    t.equal(metrics.includes('port80_status_told_timestamp_seconds'), 'at' in (shown.told ?? {}))
  })
}

t.test('page and terminal say who told it, when, and what is lacking', async (t) => {
  const shown = snapshot({ told: told({ leftOut: 2 }), fault: 'the connection broke' })
  const words =
    'as told by port80-worker-1 12 s ago; 2 certificates left out for want of room; the connection broke'
  t.match(renderStatusText(shown, { now, colour: false, width: 200 }), `Told    ${words}\n`)
  const page = renderStatusPage(shown, { now, refresh: false })
  t.match(page, 'As told by port80-worker-1 12 s ago')
  t.match(page, '2 certificates left out for want of room')
  t.notMatch(page, 'The leading worker is silent')
  const silent = snapshot({ told: told({ ageMs: staleAfterMs + 1 }) })
  t.match(renderStatusPage(silent, { now, refresh: false }), 'The leading worker is silent')
})
