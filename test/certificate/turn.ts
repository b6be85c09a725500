import t from 'tap'
import type { Hold } from '../../src/certificate/hold.ts'
import type { CertificateWorld } from '../../src/certificate/plan.ts'
import { outlookOf } from '../../src/certificate/outlook.ts'
import { chooseIssuer } from '../../src/certificate/turn.ts'
import type { CertificateRecord, InFlightRecord } from '../../src/state/records.ts'
import {
  attemptRecord,
  certificate,
  day,
  desired,
  directories,
  hold,
  hour,
  inFlight,
  leaf,
  minute,
  now,
  record,
  request,
  storedPair,
  unissued,
  world,
} from './fixtures/builders.ts'

const two = desired({ fallbackIssuer: 'other' })

interface Row {
  readonly name: string
  readonly certificate: CertificateWorld
  readonly holds?: Readonly<Record<string, readonly Hold[]>>
  readonly issuer: string
  readonly held?: boolean
}

const at = (record: CertificateRecord, differs: Partial<CertificateWorld> = {}): CertificateWorld =>
  unissued({ desired: two, record, ...differs })
const failed = (main: number, other = 0, differs: Partial<CertificateRecord> = {}): CertificateWorld =>
  at(
    record({
      failures: main + other,
      failedFor: two.fingerprint,
      failingIssuer: other > 0 ? 'other' : 'main',
      backOff: { main: { failures: main }, ...(other > 0 && { other: { failures: other } }) },
      ...differs,
    }),
  )
const waiting = (main: number, other: number): Partial<CertificateRecord> => ({
  backOff: {
    main: { failures: 4, notBefore: now + main },
    other: { failures: 2, notBefore: now + other },
  },
})

const cutOff = (differs: Partial<InFlightRecord>): CertificateWorld =>
  at(record({ inFlight: inFlight(differs), attempts: [attemptRecord()] }))
const atOther = { issuer: 'other', directory: directories.other }

const rows: readonly Row[] = [
  { name: 'the first issuer, when there is no other', certificate: unissued(), issuer: 'main' },
  { name: 'the first issuer, when nothing failed', certificate: failed(0), issuer: 'main' },
  { name: 'the first issuer after one failure', certificate: failed(1), issuer: 'main' },
  { name: 'the first issuer after two', certificate: failed(2), issuer: 'main' },
  { name: 'the fallback after three', certificate: failed(3), issuer: 'other' },
  { name: 'the first again after one of the fallback', certificate: failed(3, 1), issuer: 'main' },
  {
    name: 'the fallback again after four of the first',
    certificate: failed(4, 1, { failingIssuer: 'main' }),
    issuer: 'other',
  },
  {
    name: 'whichever was to wait less: the fallback',
    certificate: failed(4, 2, waiting(-minute, -hour)),
    issuer: 'other',
  },
  {
    name: 'whichever was to wait less: the first',
    certificate: failed(4, 2, waiting(-hour, -minute)),
    issuer: 'main',
  },
  {
    name: 'the first, once the fallback said that it is hopeless',
    certificate: failed(4, 1, { backOff: { main: { failures: 4 }, other: { failures: 1, stopped: true } } }),
    issuer: 'main',
  },
  {
    name: 'by one count of all, after three: the fallback',
    certificate: at(record({ failures: 3, failedFor: two.fingerprint, failingIssuer: 'main' })),
    issuer: 'other',
  },
  {
    name: 'by one count of all, after four: the first',
    certificate: at(record({ failures: 4, failedFor: two.fingerprint, failingIssuer: 'other' })),
    issuer: 'main',
  },
  {
    name: 'the first after any number, when there is no other',
    certificate: unissued({ record: record({ failures: 3 }) }),
    issuer: 'main',
  },
  {
    name: 'the first after three failures of another configuration',
    certificate: at(record({ failures: 3, failedFor: 'configuration-0' })),
    issuer: 'main',
  },
  {
    name: 'the fallback once the first said that it is hopeless',
    certificate: at(record({ failures: 1, primaryStoppedFor: two.fingerprint, failedFor: two.fingerprint })),
    issuer: 'other',
  },
  {
    name: 'the first, when it was hopeless with another configuration',
    certificate: at(
      record({ failures: 1, primaryStoppedFor: 'configuration-0', failedFor: 'configuration-0' }),
    ),
    issuer: 'main',
  },
  {
    name: 'the first, when it was hopeless and the operator asks again',
    certificate: at(record({ failures: 1, primaryStoppedFor: two.fingerprint, failedFor: two.fingerprint }), {
      request: request({ do: 'issue' }),
    }),
    issuer: 'main',
  },
  { name: 'where an order was cut off: the fallback', certificate: cutOff(atOther), issuer: 'other' },
  { name: 'where an order was cut off: the first', certificate: cutOff({}), issuer: 'main' },
  {
    name: 'not where an order was cut off that is no longer wanted',
    certificate: cutOff({ ...atOther, domains: ['old.example.com'] }),
    issuer: 'main',
  },
  {
    name: 'not where an order failed and is kept',
    certificate: at(
      record({
        failures: 4,
        failedFor: two.fingerprint,
        failingIssuer: 'other',
        inFlight: inFlight(atOther),
        attempts: [attemptRecord({ outcome: 'failed', endedAt: now })],
      }),
    ),
    issuer: 'main',
  },
  {
    name: 'the first although it is limited, when there is no other',
    certificate: unissued(),
    holds: { main: [hold()] },
    issuer: 'main',
    held: true,
  },
  {
    name: 'the fallback while the first is limited',
    certificate: failed(0),
    holds: { main: [hold()] },
    issuer: 'other',
  },
  {
    name: 'the first while the fallback is limited, in the turn of the fallback',
    certificate: failed(3),
    holds: { other: [hold()] },
    issuer: 'main',
  },
  {
    name: 'not a fallback that is backing off, while the first is limited',
    certificate: failed(1, 1, waiting(0, minute)),
    holds: { main: [hold()] },
    issuer: 'main',
    held: true,
  },
  {
    name: 'neither, while both are limited',
    certificate: failed(0),
    holds: { main: [hold()], other: [hold()] },
    issuer: 'main',
    held: true,
  },
  {
    name: 'a limit of another name does not count',
    certificate: failed(0),
    holds: { main: [hold({ kind: 'identifier', value: 'else.example.com' })] },
    issuer: 'main',
  },
  {
    name: 'a limit that has ended does not count',
    certificate: failed(0),
    holds: { main: [hold({ until: now })] },
    issuer: 'main',
  },
  {
    name: 'not the first, when it is hopeless and the fallback is limited: it waits',
    certificate: at(record({ failures: 1, primaryStoppedFor: two.fingerprint, failedFor: two.fingerprint })),
    holds: { other: [hold()] },
    issuer: 'other',
    held: true,
  },
  {
    name: 'a renewal waits for the end of a limit that the certificate outlives',
    certificate: certificate({ desired: two }),
    holds: { main: [hold({ until: now + 59 * day })] },
    issuer: 'main',
    held: true,
  },
  {
    name: 'a renewal goes to the fallback for a limit that the certificate does not outlive',
    certificate: certificate({
      desired: two,
      stored: { pair: storedPair(), leaf: leaf({ notAfter: now + minute }) },
    }),
    holds: { main: [hold({ until: now + hour })] },
    issuer: 'other',
  },
  {
    name: 'a revoked certificate outlives nothing',
    certificate: certificate({
      desired: two,
      stored: { pair: storedPair({ revokedAt: now }), leaf: leaf() },
    }),
    holds: { main: [hold()] },
    issuer: 'other',
  },
  {
    name: 'nor does one with another key',
    certificate: certificate({
      desired: two,
      stored: { pair: storedPair(), leaf: leaf({ keyMatches: false }) },
    }),
    holds: { main: [hold()] },
    issuer: 'other',
  },
]

t.test('the issuer of the next order', async (t) => {
  for (const { name, certificate, holds, issuer, held: waits } of rows) {
    t.test(name, async (t) => {
      const held = world([certificate], { holds: new Map(Object.entries(holds ?? {})) })
      const chosen = chooseIssuer(certificate, outlookOf(held), now)
      t.equal(chosen.issuer, issuer)
      t.equal(chosen.wait !== undefined, waits === true)
    })
  }
})
