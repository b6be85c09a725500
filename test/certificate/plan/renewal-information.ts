import t from 'tap'
import { plan, type CertificateWorld } from '../../../src/certificate/plan.ts'
import {
  attemptRecord,
  certificate,
  day,
  hour,
  leaf,
  minute,
  now,
  record,
  renewalInfo,
  storedPair,
  unissued,
  world,
} from '../fixtures/builders.ts'
import {
  renewing,
  ari,
  withInfo,
  holds,
  order,
  rest,
  askInfo,
  renewsAt,
  failing,
  planRows,
} from '../fixtures/plan-rows.ts'

planRows('asking for renewal information', [
  {
    name: 'it was never asked',
    certificate: certificate({ desired: ari }),
    steps: [askInfo, rest('UpToDate', { until: renewsAt })],
  },
  {
    name: 'its time has come',
    certificate: withInfo({ askAgainAt: now }),
    steps: [askInfo, rest('UpToDate', { until: now + 11 * day })],
  },
  {
    name: 'its time has not come',
    certificate: withInfo({ askAgainAt: now + hour }),
    steps: [rest('UpToDate', { until: now + hour })],
  },
  { name: 'it is off', certificate: certificate(), steps: [rest('UpToDate', { until: renewsAt })] },
  {
    name: 'the CA wants to be left alone: not before the end of that',
    certificate: withInfo({ askAgainAt: now - day }),
    world: holds({ until: now + hour }),
    steps: [rest('UpToDate', { until: now + hour })],
  },
  {
    name: 'a limit of names does not concern it',
    certificate: withInfo({ askAgainAt: now }),
    world: holds({ kind: 'registeredDomain', value: 'example.com' }),
    steps: [askInfo, rest('UpToDate', { until: now + 11 * day })],
  },
  {
    name: 'an order is placed anyway',
    certificate: renewing({ desired: ari }),
    steps: [order('RenewalTime')],
  },
  {
    name: 'a renewal that waits after a failure: the window may have moved',
    certificate: renewing({ desired: ari, record: record(failing) }),
    steps: [askInfo, rest('BackingOff', { due: 'RenewalTime', until: now + hour })],
  },
  {
    name: 'the pair is of a CA that the configuration no longer names',
    certificate: certificate({
      desired: ari,
      stored: { pair: storedPair({ directory: 'https://old.example/' }), leaf: leaf() },
      record: record(failing),
    }),
    steps: [rest('BackingOff', { due: 'IssuerChanged', until: now + hour })],
  },
  { name: 'there is no pair', certificate: unissued({ desired: ari }), steps: [order('Placeholder')] },
])

t.test('a renewal by the clock is not followed by another one at once', async (t) => {
  const issuedJustNow = (
    why: 'RenewalWindow' | 'RenewalTime' | 'Missing',
    endedAt: number,
  ): CertificateWorld =>
    certificate({
      desired: ari,
      record: record({
        renewalInfo: renewalInfo({ chosenAt: now - day }),
        attempts: [attemptRecord({ why, outcome: 'issued', at: endedAt - minute, endedAt })],
      }),
    })
  const first = plan(world([issuedJustNow('Missing', now - minute)]))
  t.match(first.steps, [{ do: 'order', reason: 'RenewalWindow' }], 'a window that is over means now')
  const again = plan(world([issuedJustNow('RenewalWindow', now - minute)]))
  t.match(again.steps, [{ do: 'rest', reason: 'UpToDate' }], 'but not twice in a row')
  t.equal(again.nextWakeAt, now + 59 * minute)
  const later = plan(world([issuedJustNow('RenewalTime', now - hour)]))
  t.match(later.steps, [{ do: 'order', reason: 'RenewalWindow' }], 'an hour later it is')
})
