import t from 'tap'
import type { CertificateStatus } from '../../../src/status/snapshot.ts'
import { reasonsOf } from '../../../demo/walk-through/issuance.ts'

const certificate: CertificateStatus = {
  name: 'book',
  domains: ['book.localhost'],
  issuer: 'demo',
  state: 'placeholder',
  reason: 'SelfCheckFailed',
  next: 'It is tried again.',
  failures: 1,
  attempts: [],
  destinations: [],
}
const failed = {
  at: 1,
  why: 'Missing',
  issuer: 'demo',
  outcome: 'failed',
  failure: { reason: 'SelfCheckFailed', detail: 'connection refused' },
} as const

t.test('gives the words of port80 for what did not come', async (t) => {
  t.same(reasonsOf([{ ...certificate, attempts: [failed] }], new Set(['book'])), [
    'book is placeholder (SelfCheckFailed): SelfCheckFailed: connection refused',
  ])
  t.same(reasonsOf([certificate], new Set(['book'])), [
    'book is placeholder (SelfCheckFailed): It is tried again.',
  ])
})

t.test('leaves out what has come, and says when nothing is known', async (t) => {
  t.same(reasonsOf([certificate, { ...certificate, name: 'hello' }], new Set(['hello'])).length, 1)
  t.same(reasonsOf([], new Set(['book', 'hello'])), ['port80 tells nothing of book, hello'])
})
