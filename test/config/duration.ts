import fc from 'fast-check'
import t from 'tap'
import { formatDuration, parseDuration } from '../../src/config/duration.ts'

const rows: { text: string; ms: number | undefined }[] = [
  { text: '0s', ms: 0 },
  { text: '100ms', ms: 100 },
  { text: '90s', ms: 90_000 },
  { text: '5m', ms: 300_000 },
  { text: '12h', ms: 43_200_000 },
  { text: '30d', ms: 2_592_000_000 },
  { text: '', ms: undefined },
  { text: '5', ms: undefined },
  { text: '1.5h', ms: undefined },
  { text: '-1s', ms: undefined },
  { text: '1 h', ms: undefined },
  { text: '1H', ms: undefined },
  { text: '1w', ms: undefined },
  { text: '1h30m', ms: undefined },
  { text: '1000000s', ms: undefined },
]

for (const { text, ms } of rows) {
  t.test(`"${text}" is ${ms === undefined ? 'no duration' : `${ms} ms`}`, (t) => {
    t.equal(parseDuration(text), ms)
    t.end()
  })
}

const written: { ms: number; text: string }[] = [
  { ms: 0, text: '0ms' },
  { ms: 1, text: '1ms' },
  { ms: 60_000, text: '1m' },
  { ms: 5_400_000, text: '90m' },
  { ms: 43_200_000, text: '12h' },
  { ms: 172_800_000, text: '2d' },
]

for (const { ms, text } of written) {
  t.test(`${ms} ms is written ${text}`, (t) => {
    t.equal(formatDuration(ms), text)
    t.end()
  })
}

t.test('what is written is read back', (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 999_999 }),
      fc.constantFrom(1, 1_000, 60_000, 3_600_000, 86_400_000),
      (n, unit) => {
        const ms = n * unit
        const text = formatDuration(ms)
        // A long time of an odd length has more digits than the file takes.
        return text.length > 8 || parseDuration(text) === ms
      },
    ),
  )
  t.end()
})
