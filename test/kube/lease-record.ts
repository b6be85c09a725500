/** client-go's rules as a table: who may take a Lease when, by the candidate's own clock. */
import t from 'tap'
import {
  decide,
  defaultDurations,
  faultOfDurations,
  microTime,
  nextSpec,
  observed,
  releasedSpec,
  type LeaseDecision,
} from '../../src/kube/lease-record.ts'
import type { Lease } from '../../src/kube/object.ts'

const me = 'port80-worker-a pid 1 11111111'
const somebody = 'port80-worker-b pid 1 22222222'

function leaseOf(spec: NonNullable<Lease['spec']>, resourceVersion = '7'): Lease {
  return { metadata: { name: 'port80-worker', resourceVersion }, spec }
}

const theirs = leaseOf({ holderIdentity: somebody, leaseDurationSeconds: 15, leaseTransitions: 3 })

t.test('what a candidate does with what it saw', (t) => {
  const rows: [string, Lease | undefined, number, LeaseDecision][] = [
    ['there is none', undefined, 0, { do: 'create' }],
    ['nobody holds it', leaseOf({ leaseDurationSeconds: 1 }), 0, { do: 'take' }],
    ['an empty name holds it', leaseOf({ holderIdentity: '' }), 0, { do: 'take' }],
    ['somebody holds it, just seen', theirs, 0, { do: 'wait', until: 15_000 }],
    ['unchanged for a moment less than its duration', theirs, 14_999, { do: 'wait', until: 15_000 }],
    ['unchanged for its duration', theirs, 15_000, { do: 'take' }],
    ['it is ours: an answer was lost', leaseOf({ holderIdentity: me }), 0, { do: 'renew' }],
    [
      'its holder set a longer duration',
      leaseOf({ holderIdentity: somebody, leaseDurationSeconds: 60 }),
      15_000,
      { do: 'wait', until: 60_000 },
    ],
    ['a holder without a duration', leaseOf({ holderIdentity: somebody }), 0, { do: 'take' }],
    ['no text at all', { metadata: { resourceVersion: '7' } }, 0, { do: 'take' }],
  ]
  for (const [name, lease, now, decision] of rows) {
    t.strictSame(decide({ lease, since: 0 }, me, now), decision, name)
  }
  t.end()
})

t.test('the times in the record decide nothing: clocks of two machines differ', (t) => {
  const old = leaseOf({ ...theirs.spec, renewTime: '2001-01-01T00:00:00.000000Z' })
  const ahead = leaseOf({ ...theirs.spec, renewTime: '2999-01-01T00:00:00.000000Z' })
  for (const lease of [old, ahead]) {
    t.equal(decide({ lease, since: 100 }, me, 101).do, 'wait')
    t.equal(decide({ lease, since: 100 }, me, 15_100).do, 'take')
  }
  t.end()
})

t.test('the wait begins anew with every change, and only then', (t) => {
  const first = observed(undefined, theirs, 1_000)
  t.equal(first.since, 1_000)
  t.equal(observed(first, theirs, 9_000).since, 1_000)
  const renewed = leaseOf(theirs.spec ?? {}, '8')
  t.equal(observed(first, renewed, 9_000).since, 9_000)
  t.equal(observed(first, undefined, 9_000).since, 9_000)
  t.equal(observed(observed(undefined, undefined, 1), undefined, 2).since, 1)
  t.end()
})

t.test('the next record: who, since when, and the how-manieth', (t) => {
  const wall = Date.UTC(2026, 10, 24, 10, 0, 0, 120)
  const renewTime = '2026-11-24T10:00:00.120000Z'
  const rest = { holderIdentity: me, leaseDurationSeconds: 15, renewTime }
  const ours = leaseOf({
    holderIdentity: me,
    acquireTime: '2026-11-24T09:00:00.000000Z',
    leaseTransitions: 4,
  })
  t.strictSame(
    nextSpec(undefined, me, defaultDurations, wall),
    { ...rest, acquireTime: renewTime, leaseTransitions: 0 },
    'made',
  )
  t.strictSame(
    nextSpec(theirs, me, defaultDurations, wall),
    { ...rest, acquireTime: renewTime, leaseTransitions: 4 },
    'taken',
  )
  t.strictSame(
    nextSpec(ours, me, defaultDurations, wall),
    { ...rest, acquireTime: '2026-11-24T09:00:00.000000Z', leaseTransitions: 4 },
    'renewed',
  )
  const released = releasedSpec(ours, wall)
  t.notOk('holderIdentity' in released)
  t.match(released, { leaseDurationSeconds: 1, leaseTransitions: 4 })
  t.equal(microTime(wall), renewTime)
  t.end()
})

t.test('durations that leave no room are refused', (t) => {
  const rows: [string, typeof defaultDurations, RegExp | undefined][] = [
    ['the defaults', { lease: 15_000, renewDeadline: 10_000, retryPeriod: 2_000 }, undefined],
    ['no whole seconds', { lease: 15_500, renewDeadline: 10_000, retryPeriod: 2_000 }, /whole number/],
    ['less than a second', { lease: 0, renewDeadline: 10_000, retryPeriod: 2_000 }, /whole number/],
    ['a deadline as long', { lease: 10_000, renewDeadline: 10_000, retryPeriod: 2_000 }, /renew deadline/],
    ['a retry period as long', { lease: 15_000, renewDeadline: 2_000, retryPeriod: 2_000 }, /retry period/],
  ]
  for (const [name, durations, fault] of rows) {
    const found = faultOfDurations(durations)
    if (fault === undefined) t.equal(found, undefined, name)
    else t.match(found, fault, name)
  }
  t.strictSame(defaultDurations, { lease: 15_000, renewDeadline: 10_000, retryPeriod: 2_000 }, "client-go's")
  t.end()
})
