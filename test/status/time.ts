import t from 'tap'
import { isoTime, relative, span, utc } from '../../src/status/time.ts'
import { now } from './fixtures/page-snapshots.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

t.test('spans', async (t) => {
  const rows = [
    { ms: 0, text: '0 s' },
    { ms: 300, text: '0.3 s' },
    { ms: 7_400, text: '7.4 s' },
    { ms: 12_300, text: '12 s' },
    { ms: minute, text: '1 min' },
    { ms: 80 * second, text: '1 min 20 s' },
    { ms: hour, text: '1 h' },
    { ms: 2 * hour + 5 * minute + 59 * second, text: '2 h 5 min' },
    { ms: day, text: '1 d' },
    { ms: 3 * day + 4 * hour, text: '3 d 4 h' },
    { ms: 10 * day + 3 * hour, text: '10 d' },
    { ms: 61 * day + 23 * hour, text: '62 d' },
    { ms: -5, text: '0 s' },
  ]
  for (const { ms, text } of rows) t.equal(span(ms), text, `${ms} ms`)
})

t.test('relative moments', async (t) => {
  const rows = [
    { at: now, text: 'now' },
    { at: now + 400, text: 'now' },
    { at: now + 42 * second, text: 'in 42 s' },
    { at: now - 12 * second, text: '12 s ago' },
    { at: now + 31 * day, text: 'in 31 d' },
    { at: now - 95 * day, text: '95 d ago' },
  ]
  for (const { at, text } of rows) t.equal(relative(at, now), text)
})

t.test('absolute moments show seconds where they matter', async (t) => {
  t.equal(utc(now + 42 * second, now), '2027-03-09 10:15:42 UTC')
  t.equal(utc(now - 23 * hour, now), '2027-03-08 11:15:00 UTC')
  t.equal(utc(now + 31 * day, now), '2027-04-09 10:15 UTC')
})

t.test('a moment that no calendar holds does not throw', async (t) => {
  for (const at of [Number.MAX_SAFE_INTEGER, -1]) t.match(isoTime(at), /^\d{4}-\d\d-\d\dT/)
})
