import t from 'tap'
import type { CertificateWorld, Step } from '../../src/certificate/plan.ts'
import { orderReasons, restReasons, type RestReason } from '../../src/reason.ts'
import { because, describeNext } from '../../src/status/next.ts'
import {
  attemptRecord,
  certificate,
  day,
  desired,
  failure,
  hour,
  installed,
  leaf,
  minute,
  now,
  record,
  renewalInfo,
  storedPair,
} from '../certificate/fixtures/builders.ts'

const resting = (reason: RestReason, differs: Partial<Extract<Step, { do: 'rest' }>> = {}): Step => ({
  do: 'rest',
  certificate: 'book',
  reason,
  ...differs,
})
const failed = (failures: number): Partial<CertificateWorld> => ({
  record: record({
    failures,
    attempts: [
      attemptRecord({ outcome: 'running' }),
      attemptRecord({ outcome: 'failed', failure: failure({ reason: 'AcmeDns' }) }),
      attemptRecord({ outcome: 'failed', failure: failure({ reason: 'AcmeCaa' }) }),
    ],
  }),
})
const window = {
  desired: desired({ renewal: { ari: true } }),
  record: record({ renewalInfo: renewalInfo() }),
}
const lacking = [installed({ leaf: leaf({ fingerprint: 'dd'.repeat(32) }) })]
const other: Step = { do: 'install', certificate: 'book', what: 'pair', destinations: ['/certificates'] }

interface Row {
  readonly name: string
  readonly certificate?: Partial<CertificateWorld>
  readonly steps: readonly Step[]
  readonly next: { readonly reason: string; readonly text: RegExp; readonly at?: number | undefined }
}

const rows: readonly Row[] = [
  {
    name: 'an order',
    steps: [other, { do: 'order', certificate: 'book', issuer: 'main', reason: 'Missing', resume: false }],
    next: {
      reason: 'Missing',
      text: /^An order is placed at main now, because there is no certificate yet\.$/,
      at: now,
    },
  },
  {
    name: 'an order that goes on',
    steps: [{ do: 'order', certificate: 'book', issuer: 'other', reason: 'RenewalTime', resume: true }],
    next: { reason: 'RenewalTime', text: /^The order in flight goes on at other now/, at: now },
  },
  {
    name: 'a revocation',
    steps: [{ do: 'revoke', certificate: 'book', revocationReason: 1 }],
    next: { reason: 'Revoked', text: /revoked at the CA now, and a new one is ordered/, at: now },
  },
  {
    name: 'up to date',
    steps: [resting('UpToDate', { until: now + day })],
    next: {
      reason: 'UpToDate',
      text: /^It is up to date and renewed when its renewal time comes\.$/,
      at: now + day,
    },
  },
  {
    name: 'up to date, by the window of the CA',
    certificate: window,
    steps: [resting('UpToDate', { until: now + hour })],
    next: { reason: 'UpToDate', text: /at the moment chosen in the CA’s window/, at: now + hour },
  },
  {
    name: 'up to date, while it is being installed',
    certificate: {
      installed: lacking,
      stored: { pair: storedPair({ issuedAt: now - minute + 1 }), leaf: leaf() },
    },
    steps: [other, resting('UpToDate')],
    next: { reason: 'UpToDate', text: /^It is up to date/ },
  },
  {
    name: 'up to date, and not to be installed',
    certificate: {
      installed: lacking,
      stored: { pair: storedPair({ issuedAt: now - minute }), leaf: leaf() },
    },
    steps: [other, resting('UpToDate', { until: now + day })],
    next: {
      reason: 'DestinationFailed',
      text: /not in every destination; that is tried again/,
      at: now + day,
    },
  },
  {
    name: 'a wait after one failure: the reason is that of the last failure',
    certificate: failed(1),
    steps: [resting('BackingOff', { until: now + minute, due: 'Missing' })],
    next: { reason: 'AcmeDns', text: /^It is tried again after a failure\.$/, at: now + minute },
  },
  {
    name: 'a wait after several',
    certificate: failed(4),
    steps: [resting('BackingOff', { until: now + minute, due: 'Missing' })],
    next: { reason: 'AcmeDns', text: /after 4 failures in a row/, at: now + minute },
  },
  {
    name: 'a limit of the CA',
    steps: [resting('LimitedByCa', { until: now + day, due: 'Missing' })],
    next: { reason: 'LimitedByCa', text: /^The CA asked to be left alone/, at: now + day },
  },
  {
    name: 'no room within a limit, by our own count',
    steps: [resting('OverBudget', { until: now + day, due: 'Missing', detail: 'newOrders: none is left' })],
    next: {
      reason: 'OverBudget',
      text: /^An order would cross a limit of the CA \(newOrders: none is left\); it is placed as soon as it fits\.$/,
      at: now + day,
    },
  },
  {
    name: 'a stop names the command that ends it',
    certificate: failed(1),
    steps: [resting('StoppedUntilConfigChanges', { due: 'Missing' })],
    next: {
      reason: 'AcmeDns',
      text: /until the configuration changes, or until: port80 issue book$/,
      at: undefined,
    },
  },
  {
    name: 'a stop of which the failure is not known any more',
    steps: [resting('StoppedUntilConfigChanges', { due: 'Missing' })],
    next: { reason: 'StoppedUntilConfigChanges', text: /^Nothing is tried/ },
  },
  {
    name: 'every destination refuses: no moment, it is looked at all the time',
    steps: [resting('DestinationsRefused', { due: 'Missing', detail: '/certificates: is a folder' })],
    next: {
      reason: 'DestinationsRefused',
      text: /^Its place holds .* nothing is ordered before it may be written/,
    },
  },
  {
    name: 'each of several refuses',
    certificate: { installed: ['/a', '/b'].map((destination) => ({ destination, state: 'foreign' })) },
    steps: [resting('DestinationsRefused')],
    next: {
      reason: 'DestinationsRefused',
      text: /^Each of its 2 places .* before one of them may be written/,
    },
  },
  {
    name: 'an order under way',
    steps: [resting('OrderInFlight')],
    next: { reason: 'OrderInFlight', text: /under way/ },
  },
  {
    name: 'another leads',
    steps: [resting('NotLeader')],
    next: { reason: 'NotLeader', text: /Another worker leads/ },
  },
  { name: 'no plan', steps: [], next: { reason: 'NotLeader', text: /^Nothing is planned\.$/ } },
]

t.test('what happens next, in words', async (t) => {
  for (const { name, certificate: differs, steps, next } of rows) {
    t.test(name, async (t) => {
      const told = describeNext(certificate(differs), steps, now)
      t.equal(told.reason, next.reason)
      t.match(told.text, next.text)
      t.equal(told.at, next.at)
    })
  }
  const seen = rows.flatMap(({ steps }) => steps).map((step) => step.do === 'rest' && step.reason)
  t.same(
    restReasons.filter((reason) => !seen.includes(reason)),
    [],
    'every reason to rest has a row',
  )
})

t.test('every reason to order ends a sentence', async (t) => {
  t.same(Object.keys(because).sort(), [...orderReasons].sort())
  for (const reason of orderReasons) t.match(because[reason], /^[a-z].*[a-z]$/, reason)
})
