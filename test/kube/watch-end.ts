/** What happens after each kind of end of a watch. */
import t from 'tap'
import { apiFailureKinds, type ApiFailureKind } from '../../src/kube/api-failure.ts'
import { afterEnd, wordsForEnd, type WatchEnd } from '../../src/kube/watch-end.ts'

const failedBy = (kind: ApiFailureKind, retryAfterMs?: number): WatchEnd => ({
  end: 'failed',
  failure: {
    kind,
    detail: `watch configmaps in namespace port80: ${kind}`,
    ...(retryAfterMs && { retryAfterMs }),
  },
})
const refused: WatchEnd = { end: 'refused', error: new Error('secret') }
const all: WatchEnd[] = [
  { end: 'closed' },
  { end: 'silent' },
  { end: 'torn' },
  refused,
  ...apiFailureKinds.map((kind) => failedBy(kind)),
]
const nameOf = (end: WatchEnd) => (end.end === 'failed' ? end.failure.kind : end.end)

t.test('an end in order after a watch that stayed open costs no time', (t) => {
  for (const end of [{ end: 'closed' }, { end: 'silent' }, failedBy('gone')] as const) {
    const next = afterEnd({ end, openMs: 10_000, before: 5, random: 1 })
    t.strictSame(next, { delayMs: 0, inRow: 0, freshCredentials: false }, nameOf(end))
  }
  t.end()
})

t.test('every end that comes soon waits, longer each time, never longer than ten seconds', (t) => {
  for (const end of all) {
    let inRow = 0
    let last = 0
    for (let turn = 0; turn < 40; turn++) {
      const next = afterEnd({ end, openMs: 9_999, before: inRow, random: 1 })
      t.ok(next.delayMs >= last && next.delayMs >= 100 && next.delayMs <= 10_000, nameOf(end))
      last = next.delayMs
      inRow = next.inRow
    }
    t.equal(last, 10_000, nameOf(end))
  }
  t.end()
})

t.test('chance spreads the replicas over half of the delay', (t) => {
  const end: WatchEnd = failedBy('unreachable')
  const delays = [0, 0.5, 1].map((random) => afterEnd({ end, openMs: 0, before: 6, random }).delayMs)
  t.strictSame(delays, [3_200, 4_800, 6_400])
  t.end()
})

t.test('what the server or a person has to do first is waited for', (t) => {
  const first = (end: WatchEnd) => afterEnd({ end, openMs: 0, before: 0, random: 0 })
  t.equal(first(failedBy('tooMany', 7_000)).delayMs, 7_000)
  t.equal(first(failedBy('unavailable', 3_000)).delayMs, 3_000)
  t.equal(first(failedBy('forbidden')).delayMs, 5_000)
  for (const end of all) t.equal(first(end).freshCredentials, nameOf(end) === 'unauthorized', nameOf(end))
  t.end()
})

t.test('every end has one line of ours', (t) => {
  for (const end of all) t.match(wordsForEnd(end), /^[\x20-\x7e]{5,400}$/, nameOf(end))
  t.notMatch(wordsForEnd(refused), /secret/, 'a bug’s message is for the log, not for a status')
  t.end()
})
