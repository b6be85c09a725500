import t from 'tap'
import type { TrafficRecord } from '../../src/state/traffic-record.ts'
import { redirectsOf, type Day } from '../../src/traffic/day.ts'
import { fitting, longestRecord } from '../../src/traffic/fit.ts'
import { fold, type Told } from '../../src/traffic/fold.ts'
import { otherHosts } from '../../src/traffic/replica-counts.ts'
import { restHosts } from '../../src/traffic/rest.ts'

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
  t.equal(fitting(record(10), now, 2_000).hosts['host-0.example.com']?.days[0]?.[0], today)
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

/** Each host once more than the one before it, and each replica so often as the round says. */
function told(replicas: number, hosts: readonly string[], round: number): Told[] {
  const rows = hosts.map((host, index) => {
    const reads = (100_000 + index) * round
    return { host, row: index, days: [[today, reads, reads, 0, 0, 0] as const] }
  })
  const names = Array.from({ length: replicas }, (_, index) => String(index).padStart(2, '0'))
  return names.map((name) => ({
    start: `00000000-0000-4000-8000-0000000000${name}`,
    at: `pod-${name}`,
    rows,
  }))
}

const sizes = [
  { replicas: 2, hosts: 1_000, folded: false },
  { replicas: 15, hosts: 1_000, folded: true },
  { replicas: 50, hosts: 1_000, folded: true },
]
for (const { replicas, hosts, folded } of sizes) {
  t.test(
    `${replicas} replicas of ${hosts} hosts: it fits, and nobody is counted twice or not at all`,
    async (t) => {
      const names = Array.from({ length: hosts }, (_, index) => `host-${index}.example.com`)
      let record: TrafficRecord | undefined
      for (const round of [1, 2, 2]) {
        const counts = { told: told(replicas, names, round), present: undefined, hosts: names, now }
        record = fitting(fold(record, counts), now)
        t.ok(JSON.stringify(record).length <= longestRecord)
        const days = Object.values(record.hosts).flatMap((host) => host.days)
        const sum = days.reduce((all, day) => all + redirectsOf(day), 0)
        t.equal(sum, replicas * round * (100_000 * hosts + (hosts * (hosts - 1)) / 2))
      }
      const own = Object.keys(record?.hosts ?? {}).filter((name) => name !== restHosts && name !== otherHosts)
      t.equal(own.length + (record?.folded?.length ?? 0), hosts)
      t.equal((record?.folded?.length ?? 0) > 0, folded)
      t.ok(own.includes(names.at(-1) ?? ''), 'the busiest keeps its own row')
    },
  )
}

t.test('at last there are fewer hosts, whatever there is room for', async (t) => {
  const fits = fitting(record(10), now, 1_000)
  t.ok(JSON.stringify(fits).length <= 1_000)
  t.equal(fits.hosts[restHosts]?.days.length, 1)
})
