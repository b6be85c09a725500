/** Which requests the client sends once more by itself. */
import t from 'tap'
import { retryDelay, type Tried } from '../../src/kube/retry.ts'

t.test('what the client sends again by itself', (t) => {
  const failure = { kind: 'unreachable', detail: '' } as const
  const base: Tried = { failure, tries: 1, idempotent: true, reusedSocket: true }
  const rows: [string, Partial<Tried>, number | undefined][] = [
    ['a read on a socket that the server had closed', {}, 0],
    ['the same a second time', { tries: 2 }, undefined],
    ['a read on a new socket', { reusedSocket: false }, undefined],
    ['a write that may have been carried out', { idempotent: false }, undefined],
    ['refused credentials, once', { failure: { kind: 'unauthorized', detail: '' }, idempotent: false }, 0],
    ['refused credentials, twice', { failure: { kind: 'unauthorized', detail: '' }, tries: 2 }, undefined],
    [
      'told to slow down',
      { failure: { kind: 'tooMany', detail: '', retryAfterMs: 3_000 }, idempotent: false },
      3_000,
    ],
    ['told to slow down without a time', { failure: { kind: 'tooMany', detail: '' }, tries: 3 }, 1_000],
    [
      'told to slow down for the fourth time',
      { failure: { kind: 'tooMany', detail: '' }, tries: 4 },
      undefined,
    ],
    ['a time-out', { failure: { kind: 'timedOut', detail: '' } }, undefined],
    ['a conflict', { failure: { kind: 'conflict', detail: '' } }, undefined],
  ]
  for (const [name, more, delay] of rows) t.equal(retryDelay({ ...base, ...more }), delay, name)
  t.end()
})
