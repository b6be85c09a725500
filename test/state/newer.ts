import t from 'tap'
import { begun, failed, installed, revoked } from '../../src/certificate/attempt.ts'
import { coveringHold, withHold } from '../../src/certificate/hold.ts'
import { plan } from '../../src/certificate/plan.ts'
import { openJournals } from '../../src/serve/stores.ts'
import { journalOf } from '../../src/state/journal.ts'
import { memoryStateStore } from '../../src/state/memory-store.ts'
import type { CertificateRecord } from '../../src/state/records.ts'
import type { StateKey } from '../../src/state/store.ts'
import { trafficRecord } from '../../src/state/traffic-record.ts'
import { fold } from '../../src/traffic/fold.ts'
import { budgetOf } from '../../src/worker/spending.ts'
import {
  attemptRecord,
  certificate,
  day,
  desired,
  directories,
  failure,
  hold,
  hour,
  inFlight,
  minute,
  now,
  record,
  storedPair,
  world,
} from '../certificate/fixtures/builders.ts'
import { only } from '../status/fixtures/built.ts'

/** With what a newer version has beside what this one knows: the types of this one have no such member or word. */
const grown = (value: object, words: object = {}): object => ({ ...value, novelty: 'kept', ...words })

/** A store in which a newer version wrote this. */
async function written(key: StateKey, value: object) {
  const state = memoryStateStore()
  await state.write(key, JSON.stringify(value), undefined)
  const stored = async () => JSON.parse((await state.read(key))?.text ?? '') as unknown
  return { ...openJournals(state), state, stored }
}

function there<T>(record: T | undefined): T {
  if (record === undefined) throw new Error('a record of a newer version was not read')
  return record
}

const cut = grown(failure(), { reason: 'AcmeNovelty' })
const tried = grown(attemptRecord({ outcome: 'failed' }), { why: 'NewNeed', failure: cut })
const known = grown(
  record({ pairs: [grown(storedPair()) as ReturnType<typeof storedPair>], wantedSince: now - minute }),
  { attempts: [tried, grown(attemptRecord(), { outcome: 'postponed' })] },
)

const changes: { name: string; change: (record: CertificateRecord) => CertificateRecord }[] = [
  { name: 'an attempt begins', change: (record) => begun(record, inFlight(), now) },
  {
    name: 'an attempt fails',
    change(record) {
      const outcome = { failures: 1, failuresAtIssuer: 1, issuer: 'main', keepOrder: false } as const
      const verdict = { do: 'waitUntil', at: now + hour } as const
      return failed(record, desired(), { ...outcome, failure: failure(), verdict }, now)
    },
  },
  { name: 'it is installed', change: (record) => installed(record, now) },
  { name: 'it is revoked', change: (record) => revoked(record, 'chain', now) },
]
for (const { name, change } of changes) {
  t.test(`a certificate of a newer version loses nothing when ${name} here`, async (t) => {
    const { certificates, stored } = await written('certificate/book', known)
    const before = JSON.stringify(await certificates.change('book', (record) => there(record)))
    const after = await certificates.change('book', (record) => change(there(record)))
    t.not(JSON.stringify(after), before)
    t.match(await stored(), { novelty: 'kept', pairs: [{ novelty: 'kept' }] })
    const { attempts } = (await stored()) as CertificateRecord
    t.strictSame(attempts.slice(-2), JSON.parse(JSON.stringify(known)).attempts)
  })
}

t.test(
  'the status leaves out an attempt in words of a newer version, and says what else it knows',
  async (t) => {
    const { certificates } = await written('certificate/book', {
      ...known,
      failures: 1,
      notBefore: now + hour,
    })
    const found = await certificates.read('book')
    if (found.state !== 'there') return t.fail(found.state)
    const told = only(certificate({ record: { ...found.record, failedFor: 'configuration-1' } }))
    t.strictSame(told.attempts, [])
  },
)

t.test('limits of a newer version', async (t) => {
  const ofNewKind = grown(hold({ value: 'x', until: now + 2 * hour }), { kind: 'network' })
  const forNewReason = grown(hold({ kind: 'identifier', value: 'a.test' }), { reason: 'AcmeNovelty' })
  const { holds, stored } = await written('holds/main', grown({ v: 1, holds: [ofNewKind, forNewReason] }))
  const limit = failure({ scope: { kind: 'identifier', value: 'b.test' }, retryAt: now + minute })
  const after = await holds.change('main', (before) => ({
    ...there(before),
    holds: withHold(there(before).holds, limit, ['b.test'], now),
  }))
  t.match(await stored(), { novelty: 'kept', holds: [ofNewKind, forNewReason, { value: 'b.test' }] })
  t.match(coveringHold(after.holds, { domains: ['c.test'] }, now), { kind: 'network' }, 'may cover all')
})

t.test('an order that a newer version began for a reason of its own is finished', async (t) => {
  const order = grown(inFlight(), { why: 'NewNeed' }) as ReturnType<typeof inFlight>
  const { steps } = plan(world([certificate({ record: record({ pairs: [storedPair()], inFlight: order }) })]))
  t.match(steps.at(-1), { do: 'order', reason: 'RenewalRequested', resume: true })
})

t.test('what a newer version counts of a budget is not forgotten by an order here', async (t) => {
  const spent = { newOrders: { '': now + minute }, newLimit: { a: now + day, b: now - day } }
  const of = grown({ v: 1, directory: directories.main, fullAt: spent })
  const { budgets, stored } = await written('budget/main', of)
  const limits = { newOrders: { limit: 10, windowMs: hour, reserve: 0 } }
  const quiet = { info: () => undefined, warn: () => undefined }
  const purse = { issuer: 'main', directory: directories.main }
  const budget = budgetOf(purse, { budgets, limitsOf: () => limits, now: () => now, log: quiet })
  await budget.spend({ kind: 'first', names: ['a.test'] })
  t.match(await stored(), { novelty: 'kept', fullAt: { newOrders: { '': now + 7 * minute } } })
  t.match(await stored(), { fullAt: { newLimit: { a: now + day } } })
})

t.test('who comes over plain http, of a newer version', async (t) => {
  const day = Math.floor(now / 86_400_000)
  const host = grown({ since: day, days: [] })
  const replica = grown({ at: 'pod-1', rows: {} })
  const of = grown({ v: 1, since: 0, hosts: { 'a.test': host }, replicas: { 'life-one': replica } })
  const { state, stored } = await written('traffic/redirects', of)
  const rows = [{ host: 'a.test', row: 1, days: [[day, 1, 1, 0, 0, 0] as const] }]
  const told = [{ start: 'life-one', at: 'pod-1', rows }]
  await journalOf(state, 'traffic', trafficRecord).change('redirects', (before) =>
    fold(before, { told, present: undefined, hosts: ['a.test'], now }),
  )
  t.match(await stored(), {
    novelty: 'kept',
    hosts: { 'a.test': { novelty: 'kept', days: [[day, 1, 1, 0, 0, 0]] } },
    replicas: { 'life-one': { novelty: 'kept', rows: { 'a.test': { row: 1 } } } },
  })
})
