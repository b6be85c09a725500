import t from 'tap'
import { decidePreflight } from '../../src/reach/preflight.ts'
import type { LegLook } from '../../src/reach/leg-look.ts'
import { findingOf, host, lookOf } from './fixtures/looks.ts'

interface Row {
  readonly name: string
  readonly looks: readonly LegLook[]
  readonly refused: boolean
  readonly codes: readonly string[]
}

const outside = { leg: 'outside', at: '192.0.2.1' } as const

const rows: readonly Row[] = [
  { name: 'nothing could be looked at', looks: [], refused: false, codes: [] },
  { name: 'all is well', looks: [lookOf(), lookOf(undefined, outside)], refused: false, codes: [] },
  {
    name: 'the gateway redirects',
    looks: [lookOf('P80-303'), lookOf(undefined, outside)],
    refused: true,
    codes: ['P80-303'],
  },
  {
    name: 'only the hairpin fails: not judged',
    looks: [lookOf(), lookOf('P80-312', outside)],
    refused: false,
    codes: ['P80-312'],
  },
  {
    name: 'a hairpin beside an error',
    looks: [lookOf('P80-301'), lookOf('P80-312', outside)],
    refused: true,
    codes: ['P80-301', 'P80-312'],
  },
  {
    name: 'two pods behind one route are one finding',
    looks: [lookOf('P80-303'), lookOf('P80-303', { at: 'istio-system/gateway-2' })],
    refused: true,
    codes: ['P80-303'],
  },
]

t.test('require refuses for errors alone, warn never does', (t) => {
  for (const { name, looks, refused, codes } of rows) {
    const required = decidePreflight('require', looks)
    t.equal(required.do, refused ? 'refuse' : 'goOn', name)
    t.strictSame(
      required.findings.map(({ code }) => code),
      codes,
      `${name}: findings`,
    )
    t.equal(decidePreflight('warn', looks).do, 'goOn', `${name}: warn`)
  }
  t.end()
})

t.test('a refusal says what was seen where and what to do', (t) => {
  const looks = [lookOf('P80-303'), lookOf('P80-310', outside)]
  const decision = decidePreflight('require', looks)
  t.match(decision, {
    host,
    detail:
      'P80-303 Gateway istio-system/public: 301 by Envoy (also P80-310); to mend it: kubectl -n istio-system patch gateway public',
  })
  t.end()
})

t.test('a refusal is bounded and printable', (t) => {
  const finding = findingOf('P80-303', { seen: `é\n${'x'.repeat(600)}` })
  const decision = decidePreflight('require', [{ ...lookOf(), finding }])
  t.equal(decision.do, 'refuse')
  const detail = decision.do === 'refuse' ? decision.detail : ''
  t.equal(detail.length, 500)
  t.match(detail, /^[\x20-\x7e]+$/)
  t.end()
})
