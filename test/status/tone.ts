import t from 'tap'
import type { LookStatus } from '../../src/finding/looks.ts'
import type { CertificateStatus, StatusSnapshot } from '../../src/status/snapshot.ts'
import { byUrgency, headline, toneOf } from '../../src/status/tone.ts'
import { severityOf } from '../../src/finding/finding.ts'
import { meshDay } from './fixtures/mesh-day.ts'
import { badDay, book, goodDay, shop } from './fixtures/page-snapshots.ts'

t.test('how a certificate is to be taken', async (t) => {
  const rows: { name: string; change: Partial<CertificateStatus>; tone: string }[] = [
    { name: 'ready and up to date', change: {}, tone: 'good' },
    { name: 'ready, and its renewal is under way', change: { reason: 'OrderInFlight' }, tone: 'good' },
    { name: 'ready, seen by a standby', change: { reason: 'NotLeader' }, tone: 'good' },
    { name: 'ready, but its renewal fails', change: { failures: 1, reason: 'CaTimedOut' }, tone: 'warn' },
    { name: 'refused everywhere', change: { state: 'missing', reason: 'DestinationsRefused' }, tone: 'bad' },
    { name: 'ready, but stopped', change: { reason: 'StoppedUntilConfigChanges' }, tone: 'warn' },
    {
      name: 'ready, but one destination is not ours',
      change: { destinations: [{ id: 'd', state: 'foreign', fault: 'x' }] },
      tone: 'warn',
    },
    { name: 'missing and being ordered', change: { state: 'missing', reason: 'Missing' }, tone: 'busy' },
    {
      name: 'a placeholder and being ordered',
      change: { state: 'placeholder', reason: 'OrderInFlight' },
      tone: 'busy',
    },
    {
      name: 'a placeholder, waiting for a limit',
      change: { state: 'placeholder', reason: 'LimitedByCa' },
      tone: 'warn',
    },
    {
      name: 'a placeholder, waiting for room within a limit',
      change: { state: 'placeholder', reason: 'OverBudget' },
      tone: 'warn',
    },
    { name: 'a placeholder after a failure', change: { state: 'placeholder', failures: 1 }, tone: 'bad' },
    { name: 'its record cannot be read', change: { state: 'missing', reason: 'StoreFailed' }, tone: 'bad' },
    { name: 'expired', change: { state: 'expired', reason: 'Expired' }, tone: 'bad' },
  ]
  for (const { name, change, tone } of rows) t.equal(toneOf({ ...book, ...change }), tone, name)
})

t.test('the sentence at the top', async (t) => {
  const missing: CertificateStatus = { ...book, state: 'missing', reason: 'Missing' }
  const expired: CertificateStatus = { ...book, state: 'expired', reason: 'Expired' }
  const rows: { change: Partial<StatusSnapshot>; tone: string; text: string }[] = [
    { change: {}, tone: 'good', text: 'Both certificates are ready' },
    { change: { certificates: [book] }, tone: 'good', text: 'The certificate is ready' },
    { change: { certificates: [book, book, shop] }, tone: 'good', text: 'All 3 certificates are ready' },
    { change: { certificates: [] }, tone: 'good', text: 'No certificates are configured' },
    { change: { certificates: [book, missing] }, tone: 'busy', text: '1 certificate on the way' },
    { change: { certificates: [missing, missing] }, tone: 'busy', text: '2 certificates on the way' },
    { change: { certificates: [expired] }, tone: 'bad', text: 'The certificate needs attention' },
    {
      change: { certificates: [expired, missing] },
      tone: 'bad',
      text: '1 of 2 certificates needs attention',
    },
    {
      change: { certificates: [{ ...book, failures: 1 }, book] },
      tone: 'warn',
      text: '1 of 2 certificates needs attention',
    },
    {
      change: { certificates: badDay.certificates },
      tone: 'bad',
      text: '2 of 5 certificates need attention',
    },
    {
      change: { configuration: badDay.configuration },
      tone: 'warn',
      text: 'The changed configuration is refused; the old one is in force',
    },
    { change: { store: { readable: false, tokens: 0 } }, tone: 'bad', text: 'The store cannot be read' },
    {
      change: { worker: { role: 'crashed', stuck: false, restarts: 1 } },
      tone: 'bad',
      text: 'The worker has crashed and is started again',
    },
    {
      change: { worker: { role: 'leader', stuck: true, restarts: 0 } },
      tone: 'bad',
      text: 'The worker is stuck',
    },
  ]
  for (const { change, tone, text } of rows) t.same(headline({ ...goodDay, ...change }), { tone, text }, text)
})

const canary: LookStatus = { look: 'canary', state: 'every', everyMs: 300_000 }
const proof: LookStatus = { look: 'serving', state: 'every', everyMs: 600_000 }
const blind: LookStatus = { look: 'canary', state: 'blind' }
const lint: LookStatus = { look: 'lint', state: 'asked' }
const noCanary: LookStatus = { look: 'canary', state: 'off' }
const noProof: LookStatus = { look: 'serving', state: 'off' }
const [seen] = meshDay.findings?.filter((each) => severityOf(each) === 'warning') ?? []
const warning = seen ? [seen] : []
const both = 'Both certificates are ready'

const calm: readonly { change: Partial<StatusSnapshot>; tone: string; text: string }[] = [
  { change: { looks: [canary, proof, lint] }, tone: 'good', text: both },
  {
    change: { looks: [noCanary, proof] },
    tone: 'busy',
    text: `${both}; nobody looks at port 80 (canary off)`,
  },
  {
    change: { looks: [blind, proof] },
    tone: 'busy',
    text: `${both}; nobody looks at port 80 (selfCheck off)`,
  },
  {
    change: { looks: [canary, noProof] },
    tone: 'busy',
    text: `${both}; nobody looks at what is served (proof off)`,
  },
  {
    change: { looks: [noCanary, noProof] },
    tone: 'busy',
    text: `${both}; nobody looks at port 80 (canary off) or at what is served (proof off)`,
  },
  { change: { looks: [canary, proof], findings: warning }, tone: 'warn', text: `${both}; 1 warning found` },
  {
    change: { looks: [noCanary, proof], findings: warning },
    tone: 'warn',
    text: `${both}; 1 warning found; nobody looks at port 80 (canary off)`,
  },
  { change: { certificates: [], looks: [noCanary] }, tone: 'good', text: 'No certificates are configured' },
  {
    change: { certificates: [book, { ...book, state: 'missing', reason: 'Missing' }], findings: warning },
    tone: 'busy',
    text: '1 certificate on the way; 1 warning found',
  },
]
for (const { change, tone, text } of calm)
  t.test(`all is well as far as anybody looks: ${text}`, async (t) => {
    t.same(headline({ ...goodDay, ...change }), { tone, text })
  })

t.test('what needs a person comes first, then the next moment, then the name', async (t) => {
  t.same(
    byUrgency(badDay.certificates).map(({ name }) => name),
    ['api', 'legacy', 'fresh', 'shop', 'book'],
  )
  t.same(
    byUrgency([
      { ...book, name: 'b' },
      { ...book, name: 'a' },
    ]).map(({ name }) => name),
    ['a', 'b'],
  )
})
