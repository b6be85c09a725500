import t from 'tap'
import { newsBetween, type News } from '../../src/kube/events-of-change.ts'
import type { AttemptStatus, CertificateStatus } from '../../src/status/snapshot.ts'
import { book, now } from '../status/fixtures/page-snapshots.ts'

const minute = 60_000
const secret = 'Secret istio-system/book'

const at = (state: CertificateStatus['destinations'][number]['state'], fault?: string) => ({
  destinations: [{ id: secret, state, ...(fault !== undefined && { fault }) }],
})

const attempt = (more: Partial<AttemptStatus>): AttemptStatus => ({
  ...{
    at: now - 2 * minute,
    endedAt: now - minute,
    why: 'Missing',
    issuer: 'letsencrypt',
    outcome: 'issued',
  },
  ...more,
})

const { current: _current, renewal: _renewal, ...bare } = book
const wanted: CertificateStatus = {
  ...{ ...bare, ...at('absent'), state: 'missing', reason: 'Missing', attempts: [] },
  next: 'An order is placed.',
}
const placeholder: CertificateStatus = { ...wanted, ...at('placeholder'), state: 'placeholder' }
const issued: CertificateStatus = { ...book, ...at('installed'), attempts: [attempt({})] }
const renewal = attempt({ at: now - minute / 2, endedAt: now, why: 'RenewalWindow' })
const renewed: CertificateStatus = {
  ...issued,
  current: { ...book.current!, serial: '2B' },
  attempts: [renewal, ...issued.attempts],
}
const failure = { reason: 'AcmeCaa', detail: 'CAA record forbids', identifier: 'book.example.com' } as const
const failedAttempt = attempt({ at: now - 10, endedAt: now, outcome: 'failed', why: 'RenewalTime', failure })
const failing: CertificateStatus = {
  ...issued,
  ...{ failures: 1, reason: 'AcmeCaa', next: 'It is tried again after a failure.', nextAt: now + minute },
  attempts: [failedAttempt, ...issued.attempts],
}

const old = attempt({ at: now - 90 * minute, endedAt: now - 89 * minute })
type Expected = Partial<Omit<News, 'message'>> & { message?: RegExp }
const rows: { name: string; was?: CertificateStatus; is: CertificateStatus; news: Expected[] }[] = [
  { name: 'nothing changed', was: issued, is: issued, news: [] },
  { name: 'a certificate is wanted', is: wanted, news: [] },
  {
    name: 'the placeholder comes',
    was: wanted,
    is: placeholder,
    news: [{ reason: 'PlaceholderInstalled', type: 'Normal', destination: secret }],
  },
  { name: 'the placeholder stays', was: placeholder, is: placeholder, news: [] },
  {
    name: 'the first certificate replaces the placeholder',
    was: placeholder,
    is: issued,
    news: [
      {
        ...{ reason: 'Issued', type: 'Normal' },
        message:
          /^letsencrypt issued the certificate for book\.example\.com and 1 more, because there is no certificate yet: valid until 2027-05-10 10:15 UTC, serial 04a1/,
      },
    ],
  },
  {
    name: 'it is issued first and installed later',
    was: { ...issued, ...at('placeholder') },
    is: issued,
    news: [],
  },
  {
    name: 'it is renewed',
    was: issued,
    is: renewed,
    news: [{ reason: 'Renewed', message: /because the moment chosen in the CA’s renewal window has come/ }],
  },
  {
    name: 'a running attempt',
    was: issued,
    is: { ...issued, attempts: [attempt({ at: now, outcome: 'running' }), ...issued.attempts] },
    news: [],
  },
  {
    name: 'a running attempt ends',
    was: { ...issued, attempts: [{ ...renewal, outcome: 'running' }, ...issued.attempts] },
    is: renewed,
    news: [{ reason: 'Renewed' }],
  },
  {
    name: 'renewing fails',
    was: issued,
    is: failing,
    news: [
      {
        ...{ reason: 'AcmeCaa', type: 'Warning' },
        message:
          /^Renewing at letsencrypt failed for book\.example\.com: CAA record forbids – It is tried again after a failure\. \(2027-03-09 10:16:00 UTC\)$/,
      },
    ],
  },
  {
    name: 'issuing fails',
    was: placeholder,
    is: { ...placeholder, failures: 1, attempts: [failedAttempt] },
    news: [{ reason: 'AcmeCaa', message: /^Issuing at letsencrypt failed/ }],
  },
  { name: 'the failure is known', was: failing, is: failing, news: [] },
  {
    name: 'the same failure comes again',
    was: failing,
    is: { ...failing, attempts: [{ ...failedAttempt, at: now, endedAt: now + 1 }, ...failing.attempts] },
    news: [{ reason: 'AcmeCaa' }],
  },
  {
    name: 'the worker stops in an attempt',
    was: issued,
    is: {
      ...failing,
      attempts: [
        { ...failedAttempt, failure: { reason: 'Aborted', detail: 'stopping' } },
        ...issued.attempts,
      ],
    },
    news: [],
  },
  {
    name: 'older attempts had no room in what was told',
    was: { ...renewed, attempts: [renewal] },
    is: { ...renewed, attempts: [renewal, old] },
    news: [],
  },
  { name: 'nobody looked before, and it was issued long ago', is: { ...issued, attempts: [old] }, news: [] },
  { name: 'nobody looked before, and it was issued just now', is: issued, news: [{ reason: 'Issued' }] },
  {
    name: 'its record could not be read the last time',
    was: { ...wanted, reason: 'StoreFailed' },
    is: { ...issued, attempts: [old] },
    news: [],
  },
  {
    name: 'it expires',
    was: issued,
    is: { ...issued, state: 'expired' },
    news: [{ reason: 'Expired', type: 'Warning', message: /expired at 2027-05-10 10:15 UTC/ }],
  },
  {
    name: 'a limit begins',
    was: issued,
    is: { ...issued, reason: 'LimitedByCa', nextAt: now + minute },
    news: [{ reason: 'LimitedByCa', message: /\(2027-03-09 10:16:00 UTC\)$/ }],
  },
  {
    name: 'there is no room within a limit',
    was: issued,
    is: { ...issued, reason: 'OverBudget', nextAt: now + minute },
    news: [{ reason: 'OverBudget', message: /\(2027-03-09 10:16:00 UTC\)$/ }],
  },
  {
    name: 'the Secret belongs to somebody else',
    was: wanted,
    is: { ...wanted, ...at('foreign', 'is managed by flux') },
    news: [{ reason: 'Refused', type: 'Warning', destination: secret, message: /is managed by flux$/ }],
  },
  {
    name: 'it still does',
    was: { ...wanted, ...at('foreign', 'is managed by flux') },
    is: { ...wanted, ...at('foreign', 'is managed by flux') },
    news: [],
  },
  {
    name: 'it is refused for another reason',
    was: { ...wanted, ...at('foreign', 'is managed by flux') },
    is: { ...wanted, ...at('foreign', 'is immutable') },
    news: [{ reason: 'Refused', message: /is immutable/ }],
  },
  {
    name: 'the Secret cannot be read',
    was: issued,
    is: { ...issued, ...at('unreadable', 'get secrets: may not') },
    news: [{ reason: 'DestinationFailed', type: 'Warning', message: /may not/ }],
  },
  {
    name: 'a deleted Secret is there again',
    was: { ...issued, ...at('absent') },
    is: issued,
    news: [{ reason: 'Installed', destination: secret }],
  },
  {
    name: 'a second gateway gets it, too',
    was: issued,
    is: {
      ...issued,
      destinations: [...issued.destinations, { id: 'Secret other/book', state: 'installed' }],
    },
    news: [{ reason: 'Installed', destination: 'Secret other/book' }],
  },
]

for (const { name, was, is, news } of rows) {
  t.test(name, async (t) => {
    const found = newsBetween(was && [was], [is], now)
    t.equal(found.length, news.length, JSON.stringify(found))
    for (const [index, each] of news.entries()) t.match(found[index], { certificate: 'book', ...each })
  })
}

t.test('every certificate is compared with itself', async (t) => {
  const other = { ...renewed, name: 'other' }
  t.match(newsBetween([issued, other], [other, renewed], now), [{ certificate: 'book', reason: 'Renewed' }])
})
