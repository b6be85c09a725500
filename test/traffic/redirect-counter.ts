import t from 'tap'
import { otherHosts, redirectCounter } from '../../src/traffic/redirect-counter.ts'

const dayMs = 86_400_000
const start = Date.UTC(2026, 10, 1, 12)
const curl = { userAgent: 'curl/8.11.0', reads: true }
const browser = { userAgent: 'Mozilla/5.0 (X11)', reads: true }

t.test('hosts that nobody configured share one row, however many a stranger sends', async (t) => {
  const counter = redirectCounter(start)
  counter.manage(['a.test'])
  counter.count({ host: 'a.test', ...browser }, start)
  for (let each = 0; each < 1_000; each++)
    counter.count({ host: `s${each}.test`, ...curl, reads: false }, start)
  const report = counter.report(start)
  t.match(report, [
    {
      host: 'a.test',
      days: [{ day: '2026-11-01', redirects: 1, reads: 1, agents: { browser: 1, library: 0 } }],
    },
    { host: otherHosts, days: [{ redirects: 1_000, reads: 0, agents: { library: 1_000 } }] },
  ])
  t.equal(report.length, 2)
})

t.test('days are of UTC, newest first, thirty at the most, with those on which nobody came', async (t) => {
  const counter = redirectCounter(start)
  counter.manage(['a.test'])
  for (const after of [0, 1, 40]) counter.count({ host: 'a.test', ...curl }, start + after * dayMs)
  const [row] = counter.report(start + 41 * dayMs)
  t.equal(row?.days.length, 30)
  t.match(row?.days.slice(0, 3), [
    { day: '2026-12-12', redirects: 0 },
    { day: '2026-12-11', redirects: 1 },
    { day: '2026-12-10', redirects: 0 },
  ])
  t.equal(counter.totals().get('a.test')?.library, 3, 'a counter of Prometheus never goes back')
})

t.test('a clock that goes back loses nothing', async (t) => {
  const counter = redirectCounter(start)
  counter.manage(['a.test'])
  counter.count({ host: 'a.test', ...curl }, start)
  counter.count({ host: 'a.test', ...curl }, start - 2 * dayMs)
  t.match(counter.report(start)[0]?.days, [{ redirects: 2 }])
})

t.test('another configuration: what stays keeps its counts, what goes is forgotten', async (t) => {
  const counter = redirectCounter(start)
  counter.manage(['a.test', 'b.test'])
  for (const host of ['a.test', 'b.test']) counter.count({ host, ...curl }, start)
  counter.manage(['b.test', 'c.test'])
  t.match(counter.report(start), [
    { host: 'b.test', days: [{ redirects: 1 }] },
    { host: 'c.test', days: [{ redirects: 0 }] },
    { host: otherHosts },
  ])
  t.equal(counter.report(start).length, 3)
})

t.test('last seen is told to the minute', async (t) => {
  const counter = redirectCounter(start)
  counter.manage(['a.test'])
  t.notOk('lastSeen' in (counter.report(start)[0] ?? {}))
  counter.count({ host: 'a.test', ...curl }, start + 61_234)
  t.equal(counter.report(start)[0]?.lastSeen, start + 60_000)
})
