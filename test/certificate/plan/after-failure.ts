import {
  certificate,
  day,
  desired,
  hour,
  inFlight,
  minute,
  now,
  record,
  unissued,
} from '../fixtures/builders.ts'
import { renewing, holds, order, rest, renewsAt, planRows } from '../fixtures/plan-rows.ts'

planRows('after failures and under limits', [
  {
    name: 'after a failure it waits',
    certificate: renewing({
      record: record({ failures: 1, failedFor: 'configuration-1', notBefore: now + 1 }),
    }),
    steps: [rest('BackingOff', { due: 'RenewalTime', until: now + 1 })],
  },
  {
    name: 'until the moment comes',
    certificate: renewing({ record: record({ failures: 1, failedFor: 'configuration-1', notBefore: now }) }),
    steps: [order('RenewalTime')],
  },
  {
    name: 'a changed configuration does not wait',
    certificate: renewing({
      record: record({ failures: 1, failedFor: 'configuration-0', notBefore: now + day }),
    }),
    steps: [order('RenewalTime')],
  },
  {
    name: 'a wait of years was computed by a clock that stood wrong',
    certificate: renewing({
      record: record({ failures: 1, failedFor: 'configuration-1', notBefore: now + 900 * day }),
    }),
    steps: [order('RenewalTime')],
  },
  {
    name: 'a hopeless failure stops it',
    certificate: renewing({
      record: record({ failures: 1, failedFor: 'configuration-1', stoppedFor: 'configuration-1' }),
    }),
    steps: [rest('StoppedUntilConfigChanges', { due: 'RenewalTime' })],
  },
  {
    name: 'until the configuration changes',
    certificate: renewing({
      record: record({ failures: 1, failedFor: 'configuration-0', stoppedFor: 'configuration-0' }),
    }),
    steps: [order('RenewalTime')],
  },
  {
    name: 'what failed before does not matter while nothing is due',
    certificate: certificate({
      record: record({ failures: 1, stoppedFor: 'configuration-1', notBefore: now + minute }),
    }),
    steps: [rest('UpToDate', { until: renewsAt })],
  },
  {
    name: 'a limit of the CA that covers it',
    certificate: renewing(),
    world: holds({ until: now + hour }),
    steps: [rest('LimitedByCa', { due: 'RenewalTime', until: now + hour, detail: 'too many certificates' })],
  },
  {
    name: 'a limit of the CA for another name',
    certificate: renewing(),
    world: holds({ kind: 'registeredDomain', value: 'example.net' }),
    steps: [order('RenewalTime')],
  },
  {
    name: 'a limit at the first issuer, and a fallback',
    certificate: unissued({ desired: desired({ fallbackIssuer: 'other' }) }),
    world: holds({}),
    steps: [order('Placeholder', { issuer: 'other' })],
  },
  {
    name: 'an order at a limited issuer does not go on at the fallback: a new one is placed there',
    certificate: unissued({
      desired: desired({ fallbackIssuer: 'other' }),
      record: record({ inFlight: inFlight(), placeholder: { chainPem: 'c', keyPem: 'k' } }),
    }),
    world: holds({}),
    steps: [order('Missing', { issuer: 'other' })],
  },
])
