import {
  attemptRecord,
  certificate,
  hour,
  leaf,
  minute,
  now,
  record,
  request,
  storedPair,
  unissued,
} from '../fixtures/builders.ts'
import { renewing, holds, order, rest, drop, renewsAt, failing, planRows } from '../fixtures/plan-rows.ts'

planRows('requests of the command line', [
  { name: 'renew', certificate: certificate({ request: request() }), steps: [order('RenewalRequested')] },
  {
    name: 'renew what there is not',
    certificate: unissued({ request: request() }),
    steps: [order('Placeholder')],
  },
  {
    name: 'issue what is not due',
    certificate: certificate({ request: request({ do: 'issue' }) }),
    steps: [drop('nothing is due: the certificate is up to date'), rest('UpToDate', { until: renewsAt })],
  },
  {
    name: 'issue passes our own wait',
    certificate: renewing({ request: request({ do: 'issue' }), record: record(failing) }),
    steps: [order('RenewalTime')],
  },
  {
    name: 'issue passes our own stop',
    certificate: renewing({
      request: request({ do: 'issue' }),
      record: record({ ...failing, stoppedFor: 'configuration-1' }),
    }),
    steps: [order('RenewalTime')],
  },
  {
    name: 'renew does not pass a limit of the CA; the request stays',
    certificate: certificate({ request: request() }),
    world: holds({}),
    steps: [
      rest('LimitedByCa', { due: 'RenewalRequested', until: now + hour, detail: 'too many certificates' }),
    ],
  },
  {
    name: 'renew that a crash left behind after it was carried out orders nothing',
    certificate: certificate({
      request: request({ at: now - minute }),
      record: record({
        attempts: [attemptRecord({ outcome: 'issued', why: 'RenewalRequested', endedAt: now - 1 })],
      }),
    }),
    steps: [drop('it was carried out'), rest('UpToDate', { until: renewsAt })],
  },
  {
    name: 'issue that a crash left behind after it failed does not pass the wait again',
    certificate: renewing({
      request: request({ do: 'issue', at: now - minute }),
      record: record({ ...failing, attempts: [attemptRecord({ outcome: 'failed', endedAt: now - 1 })] }),
    }),
    steps: [drop('it was carried out'), rest('BackingOff', { due: 'RenewalTime', until: now + hour })],
  },
  {
    name: 'revoke comes before everything else',
    certificate: renewing({
      request: request({ do: 'revoke', revocationReason: 4 }),
      record: record({ pairs: [storedPair()] }),
    }),
    steps: [{ do: 'revoke', certificate: 'book', revocationReason: 4 }],
  },
  {
    name: 'revoke of what is revoked is dropped, and a new one is ordered',
    certificate: certificate({
      request: request({ do: 'revoke' }),
      record: record({ pairs: [storedPair({ revokedAt: now })] }),
      stored: { pair: storedPair({ revokedAt: now }), leaf: leaf() },
    }),
    steps: [drop('the certificate is revoked'), order('Revoked')],
  },
  {
    name: 'revoke of what there is not is dropped',
    certificate: unissued({ request: request({ do: 'revoke' }) }),
    steps: [drop('there is no certificate to revoke'), order('Placeholder')],
  },
  {
    name: 'a roll-over is no wish for a certificate',
    certificate: renewing({ request: request({ do: 'rollover' }), record: record(failing) }),
    steps: [
      drop('a key roll-over is asked of an account, not of a certificate'),
      rest('BackingOff', { due: 'RenewalTime', until: now + hour }),
    ],
  },
])
