import t from 'tap'
import { wordsOfSecret } from '../../src/kube/secret-annotations.ts'
import type { CertificateStatus } from '../../src/status/snapshot.ts'
import { book, now } from '../status/fixtures/page-snapshots.ts'

const secret = 'Secret istio-system/book'
const { current: _current, renewal: _renewal, ...bare } = book
const unissued = { ...bare, state: 'placeholder', reason: 'OrderInFlight' } as const

type State = CertificateStatus['destinations'][number]['state']
const rows: { name: string; is?: CertificateStatus; place?: State; status: string | undefined }[] = [
  { name: 'in good order', status: 'Ready: up to date, has not expired' },
  {
    name: 'renewal under way',
    is: { ...book, reason: 'OrderInFlight' },
    status: 'Ready: has not expired',
  },
  {
    name: 'renewal failed once',
    is: { ...book, reason: 'AcmeCaa', failures: 1 },
    status: 'Ready: has not expired; renewing fails (once)',
  },
  {
    name: 'renewal fails',
    is: { ...book, reason: 'AcmeCaa', failures: 4 },
    status: 'Ready: has not expired; renewing fails (4 times in a row)',
  },
  {
    name: 'limited',
    is: { ...book, reason: 'LimitedByCa', failures: 1 },
    status: 'Ready: has not expired; the CA asked to be left alone for a while',
  },
  {
    name: 'no room within a limit',
    is: { ...book, reason: 'OverBudget' },
    status: 'Ready: has not expired; the next order waits for room within a limit of the CA',
  },
  {
    name: 'the one before is still in place',
    place: 'differs',
    status: 'Ready: up to date, has not expired; a newer certificate is not in place yet',
  },
  {
    name: 'another destination lacks it',
    is: { ...book, state: 'missing', reason: 'DestinationFailed' },
    status: 'Ready: has not expired',
  },
  { name: 'expired', is: { ...book, state: 'expired', reason: 'Expired' }, status: 'NotReady: has expired' },
  { name: 'revoked', is: { ...book, state: 'missing', reason: 'Revoked' }, status: 'NotReady: was revoked' },
  {
    name: 'placeholder',
    is: unissued,
    place: 'placeholder',
    status: 'NotReady: a self-signed placeholder until a CA has issued',
  },
  {
    name: 'placeholder, and issuing fails',
    is: { ...unissued, reason: 'AcmeDns', failures: 2 },
    place: 'placeholder',
    status: 'NotReady: a self-signed placeholder until a CA has issued; issuing fails (2 times in a row)',
  },
  { name: 'nothing there', place: 'absent', status: undefined },
  { name: 'not ours', place: 'foreign', status: undefined },
  { name: 'not to be read', place: 'unreadable', status: undefined },
]

for (const { name, is = book, place = 'installed', status } of rows) {
  t.test(name, async (t) => {
    const words = wordsOfSecret({ ...is, destinations: [{ id: secret, state: place }] }, secret)
    t.equal(words?.status, status)
    if (!words) return
    t.equal(words.reason, is.reason)
    t.equal(words.renewalAt, is.renewal?.at)
  })
}

t.test('words do not age', async (t) => {
  const [first, later] = [now, now + 86_400_000].map((nextAt) =>
    wordsOfSecret({ ...book, nextAt, destinations: [{ id: secret, state: 'installed' }] }, secret),
  )
  t.strictSame(first, later)
})

t.test('a Secret that is no destination of the certificate is not described', async (t) => {
  t.equal(wordsOfSecret(book, secret), undefined)
})
