import t from 'tap'
import type { TrafficRecord } from '../../src/state/traffic-record.ts'
import type { Day } from '../../src/traffic/day.ts'
import { fitting, longestRecord } from '../../src/traffic/fit.ts'

const today = 20_787
const now = today * 86_400_000 + 1
const busy = (ago: number): Day => [today - ago, 100_000, 40_000, 30_000, 20_000, 10_000]

function record(hosts: number): TrafficRecord {
  const host = { since: today - 29, lastSeen: now, days: Array.from({ length: 30 }, (_, ago) => busy(ago)) }
  const names = Array.from({ length: hosts }, (_, index) => `host-${index}.example.com`)
  return { v: 1, since: 0, hosts: Object.fromEntries(names.map((name) => [name, host])), replicas: {} }
}

t.test('thirty days of 400 busy hosts fit, as the same object', async (t) => {
  const all = record(400)
  t.equal(fitting(all, now), all)
})

t.test('of a thousand, fewer days: the newest, and it is said since when', async (t) => {
  const fits = fitting(record(1_000), now)
  t.ok(JSON.stringify(fits).length <= longestRecord)
  const host = fits.hosts['host-999.example.com']
  const days = host?.days.map(([day]) => day) ?? []
  t.ok(days.length > 10, `${days.length} days`)
  t.equal(days[0], today)
  t.equal(host?.since, days.at(-1))
  t.equal(fitting(fits, now), fits, 'and then it fits')
})

t.test('today is always kept', async (t) => {
  t.equal(fitting(record(10), now, 100).hosts['host-0.example.com']?.days.length, 1)
})

t.test('replicas that are gone make room before any day does', async (t) => {
  const hosts = record(400)
  const rows = Object.fromEntries(Object.keys(hosts.hosts).map((name) => [name, { row: 1, last: busy(0) }]))
  const replicas = Array.from({ length: 30 }, (_, index) => [
    `life-${index}`,
    { at: `pod-${index}`, rows, ...(index >= 3 && { goneAt: now }) },
  ])
  const fits = fitting({ ...hosts, replicas: Object.fromEntries(replicas) }, now)
  t.ok(JSON.stringify(fits).length <= longestRecord)
  t.equal(fits.hosts['host-399.example.com']?.days.length, 30)
  t.strictSame(Object.keys(fits.replicas), ['life-0', 'life-1', 'life-2'])
})
