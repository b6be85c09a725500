import t from 'tap'
import { readRecord } from '../../src/state/records.ts'
import { trafficRecord, type TrafficRecord } from '../../src/state/traffic-record.ts'
import { dayMs, redirectsOf, type Day } from '../../src/traffic/day.ts'
import { fold, type Counts, type Told } from '../../src/traffic/fold.ts'
import { otherHosts } from '../../src/traffic/replica-counts.ts'
import { plainHttpOf } from '../../src/traffic/usage.ts'

const now = Date.UTC(2026, 10, 30, 12)
const today = Math.floor(now / dayMs)
const hosts = ['a.test', 'b.test']

/** So many, all of browsers and by GET. */
const day = (count: number, on = today): Day => [on, count, count, 0, 0, 0]
const replica = (start: string, days: readonly Day[], more: Partial<Told> = {}): Told => ({
  start,
  at: `pod-${start}`,
  rows: [{ host: 'a.test', row: 0, days: [...days] }],
  ...more,
})
const present = (...starts: string[]) => new Set(starts.map((start) => `pod-${start}`))

/** One round after the other over the record of the one before. */
function rounds(...all: readonly Partial<Counts>[]): TrafficRecord {
  let record: TrafficRecord | undefined
  for (const each of all) {
    record = fold(record, { told: [], present: undefined, hosts, now, ...each })
    const read = readRecord(trafficRecord, JSON.stringify(record))
    if ('fault' in read) throw new Error(read.fault)
  }
  if (!record) throw new Error('no round')
  return record
}
const countsOf = (record: TrafficRecord, host = 'a.test') =>
  (record.hosts[host]?.days ?? []).map((each) => [each[0] - today, redirectsOf(each)])

interface Row {
  readonly name: string
  readonly rounds: readonly Partial<Counts>[]
  /** Days ago, and how many. */
  readonly sum: readonly (readonly [number, number])[]
}

const rows: readonly Row[] = [
  { name: 'nobody told anything', rounds: [{}], sum: [] },
  {
    name: 'two replicas add up',
    rounds: [{ told: [replica('a', [day(3)]), replica('b', [day(4)])] }],
    sum: [[0, 7]],
  },
  {
    name: 'the same told twice counts once',
    rounds: [{ told: [replica('a', [day(3)])] }, { told: [replica('a', [day(3)])] }],
    sum: [[0, 3]],
  },
  {
    name: 'the same told twice in one round counts once',
    rounds: [{ told: [replica('a', [day(3)]), replica('a', [day(3)], { at: 'by another way' })] }],
    sum: [[0, 3]],
  },
  {
    name: 'what came in between is added',
    rounds: [{ told: [replica('a', [day(3)])] }, { told: [replica('a', [day(5)])] }],
    sum: [[0, 5]],
  },
  {
    name: 'a replica that was not heard meanwhile tells it later',
    rounds: [{ told: [replica('a', [day(3)])] }, {}, { told: [replica('a', [day(9)])] }],
    sum: [[0, 9]],
  },
  {
    name: 'a new life of the same pod begins at 0',
    rounds: [
      { told: [replica('a', [day(3)], { at: 'pod' })] },
      { told: [replica('b', [day(2)], { at: 'pod' })] },
      { told: [replica('b', [day(4)], { at: 'pod' })] },
    ],
    sum: [[0, 7]],
  },
  {
    name: 'one that went away leaves what it had',
    rounds: [
      { told: [replica('a', [day(3)]), replica('b', [day(4)])], present: present('a', 'b') },
      { told: [replica('b', [day(5)])], present: present('b') },
      { told: [replica('b', [day(6)])], present: present('b'), now: now + 2 * 3_600_000 },
    ],
    sum: [[0, 9]],
  },
  {
    name: 'one that comes back within the hour goes on',
    rounds: [
      { told: [replica('a', [day(3)])], present: present('a') },
      { present: present() },
      { told: [replica('a', [day(4)])], present: present('a'), now: now + 1_800_000 },
    ],
    sum: [[0, 4]],
  },
  {
    name: 'midnight between two questions',
    rounds: [
      { told: [replica('a', [day(3, today - 1)])], now: now - dayMs },
      { told: [replica('a', [day(2), day(5, today - 1)])] },
      { told: [replica('a', [day(4), day(5, today - 1)])] },
    ],
    sum: [
      [0, 4],
      [-1, 5],
    ],
  },
  {
    name: 'days on which nobody asked',
    rounds: [
      { told: [replica('a', [day(3, today - 3)])], now: now - 3 * dayMs },
      { told: [replica('a', [day(1), day(2, today - 2), day(7, today - 3)])] },
    ],
    sum: [
      [0, 1],
      [-2, 2],
      [-3, 7],
    ],
  },
  {
    name: 'only the newest days are told',
    rounds: [
      { told: [replica('a', [day(3, today - 1)])], now: now - dayMs },
      { told: [replica('a', [day(2)])] },
    ],
    sum: [
      [0, 2],
      [-1, 3],
    ],
  },
  {
    name: 'a host that the replica began to count anew',
    rounds: [
      { told: [replica('a', [day(3)])] },
      { told: [replica('a', [], { rows: [{ host: 'a.test', row: 7, days: [day(1)] }] })] },
    ],
    sum: [[0, 4]],
  },
  {
    name: 'a clock that is ahead counts for today',
    rounds: [{ told: [replica('a', [day(3, today + 2)])] }, { told: [replica('a', [day(4, today + 2)])] }],
    sum: [[0, 4]],
  },
  {
    name: 'what is older than thirty days is not counted, and ends',
    rounds: [{ told: [replica('a', [day(3, today - 29), day(5, today - 30)])] }, { now: now + dayMs }],
    sum: [],
  },
  {
    name: 'thirty days with today are kept',
    rounds: [{ told: [replica('a', [day(1), day(3, today - 29), day(5, today - 30)])] }],
    sum: [
      [0, 1],
      [-29, 3],
    ],
  },
  {
    name: 'a host that nobody wants any more is kept while it has days',
    rounds: [{ told: [replica('a', [day(3)])] }, { hosts: ['b.test'], now: now + 29 * dayMs }],
    sum: [[0, 3]],
  },
  {
    name: 'and goes with them',
    rounds: [{ told: [replica('a', [day(3)])] }, { hosts: ['b.test'], now: now + 30 * dayMs }],
    sum: [],
  },
]

for (const { name, rounds: all, sum } of rows)
  t.test(name, async (t) => t.strictSame(countsOf(rounds(...all)), sum))

t.test('a host that the leader does not know yet waits, and nothing of it is lost', async (t) => {
  const told = [replica('a', [day(3)])]
  const before = rounds({ told, hosts: [] })
  t.notOk('a.test' in before.hosts)
  t.strictSame(countsOf(fold(before, { told, present: undefined, hosts, now })), [[0, 3]])
})

t.test('hosts that a stranger made up are not in it, and those that nobody configured are one', async (t) => {
  const names = ['__proto__', 'made-up.test', otherHosts]
  const told = [replica('a', [], { rows: names.map((host) => ({ host, row: 0, days: [day(1)] })) })]
  const { hosts: counted, replicas } = rounds({ told })
  t.strictSame(Object.keys(counted).sort(), [...hosts, otherHosts])
  t.strictSame(Object.keys(replicas['a']?.rows ?? {}), [otherHosts])
})

t.test('told the same again it is the same object, so that nothing is written', async (t) => {
  const counts: Counts = {
    told: [replica('b', [day(1)]), replica('a', [day(3)])],
    present: undefined,
    hosts,
    now,
  }
  const record = fold(undefined, counts)
  t.equal(fold(record, { ...counts, now: now + 60_000 }), record)
  t.equal(fold(record, { ...counts, told: [] }), record, 'nor when nobody answers')
  t.equal(fold(record, { ...counts, told: counts.told.slice(1) }), record, 'nor when one of them does not')
})

t.test('replicas that are gone are forgotten: the record does not grow with every restart', async (t) => {
  const lives = Array.from({ length: 300 }, (_, life) => [replica(`${life}`, [day(1)])])
  const record = rounds(...lives.map((told) => ({ told })))
  t.strictSame(countsOf(record), [[0, 300]])
  t.equal(Object.keys(record.replicas).length, 51)
  const later = { told: [], present: present(), hosts }
  const marked = fold(record, { ...later, now })
  t.strictSame(fold(marked, { ...later, now: now + 3_600_000 }).replicas, {})
})

t.test('the status has each managed host with every day since it is counted, quiet ones too', async (t) => {
  const rows = [
    { host: 'b.test', row: 0, lastSeen: now - 60_000, days: [[today, 1, 0, 2, 3, 4] satisfies Day] },
    { host: otherHosts, row: 1, days: [day(2, today - 2)] },
  ]
  const record = rounds({ now: now - 2 * dayMs }, { told: [replica('a', [], { rows: rows.slice() })] })
  t.match(plainHttpOf(record, [...hosts, 'c.test'], now), [
    {
      host: 'a.test',
      days: [{ day: '2026-11-30', redirects: 0 }, { day: '2026-11-29' }, { day: '2026-11-28' }],
    },
    {
      host: 'b.test',
      lastSeen: now - 60_000,
      days: [
        { redirects: 9, reads: 1, agents: { browser: 0, bot: 2, library: 3, other: 4 } },
        { redirects: 0 },
        {},
      ],
    },
    { host: otherHosts, days: [{ redirects: 0 }, { redirects: 0 }, { redirects: 2 }] },
  ])
  t.equal(plainHttpOf(record, hosts, now + 60 * dayMs)[0]?.days.length, 30)
})

t.test('a day of a leader whose clock was ahead makes no record that cannot be read', async (t) => {
  const ahead = now + 3 * dayMs
  const all = Array.from({ length: 30 }, (_, ago) => day(1, today - ago))
  const record = rounds(
    { told: [replica('a', [day(1, today + 3)])], now: ahead },
    { told: [replica('b', all)] },
  )
  t.equal(record.hosts['a.test']?.days.length, 30)
  t.strictSame(countsOf(record).slice(0, 2), [
    [3, 1],
    [0, 1],
  ])
})
