import {
  attemptRecord,
  certificate,
  desired,
  inFlight,
  minute,
  now,
  record,
  unissued,
} from '../fixtures/builders.ts'
import { placeholder, order, rest, renewsAt, planRows } from '../fixtures/plan-rows.ts'

planRows('an order in flight', [
  {
    name: 'an order in flight goes on, for the reason it was begun for',
    certificate: unissued({
      record: record({
        inFlight: inFlight({ why: 'RenewalRequested' }),
        placeholder: { chainPem: 'c', keyPem: 'k' },
      }),
    }),
    steps: [order('RenewalRequested', { resume: true })],
  },
  {
    name: 'it goes on although the pair is not due by itself (a requested renewal that was cut off)',
    certificate: certificate({ record: record({ inFlight: inFlight({ why: 'RenewalRequested' }) }) }),
    steps: [order('RenewalRequested', { resume: true })],
  },
  {
    name: 'a changed configuration replaces it',
    certificate: unissued({
      desired: desired({ domains: ['book.example.com', 'www.example.com'] }),
      record: record({ inFlight: inFlight(), placeholder: { chainPem: 'c', keyPem: 'k' } }),
    }),
    steps: [order('Placeholder')],
  },
  {
    name: 'a changed configuration ends it when the pair is what is wanted now',
    certificate: certificate({ record: record({ inFlight: inFlight({ domains: ['else.example.com'] }) }) }),
    steps: [rest('UpToDate', { until: renewsAt })],
  },
  {
    name: 'an order that is kept after a failure waits like any other',
    certificate: unissued({
      record: record({
        inFlight: inFlight(),
        failures: 1,
        failedFor: 'configuration-1',
        notBefore: now + minute,
        placeholder: { chainPem: 'c', keyPem: 'k' },
      }),
    }),
    steps: [rest('BackingOff', { due: 'Missing', until: now + minute })],
  },
  {
    name: 'an order at the first issuer does not go on in the turn of the fallback',
    certificate: unissued({
      desired: desired({ fallbackIssuer: 'other' }),
      record: record({
        inFlight: inFlight(),
        failures: 3,
        failedFor: 'configuration-1',
        attempts: [attemptRecord({ outcome: 'failed' })],
      }),
    }),
    steps: [placeholder, order('Missing', { issuer: 'other' })],
  },
])
