import t from 'tap'
import {
  canaryTurns,
  looksAtOnce,
  looksPerSecond,
  momentOf,
  type HostTurn,
} from '../../src/reach/canary-schedule.ts'

const start = Date.UTC(2026, 10, 25)
const second = 1_000
const minute = 60 * second
const period = 5 * minute

const turnOf = (host: string, differs: Partial<HostTurn> = {}): HostTurn => ({
  ...{ host, since: start, undecided: false, troubled: false, running: false },
  ...differs,
})

t.test('the first look comes within half a minute', (t) => {
  for (let i = 0; i < 500; i++) {
    const wait = momentOf(turnOf(`host-${i}.example.com`), period, start) - start
    if (wait < 0 || wait >= 30 * second) t.fail(`host-${i} waits ${wait} ms`)
  }
  t.pass('all of them')
  t.end()
})

t.test('each look is followed by one about a period later', (t) => {
  let lookedAt = start
  for (let i = 0; i < 200; i++) {
    const next = momentOf(turnOf('book.example.com', { lookedAt }), period, lookedAt)
    const wait = next - lookedAt
    if (wait < period / 2 || wait > 1.6 * period) t.fail(`waits ${wait} ms`)
    lookedAt = next
  }
  t.ok(Math.abs((lookedAt - start) / 200 - period) < 0.01 * period, 'one a period in the long run')
  t.end()
})

t.test('hundreds of hosts spread evenly over the period', (t) => {
  const hosts = Array.from({ length: 600 }, (_, i) => `host-${i}.example.com`)
  const tenths = new Array<number>(10).fill(0)
  for (const host of hosts) {
    const at = momentOf(turnOf(host, { lookedAt: start - period }), period, start)
    const tenth = Math.floor((at % period) / (period / 10))
    tenths[tenth] = (tenths[tenth] ?? 0) + 1
  }
  t.ok(
    tenths.every((count) => count > 30 && count < 90),
    tenths.join(' '),
  )
  t.end()
})

/** Hosts whose first look is overdue. */
const overdue = (count: number) =>
  Array.from({ length: count }, (_, i) => turnOf(`h${i}.example.com`, { since: start - minute }))

interface Row {
  readonly name: string
  readonly turns: readonly HostTurn[]
  readonly begunAt?: readonly number[]
  readonly due: number
  /** Milliseconds from now. */
  readonly next: number | undefined
}

const running = (count: number) =>
  Array.from({ length: count }, (_, i) => turnOf(`r${i}.example.com`, { running: true }))

const rows: readonly Row[] = [
  { name: 'no host: nothing to wait for', turns: [], due: 0, next: undefined },
  { name: 'one that is due', turns: overdue(1), due: 1, next: undefined },
  { name: 'one that runs is not begun again', turns: running(1), due: 0, next: undefined },
  {
    name: 'no more begin together than may in a second',
    turns: overdue(50),
    due: looksPerSecond,
    next: second,
  },
  {
    name: 'those that run take room',
    turns: [...overdue(50), ...running(looksAtOnce - 1)],
    due: 1,
    next: second,
  },
  {
    name: 'no more in a second than there may be',
    turns: overdue(50),
    begunAt: new Array<number>(looksPerSecond).fill(start - 400),
    due: 0,
    next: 600,
  },
  {
    name: 'what began more than a second ago does not count',
    turns: overdue(1),
    begunAt: new Array<number>(looksPerSecond).fill(start - second),
    due: 1,
    next: undefined,
  },
  {
    name: 'one more look decides: within 15 s',
    turns: [turnOf('a.example.com', { lookedAt: start - 5 * second, undecided: true })],
    due: 0,
    next: 10 * second,
  },
  {
    name: 'while something lasts: once a minute',
    turns: [turnOf('a.example.com', { lookedAt: start - 5 * second, troubled: true })],
    due: 0,
    next: 55 * second,
  },
  {
    name: 'a clock that was set back: as if nobody had looked',
    turns: [turnOf('a.example.com', { since: start + 10 * minute, lookedAt: start + 10 * minute })],
    due: 0,
    next: momentOf(turnOf('a.example.com'), period, start) - start,
  },
]

t.test('whose turn it is', (t) => {
  for (const { name, turns, begunAt = [], due, next } of rows) {
    const found = canaryTurns(turns, period, begunAt, start)
    const wait = found.nextAt === undefined ? undefined : found.nextAt - start
    t.strictSame({ due: found.due.length, next: wait }, { due, next }, name)
  }
  t.end()
})

t.test('thousands of hosts are looked at less often rather than faster', (t) => {
  const turns = Array.from({ length: 12_000 }, (_, i) => turnOf(`host-${i}.example.com`, { lookedAt: start }))
  let within = 0
  for (const turn of turns) if (momentOf(turn, 600 * second, start) <= start + period) within += 1
  t.ok(within < 12_000 * 0.4, `${within} within the period`)
  t.ok((canaryTurns(turns, period, [], start + period).due.length ?? 0) <= looksAtOnce)
  t.end()
})
