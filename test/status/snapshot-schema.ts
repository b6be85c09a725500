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

t.test('what is not of that shape is refused', async (t) => {
  const attempts = (item: unknown) => ({ ...book, attempts: [item] })
  const rows: [string, object][] = [
    ['a state that is no state', { ...book, state: 'fine' }],
    ['a reason that is no word', { ...book, reason: 7 }],
    ['a reason without end', { ...book, reason: 'x'.repeat(101) }],
    ['a text without end', { ...book, next: 'x'.repeat(longestText + 1) }],
    ['attempts without end', { ...book, attempts: Array.from({ length: 11 }, () => book.attempts[0]) }],
    ['an attempt that is none', attempts('tried')],
    ['an attempt at no moment', attempts({ ...book.attempts[0], at: -1 })],
    ['a moment that is none', { ...book, nextAt: 'soon' }],
    ['a member that is lacking', { ...book, destinations: undefined }],
  ]
  for (const [name, value] of rows) t.notOk(certificateSchema.safeParse(value).success, name)
})

t.test('what a newer leader tells costs as little as it can', async (t) => {
  const [attempt] = book.attempts
  const [destination] = book.destinations
  const rows: [string, object, object][] = [
    ['a member that nobody knows is not read', { ...book, keyPem: 'x' }, book],
    ['one of a member neither', { ...book, current: { ...book.current, keyPem: 'x' } }, book],
    [
      'a reason that is none here is what the state says',
      { ...book, reason: 'WaitsForMoon' },
      { ...book, reason: 'UpToDate' },
    ],
    [
      'an attempt with a word of another version is left out',
      { ...book, attempts: [{ ...attempt, why: 'FullMoon' }, attempt] },
      { ...book, attempts: [attempt] },
    ],
    [
      'a destination in a state of another version cannot be read here',
      { ...book, destinations: [{ ...destination, state: 'eclipsed' }] },
      { ...book, destinations: [{ ...destination, state: 'unreadable' }] },
    ],
  ]
  for (const [name, value, read] of rows) t.same(certificateSchema.parse(value), read, name)
})
