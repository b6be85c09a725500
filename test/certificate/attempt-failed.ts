import t from 'tap'
import { failed, failuresInARow, type FailedOutcome } from '../../src/certificate/attempt.ts'
import type { CertificateRecord } from '../../src/state/records.ts'
import {
  attemptRecord,
  day,
  desired,
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

const two = desired({ fallbackIssuer: 'other' })

interface Row {
  readonly name: string
  readonly before?: Partial<CertificateRecord>
  readonly desired?: typeof two
  readonly outcome?: Partial<FailedOutcome>
  readonly after: Partial<Record<keyof CertificateRecord, unknown>>
}

const stop = { do: 'stop' } as const
const at = (backOff: CertificateRecord['backOff']) => ({ backOff, failedFor: 'configuration-1' })
const until = (at: number) => ({ do: 'waitUntil', at }) as const

const rows: readonly Row[] = [
  {
    name: 'waits',
    outcome: { verdict: until(now + minute + 0.4) },
    after: { failures: 1, notBefore: now + minute, failingIssuer: 'main', failedFor: 'configuration-1' },
  },
  {
    name: 'is tried at once',
    outcome: { verdict: { do: 'retry' } },
    after: { notBefore: undefined, failures: 1 },
  },
  {
    name: 'stops',
    outcome: { verdict: stop },
    after: { stoppedFor: 'configuration-1', notBefore: undefined },
  },
  {
    name: 'that waits now does not stop any more',
    before: { stoppedFor: 'configuration-0' },
    after: { stoppedFor: undefined, notBefore: now + hour },
  },
  {
    name: 'does not wait for an older moment',
    before: { notBefore: now + day },
    outcome: { verdict: { do: 'retry' } },
    after: { notBefore: undefined },
  },
  {
    name: 'keeps an order that can still succeed',
    outcome: { keepOrder: true },
    after: { inFlight: inFlight() },
  },
  { name: 'forgets one that cannot', outcome: { keepOrder: false }, after: { inFlight: undefined } },
  {
    name: 'keeps what is stored',
    before: { pairs: [storedPair()], wantedSince: now - day, renewalInfo: renewalInfo() },
    after: { pairs: [storedPair()], wantedSince: now - day, renewalInfo: renewalInfo() },
  },
  {
    name: 'the second of the first issuer: waits',
    desired: two,
    outcome: { failures: 2 },
    after: { notBefore: now + hour },
  },
  {
    name: 'the third of the first issuer: the fallback is tried at once',
    desired: two,
    before: at({ main: { failures: 2 } }),
    outcome: { failures: 3, failuresAtIssuer: 3 },
    after: {
      failures: 3,
      notBefore: undefined,
      backOff: { main: { failures: 3, notBefore: now + hour } },
    },
  },
  {
    name: 'the third, without a fallback: waits',
    outcome: { failures: 3, failuresAtIssuer: 3 },
    after: { failures: 3, notBefore: now + hour },
  },
  {
    name: 'the first of the fallback: waits as long as that says, not as the first issuer does',
    desired: two,
    before: at({ main: { failures: 3, notBefore: now + 2 * hour } }),
    outcome: { failures: 4, issuer: 'other', verdict: until(now + minute) },
    after: {
      failures: 4,
      failingIssuer: 'other',
      notBefore: now + minute,
      backOff: {
        main: { failures: 3, notBefore: now + 2 * hour },
        other: { failures: 1, notBefore: now + minute },
      },
    },
  },
  {
    name: 'a later one of the fallback: the first issuer may come sooner',
    desired: two,
    before: at({ main: { failures: 3, notBefore: now + minute }, other: { failures: 2 } }),
    outcome: { failures: 6, failuresAtIssuer: 3, issuer: 'other' },
    after: { notBefore: now + minute },
  },
  {
    name: 'of the first issuer, with a fallback that is tried no more: waits',
    desired: two,
    before: at({ main: { failures: 3 }, other: { failures: 1, stopped: true } }),
    outcome: { failures: 5, failuresAtIssuer: 4 },
    after: { notBefore: now + hour, stoppedFor: undefined },
  },
  {
    name: 'counted as one, by a port80 that did not tell issuers apart: both have their turns',
    desired: two,
    before: { failures: 3, failingIssuer: 'main', failedFor: 'configuration-1', notBefore: now - 1 },
    outcome: { failures: 4, issuer: 'other', verdict: until(now + minute) },
    after: {
      notBefore: now - 1,
      backOff: {
        main: { failures: 3, notBefore: now - 1 },
        other: { failures: 1, notBefore: now + minute },
      },
    },
  },
  {
    name: 'counts of another configuration and of issuers that are wanted no more are forgotten',
    before: { backOff: { main: { failures: 7 }, gone: { failures: 2 } }, failedFor: 'configuration-0' },
    after: { backOff: { main: { failures: 1, notBefore: now + hour } } },
  },
  {
    name: 'a stop of the first issuer: the fallback is tried at once',
    desired: two,
    outcome: { verdict: stop },
    after: { failures: 1, primaryStoppedFor: 'configuration-1', stoppedFor: undefined, notBefore: undefined },
  },
  {
    name: 'a stop of the fallback stops all',
    desired: two,
    before: { primaryStoppedFor: 'configuration-1' },
    outcome: { verdict: stop, issuer: 'other' },
    after: { primaryStoppedFor: 'configuration-1', stoppedFor: 'configuration-1' },
  },
  {
    name: 'a stop of the fallback leaves the first issuer its turns',
    desired: two,
    before: at({ main: { failures: 3, notBefore: now + hour } }),
    outcome: { failures: 4, verdict: stop, issuer: 'other' },
    after: {
      stoppedFor: undefined,
      primaryStoppedFor: undefined,
      notBefore: now + hour,
      backOff: {
        main: { failures: 3, notBefore: now + hour },
        other: { failures: 1, stopped: true },
      },
    },
  },
  {
    name: 'a stop of the first issuer after one of the fallback stops all',
    desired: two,
    before: at({ main: { failures: 3 }, other: { failures: 1, stopped: true } }),
    outcome: { failures: 5, failuresAtIssuer: 4, verdict: stop },
    after: { stoppedFor: 'configuration-1' },
  },
  {
    name: 'a wait of the fallback does not bring back the first issuer that stopped',
    desired: two,
    before: { primaryStoppedFor: 'configuration-1' },
    outcome: { issuer: 'other', failures: 2 },
    after: { primaryStoppedFor: 'configuration-1', notBefore: now + hour },
  },
]

t.test('a failure', async (t) => {
  for (const { name, before, desired: wanted, outcome, after } of rows) {
    t.test(name, async (t) => {
      const known = record({ inFlight: inFlight(), attempts: [attemptRecord()], ...before })
      const next = failed(
        known,
        wanted ?? desired(),
        {
          failure: failure(),
          failures: 1,
          failuresAtIssuer: 1,
          verdict: until(now + hour),
          issuer: 'main',
          keepOrder: false,
          ...outcome,
        },
        now,
      )
      for (const [member, value] of Object.entries(after)) {
        t.same(next[member as keyof CertificateRecord], value, member)
      }
      t.match(next.attempts, [{ outcome: 'failed', endedAt: now, failure: { reason: 'AcmeConnection' } }])
      readable(t, next)
    })
  }
})

t.test('what is kept of a failure can be read back, and no more is kept', async (t) => {
  const told = failure({
    identifier: 'book.example.com',
    retryAt: now + 0.7,
    helpUrl: 'https://main.example/help',
    scope: { kind: 'issuer' },
  })
  const outcome = {
    failure: told,
    failures: 1,
    failuresAtIssuer: 1,
    verdict: stop,
    issuer: 'main',
    keepOrder: false,
  }
  const next = failed(record({ attempts: [attemptRecord()] }), desired(), outcome, now)
  t.same(next.attempts[0]?.failure, {
    reason: 'AcmeConnection',
    detail: 'connection refused',
    identifier: 'book.example.com',
    retryAt: now + 1,
    helpUrl: 'https://main.example/help',
  })
  readable(t, next)
})

t.test('failures in a row belong to a configuration', async (t) => {
  t.equal(failuresInARow(record({ failures: 4 }), two), 4, 'of records from before that was noted')
  t.equal(failuresInARow(record({ failures: 4, failedFor: two.fingerprint }), two), 4)
  t.equal(failuresInARow(record({ failures: 4, failedFor: 'configuration-0' }), two), 0)
})
