import t from 'tap'
import type { LastingFinding } from '../../src/finding/reported.ts'
import { newsOfFindings, toldFindings, type FindingChange } from '../../src/kube/events-of-findings.ts'

const redirect: LastingFinding = {
  code: 'P80-101',
  object: { kind: 'Gateway', namespace: 'ingress', name: 'public', field: 'spec.servers[0]' },
  host: 'book.example.com',
  seen: 'httpsRedirect is true',
  fix: { do: 'run', command: 'kubectl patch gateway public' },
  ...{ since: 1, lastSeen: 2, from: 'lint' },
}
const { host: _host, ...hostless } = redirect
const note: LastingFinding = {
  ...{ ...hostless, code: 'P80-106', seen: '302' },
  fix: { do: 'edit', yaml: 'a:\n  b: 1' },
}
const elsewhere: LastingFinding = { ...redirect, object: { kind: 'Gateway', name: 'other' }, seen: 'too' }
const began = {
  certificate: 'book',
  ...{ type: 'Warning', reason: 'P80-101' },
  message:
    'httpsRedirect on a managed host for book.example.com: Gateway ingress/public spec.servers[0]: httpsRedirect is true. Fix: kubectl patch gateway public',
}
const ended = {
  ...{ certificate: 'book', type: 'Normal', reason: 'P80-101' },
  message: 'No longer: httpsRedirect on a managed host (Gateway ingress/public spec.servers[0])',
}

const rows: (Omit<FindingChange, 'certificate'> & { name: string; news: object[]; told: number })[] = [
  { name: 'nothing, as before', was: [], is: [], looked: ['lint'], news: [], told: 0 },
  { name: 'a finding begins', was: [], is: [redirect], looked: ['lint'], news: [began], told: 1 },
  {
    name: 'it lasts',
    was: [redirect],
    is: [{ ...redirect, lastSeen: 9 }],
    looked: ['lint'],
    news: [],
    told: 1,
  },
  { name: 'it ends', was: [redirect], is: [], looked: ['lint'], news: [ended], told: 0 },
  { name: 'a new leader has not looked yet', was: [redirect], is: [], looked: ['canary'], news: [], told: 1 },
  { name: 'and no part of it has', was: [redirect], is: [], looked: undefined, news: [], told: 1 },
  {
    ...{ name: 'two of a code are one Event', was: [], is: [redirect, elsewhere], looked: ['lint'], told: 2 },
    news: [{ reason: 'P80-101', message: /spec\.servers\[0\] \(and 1 more\): / }],
  },
  {
    ...{ name: 'a note is no warning', was: [], is: [note], looked: ['lint'], told: 1 },
    news: [{ type: 'Normal', reason: 'P80-106', message: /: 302\. Fix: set a: b: 1$/ }],
  },
]

for (const { name, news, told, ...change } of rows)
  t.test(name, async (t) => {
    const told_ = { certificate: 'book', ...change }
    const got = newsOfFindings(told_)
    t.equal(got.length, news.length)
    t.match(got, news)
    t.equal(toldFindings(told_).length, told)
  })
