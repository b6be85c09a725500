import t from 'tap'
import { isFirstOrder, wayIsWell } from '../../src/certificate/first-order.ts'
import type { Leaf } from '../../src/certificate/certificate.ts'
import type { StoredPair } from '../../src/state/records.ts'
import type { FailureReason } from '../../src/reason.ts'
import {
  attemptRecord,
  day,
  desired,
  directories,
  failure,
  leaf,
  minute,
  now,
  record,
  storedPair,
} from './fixtures/builders.ts'
import { readable } from './fixtures/readable.ts'

const later = now + minute

interface Row {
  readonly name: string
  readonly pair?: Partial<StoredPair>
  /** null: it does not parse. */
  readonly leaf?: Partial<Leaf> | null
  readonly domains?: readonly string[]
  readonly issuer?: string
  readonly first: boolean
}

const rows: readonly Row[] = [
  { name: 'a valid pair of the issuer with the names: a renewal', first: false },
  { name: 'in another spelling', leaf: { names: ['BOOK.example.com'] }, first: false },
  {
    name: 'with more names than are wanted',
    leaf: { names: ['book.example.com', 'old.example.com'] },
    first: false,
  },
  { name: 'a name is added', domains: ['book.example.com', 'shop.example.com'], first: true },
  { name: 'of another issuer', issuer: 'other', first: true },
  { name: 'of another directory', pair: { directory: directories.other }, first: true },
  { name: 'revoked', pair: { revokedAt: now - day }, first: true },
  { name: 'expired', leaf: { notAfter: now }, first: true },
  { name: 'not valid yet', leaf: { notBefore: now + 1 }, first: true },
  { name: 'key of another', leaf: { keyMatches: false }, first: true },
  { name: 'unreadable', leaf: null, first: true },
]

t.test('which orders nobody has seen succeed', (t) => {
  t.equal(isFirstOrder('main', desired(), undefined, now), true, 'no pair')
  for (const { name, pair, leaf: differs, domains, issuer = 'main', first } of rows) {
    const stored = { pair: storedPair(pair), leaf: differs === null ? undefined : leaf(differs ?? {}) }
    t.equal(isFirstOrder(issuer, desired(domains && { domains }), stored, now), first, name)
  }
  t.end()
})

t.test('a way that is well again ends the wait for the next look, and no other wait', (t) => {
  const failedWith = (reason: FailureReason) =>
    record({
      attempts: [attemptRecord({ outcome: 'failed', endedAt: now, failure: failure({ reason }) })],
      notBefore: later,
      backOff: { main: { failures: 0, notBefore: later }, other: { failures: 2, notBefore: later } },
    })
  const { notBefore, backOff } = wayIsWell(failedWith('PreflightFailed'))
  t.strictSame(
    { notBefore, backOff: Object.keys(backOff ?? {}) },
    { notBefore: undefined, backOff: ['other'] },
  )
  readable(t, wayIsWell(failedWith('PreflightFailed')))
  for (const reason of ['AcmeConnection', 'SelfCheckFailed'] as const) {
    const before = failedWith(reason)
    t.equal(wayIsWell(before), before, reason)
  }
  t.equal(wayIsWell(record()).notBefore, undefined)
  t.end()
})
