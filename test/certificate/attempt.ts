import t from 'tap'
import { begun, installed, issued, resumed, revoked } from '../../src/certificate/attempt.ts'
import type { CertificateRecord } from '../../src/state/records.ts'
import {
  attemptRecord,
  day,
  failure,
  hour,
  inFlight,
  minute,
  now,
  record,
  renewalInfo,
  storedPair,
} from './fixtures/builders.ts'
import { readable } from './fixtures/readable.ts'

const later = now + minute
const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    attemptRecord({
      at: now - index * hour,
      endedAt: now - index * hour + 1,
      outcome: 'failed',
      failure: failure(),
    }),
  )

t.test('an attempt begins', async (t) => {
  const order = inFlight({ why: 'RenewalTime', issuer: 'other' })
  const first = begun(record(), order, now)
  t.same(first.inFlight, order)
  t.same(first.attempts, [{ at: now, why: 'RenewalTime', issuer: 'other', outcome: 'running' }])
  t.equal(first.wantedSince, now)
  readable(t, first)

  const again = begun(first, inFlight({ orderUrl: 'https://main.example/order/2' }), later)
  t.equal(again.wantedSince, now, 'it was wanted since the first one')
  t.equal(again.inFlight?.orderUrl, 'https://main.example/order/2')
  t.match(again.attempts, [
    { at: later, outcome: 'running' },
    { at: now, outcome: 'failed', endedAt: later, failure: { reason: 'Aborted' } },
  ])
  readable(t, again)
  t.equal(begun(record({ attempts: numbered(10) }), order, now).attempts.length, 10, 'ten attempts are kept')
})

t.test(
  'the clock from wanted to installed starts anew for a renewal, whatever a crash left behind',
  async (t) => {
    const stale = record({ wantedSince: now - 2 * day, pairs: [storedPair({ issuedAt: now - 2 * day })] })
    t.equal(begun(stale, inFlight(), now).wantedSince, now)
    const waiting = record({ wantedSince: now - hour, pairs: [storedPair({ issuedAt: now - day })] })
    t.equal(begun(waiting, inFlight(), now).wantedSince, now - hour)
  },
)

t.test('an attempt that was cut off goes on as the same attempt', async (t) => {
  const cutOff = begun(record(), inFlight(), now)
  t.equal(resumed(cutOff, 'Missing', 'main', later), cutOff)
  const ended = record({ inFlight: inFlight(), attempts: numbered(10) })
  const next = resumed(ended, 'Missing', 'main', later)
  t.match(next.attempts[0], { at: later, why: 'Missing', issuer: 'main', outcome: 'running' })
  t.equal(next.attempts.length, 10)
  t.same(next.inFlight, ended.inFlight, 'the order stays')
})

t.test('a certificate is issued', async (t) => {
  const old = [1, 2, 3].map((each) => storedPair({ issuedAt: now - each * day }))
  const before: CertificateRecord = record({
    pairs: old,
    placeholder: { chainPem: 'c', keyPem: 'k' },
    wantedSince: now - hour,
    inFlight: inFlight(),
    renewalInfo: renewalInfo(),
    failures: 3,
    failingIssuer: 'main',
    failedFor: 'configuration-1',
    notBefore: later,
    stoppedFor: 'configuration-1',
    primaryStoppedFor: 'configuration-1',
    attempts: [attemptRecord(), ...numbered(2)],
  })
  const pair = storedPair({ issuedAt: now })
  const after = issued(before, pair, now)
  t.same(after.pairs, [pair, old[0], old[1]], 'the new pair first; three are kept')
  t.match(after.attempts[0], { outcome: 'issued', endedAt: now })
  t.equal(after.failures, 0)
  t.same(
    Object.keys(after).sort(),
    ['attempts', 'failures', 'pairs', 'placeholder', 'v', 'wantedSince'],
    'order, failures and the old window are forgotten; it is still wanted until it is installed',
  )
  readable(t, after)
})

t.test('the clock from wanted to installed', async (t) => {
  const after = installed(record({ wantedSince: now - 2_500 }), now)
  t.equal(after.wantedToInstalledSeconds, 2.5)
  t.equal(after.wantedSince, undefined)
  t.equal(installed(after, later), after, 'stops once')
})

t.test('a revocation', async (t) => {
  const first = storedPair({ chainPem: 'newer', keyPem: 'new' })
  const second = storedPair({ chainPem: 'older', keyPem: 'old' })
  const two = record({ pairs: [first, second] })
  t.same(revoked(two, first.chainPem, now).pairs, [{ ...first, revokedAt: now }, second])
  t.same(revoked(two, second.chainPem, now).pairs, [first, { ...second, revokedAt: now }], 'an older one')
  t.same(revoked(record(), first.chainPem, now), record(), 'of nothing changes nothing')
  const other = record({ pairs: [first], inFlight: inFlight({ keyPem: 'another' }) })
  t.same(revoked(other, first.chainPem, now).inFlight, other.inFlight, 'an order with another key goes on')
  const same = record({ pairs: [first], inFlight: inFlight({ keyPem: 'new' }) })
  t.equal(revoked(same, first.chainPem, now).inFlight, undefined, 'an order with the revoked key does not')
})
