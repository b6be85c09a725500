import t from 'tap'
import {
  certificateSchema,
  configurationSchema,
  holdSchema,
  longestText,
  storeSchema,
  workerSchema,
} from '../../src/status/snapshot-schema.ts'
import { badDay, book, goodDay } from './fixtures/page-snapshots.ts'

t.test('every part of a snapshot passes as it is', async (t) => {
  for (const { certificates, holds, configuration, worker, store } of [goodDay, badDay]) {
    for (const each of certificates) t.same(certificateSchema.parse(each), each, each.name)
    for (const each of holds) t.same(holdSchema.parse(each), each)
    t.same(configurationSchema.parse(configuration), configuration)
    t.same(workerSchema.parse(worker), worker)
    t.same(storeSchema.parse(store), store)
  }
})

t.test('what is not exactly of that shape is refused', async (t) => {
  const rows: [string, object][] = [
    ['a member that nobody knows', { ...book, keyPem: 'x' }],
    ['a member of a member that nobody knows', { ...book, current: { ...book.current, keyPem: 'x' } }],
    ['a reason that is no reason', { ...book, reason: 'Because' }],
    ['a state that is no state', { ...book, state: 'fine' }],
    ['a text without end', { ...book, next: 'x'.repeat(longestText + 1) }],
    ['attempts without end', { ...book, attempts: Array.from({ length: 11 }, () => book.attempts[0]) }],
    ['a moment that is none', { ...book, nextAt: 'soon' }],
    ['a member that is lacking', { ...book, destinations: undefined }],
  ]
  for (const [name, value] of rows) t.notOk(certificateSchema.safeParse(value).success, name)
})
