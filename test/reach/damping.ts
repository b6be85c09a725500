import t from 'tap'
import type { FindingCode } from '../../src/finding/catalogue.ts'
import { damped, lasting, legsOf, turnsOf, undecided, type HostMemory } from '../../src/reach/damping.ts'
import { lookOf } from './fixtures/looks.ts'

const start = Date.UTC(2026, 10, 25)
const minute = 60_000

type Seen = FindingCode | 'ok' | 'gone'

/** One look a minute along one leg. */
function after(seen: readonly Seen[]): HostMemory {
  return seen.reduce<HostMemory>((memory, each, index) => {
    const looks = each === 'gone' ? [] : [lookOf(each === 'ok' ? undefined : each)]
    return damped(memory, looks, start + index * minute)
  }, new Map())
}

interface Row {
  readonly name: string
  readonly seen: readonly Seen[]
  readonly lasts: readonly FindingCode[]
  readonly turns: number
  /** Whether one more look decides something. */
  readonly undecided: boolean
}

const rows: readonly Row[] = [
  { name: 'nothing was looked at', seen: [], lasts: [], turns: 0, undecided: false },
  { name: 'good', seen: ['ok', 'ok'], lasts: [], turns: 0, undecided: false },
  { name: 'one bad look is no finding', seen: ['ok', 'P80-303'], lasts: [], turns: 1, undecided: true },
  { name: 'two are', seen: ['P80-303', 'P80-303'], lasts: ['P80-303'], turns: 0, undecided: false },
  {
    name: 'it stays through one good look',
    seen: ['P80-303', 'P80-303', 'ok'],
    lasts: ['P80-303'],
    turns: 1,
    undecided: true,
  },
  {
    name: 'and goes with the second',
    seen: ['P80-303', 'P80-303', 'ok', 'ok'],
    lasts: [],
    turns: 1,
    undecided: false,
  },
  {
    name: 'one good look between does not end it',
    seen: ['P80-303', 'P80-303', 'ok', 'P80-303'],
    lasts: ['P80-303'],
    turns: 2,
    undecided: true,
  },
  {
    name: 'a leg that flaps is counted and not shown',
    seen: ['P80-303', 'ok', 'P80-303', 'ok', 'P80-303', 'ok'],
    lasts: [],
    turns: 5,
    undecided: false,
  },
  {
    name: 'two bad looks that see another thing each are a bad leg',
    seen: ['P80-306', 'P80-303'],
    lasts: ['P80-303'],
    turns: 0,
    undecided: false,
  },
  {
    name: 'another cause takes over after two looks',
    seen: ['P80-303', 'P80-303', 'P80-304', 'P80-304'],
    lasts: ['P80-304'],
    turns: 0,
    undecided: false,
  },
  {
    name: 'until then both are shown',
    seen: ['P80-303', 'P80-303', 'P80-304'],
    lasts: ['P80-303', 'P80-304'],
    turns: 0,
    undecided: true,
  },
  {
    name: 'an address that is gone is good after two looks',
    seen: ['P80-303', 'P80-303', 'gone', 'gone'],
    lasts: [],
    turns: 0,
    undecided: false,
  },
  {
    name: 'and not after one',
    seen: ['P80-303', 'P80-303', 'gone'],
    lasts: ['P80-303'],
    turns: 0,
    undecided: true,
  },
]

t.test('what lasts after a row of looks', (t) => {
  for (const { name, seen, ...expected } of rows) {
    const memory = after(seen)
    const found = {
      lasts: lasting(memory).map(({ code }) => code),
      turns: turnsOf(memory),
      undecided: undecided(memory),
    }
    t.strictSame(found, expected, name)
  }
  t.end()
})

t.test('a finding began with the first look that saw it', (t) => {
  const [found] = lasting(after(['ok', 'P80-303', 'P80-303', 'P80-303']))
  t.match(found, { since: start + minute, lastSeen: start + 3 * minute, from: 'canary', code: 'P80-303' })
  t.end()
})

t.test('each leg and address has looks of its own', (t) => {
  const looks = [lookOf('P80-303'), lookOf(undefined, { at: 'istio-system/gateway-2', replica: 'port80-a' })]
  const first = damped(new Map(), looks, start)
  const memory = damped(first, [lookOf('P80-303', { leg: 'outside' }), ...looks], start + minute)
  t.strictSame(
    lasting(memory).map(({ code }) => code),
    ['P80-303'],
  )
  t.strictSame(
    legsOf(memory).map(({ leg, at, ok, code, replica }) => [leg, at, ok, code, replica]),
    [
      ['outside', 'istio-system/gateway-1', false, 'P80-303', undefined],
      ['inside', 'istio-system/gateway-1', false, 'P80-303', undefined],
      ['inside', 'istio-system/gateway-2', true, undefined, 'port80-a'],
    ],
  )
  t.end()
})

t.test('what both legs see is one finding; a leg that cannot be judged now stays as it was', (t) => {
  const inside = lookOf('P80-303')
  const outside = { ...inside, leg: 'outside', at: '203.0.113.1' } as const
  const twice = [0, minute].reduce<HostMemory>(
    (memory, later) => damped(memory, [inside, outside], start + later),
    new Map(),
  )
  t.equal(lasting(twice).length, 1)
  t.equal(legsOf(twice).length, 2)
  const dark = {
    host: inside.host,
    leg: 'outside',
    at: inside.host,
    unjudged: 'no DNS server answers',
  } as const
  const good = { host: inside.host, leg: inside.leg, at: inside.at }
  const after = [2, 3, 4].reduce<HostMemory>(
    (memory, later) => damped(memory, [good, dark], start + later * minute),
    twice,
  )
  t.match(lasting(after), [{ code: 'P80-303' }], 'of the outside leg nothing new is known')
  t.end()
})
