import t from 'tap'
import { Port80Failure } from '../../src/reason.ts'
import { journalOf } from '../../src/state/journal.ts'
import { memoryStateStore } from '../../src/state/memory-store.ts'
import { certificateRecord, emptyCertificateRecord, type CertificateRecord } from '../../src/state/records.ts'
import { StateConflict, type StateStore } from '../../src/state/store.ts'
import { failureOf } from '../acme/fixtures/bench.ts'
import { now, record } from '../certificate/fixtures/builders.ts'

const key = 'certificate/book'
const certificates = (store: StateStore) => journalOf(store, 'certificate', certificateRecord)
const oneMore = (before: CertificateRecord | undefined): CertificateRecord => ({
  ...(before ?? emptyCertificateRecord),
  failures: (before?.failures ?? 0) + 1,
})
const textOf = async (store: StateStore) => (await store.read(key))?.text
const failuresIn = async (store: StateStore) =>
  (JSON.parse((await textOf(store)) ?? '{}') as CertificateRecord).failures

/** Writes as another process would. */
async function writeBehind(store: StateStore, text: string): Promise<void> {
  await store.write(key, text, (await store.read(key))?.version)
}

/** A store that counts its readings, and whose writings a test can refuse. */
function watched(refuse: (attempt: number) => unknown = () => undefined) {
  const store = memoryStateStore()
  const counts = { reads: 0, writes: 0 }
  const watching: StateStore = {
    ...store,
    read: (each) => {
      counts.reads += 1
      return store.read(each)
    },
    write: async (each, text, expected) => {
      counts.writes += 1
      const refusal = refuse(counts.writes)
      if (refusal !== undefined) throw refusal as Error
      return store.write(each, text, expected)
    },
  }
  return { store: watching, behind: store, counts }
}

t.test('reads what is there, once', async (t) => {
  const { store, behind, counts } = watched()
  const journal = certificates(store)
  t.same(await journal.read('book'), { state: 'absent' })
  await writeBehind(behind, JSON.stringify(record({ failures: 2 })))
  t.same(await journal.read('book'), { state: 'absent' }, 'from memory')
  t.equal(counts.reads, 1)
  journal.forget()
  t.match(await journal.read('book'), { state: 'there', record: { failures: 2 } })
})

t.test('changes what is there, durably', async (t) => {
  const store = memoryStateStore()
  const journal = certificates(store)
  t.equal((await journal.change('book', oneMore)).failures, 1)
  t.equal((await journal.change('book', oneMore)).failures, 2)
  t.equal(await failuresIn(store), 2)
  t.match(
    await certificates(store).read('book'),
    { state: 'there', record: { failures: 2 } },
    'for another process',
  )
})

t.test('a change to the same record is no write', async (t) => {
  const { store, counts } = watched()
  const journal = certificates(store)
  await journal.change('book', oneMore)
  const same = await journal.change('book', (before) => before ?? emptyCertificateRecord)
  t.equal(same.failures, 1)
  t.equal(counts.writes, 1)
})

t.test('changes of one record take turns; another record does not wait', async (t) => {
  const store = memoryStateStore()
  const journal = certificates(store)
  await Promise.all(Array.from({ length: 50 }, () => journal.change('book', oneMore)))
  t.equal(await failuresIn(store), 50)

  const slow = watched()
  let release = (): void => undefined
  const blocked = new Promise<void>((resolve) => (release = resolve))
  const held = certificates({
    ...slow.store,
    write: async (each, text, expected) => {
      if (each === key) await blocked
      return slow.store.write(each, text, expected)
    },
  })
  const first = held.change('book', oneMore)
  t.equal((await held.change('other', oneMore)).failures, 1)
  release()
  t.equal((await first).failures, 1)
})

t.test('two processes lose no change of each other', async (t) => {
  const store = memoryStateStore()
  const [one, two] = [certificates(store), certificates(store)]
  for (let round = 0; round < 5; round++) {
    await one.change('book', oneMore)
    await two.change('book', oneMore)
  }
  t.equal(await failuresIn(store), 10)
})

t.test('a conflict is tried again on what is there now', async (t) => {
  const { store, behind, counts } = watched()
  const journal = certificates(store)
  await journal.change('book', oneMore)
  await writeBehind(behind, JSON.stringify(record({ failures: 40 })))
  t.equal((await journal.change('book', oneMore)).failures, 41)
  t.equal(counts.writes, 3, 'one was refused')
})

t.test('what the store refuses', async (t) => {
  const conflict = new StateConflict('somebody else')
  const disk = Object.assign(new Error('ENOSPC: no space left, write /secret/path'), { code: 'ENOSPC' })
  const typed = new Port80Failure({ reason: 'StoreFailed', detail: 'EROFS' })
  const rows = [
    {
      name: 'nine conflicts are survived',
      refuse: (n: number) => (n <= 9 ? conflict : undefined),
      writes: 10,
    },
    {
      name: 'a tenth conflict is a failure',
      refuse: () => conflict,
      writes: 10,
      detail: 'certificate/book could not be written (StateConflict)',
    },
    {
      name: 'a full disk is a failure at once',
      refuse: () => disk,
      writes: 1,
      detail: 'certificate/book could not be written (ENOSPC)',
    },
    { name: 'a failure of the store stays what it is', refuse: () => typed, writes: 1, detail: 'EROFS' },
  ]
  for (const { name, refuse, writes, detail } of rows) {
    t.test(name, async (t) => {
      const { store, counts } = watched(refuse)
      const change = certificates(store).change('book', oneMore)
      if (detail === undefined) t.equal((await change).failures, 1)
      else t.same(await failureOf(change), { reason: 'StoreFailed', detail })
      t.equal(counts.writes, writes)
    })
  }
})

t.test('after a refusal the store is asked what it holds', async (t) => {
  const { store, behind } = watched((attempt) => (attempt === 2 ? new Error('EIO') : undefined))
  const journal = certificates(store)
  await journal.change('book', oneMore)
  t.match(await failureOf(journal.change('book', oneMore)), { reason: 'StoreFailed' })
  await writeBehind(behind, JSON.stringify(record({ failures: 7 })))
  t.equal((await journal.change('book', oneMore)).failures, 8)
})

t.test('what cannot be read is never overwritten', async (t) => {
  const rows = [
    { name: 'torn', text: '{"v":1,"pairs":[', fault: 'is not JSON (torn or foreign)' },
    { name: 'foreign', text: '{"kind":"Secret"}', fault: /^is not a record of this version/ },
    {
      name: 'newer',
      text: JSON.stringify({ ...record(), v: 2 }),
      fault: /^is not a record of this version: v/,
    },
  ]
  for (const { name, text, fault } of rows) {
    t.test(name, async (t) => {
      const store = memoryStateStore()
      await store.write(key, text, undefined)
      const journal = certificates(store)
      t.match(await journal.read('book'), { state: 'unreadable', fault })
      let asked = 0
      const change = journal.change('book', () => {
        asked += 1
        return emptyCertificateRecord
      })
      t.match(await failureOf(change), { reason: 'StoreFailed', detail: /^certificate\/book is not/ })
      t.equal(asked, 0)
      t.equal(await textOf(store), text)
      await writeBehind(store, JSON.stringify(record()))
      t.equal((await journal.change('book', oneMore)).failures, 1, 'once it is mended it goes on')
    })
  }
})

t.test('one key that cannot be read stops no other, and a bug is no unreadable key', async (t) => {
  const store = memoryStateStore()
  await store.write('certificate/other', JSON.stringify(record()), undefined)
  let error: Error = new Port80Failure({ reason: 'StoreFailed', detail: 'is not a file' })
  const journal = certificates({
    ...store,
    read: (each) => (each === key ? Promise.reject(error) : store.read(each)),
  })
  t.same(await journal.read('book'), { state: 'unreadable', fault: 'is not a file' })
  t.match(await journal.read('other'), { state: 'there' })
  t.match(await failureOf(journal.change('book', oneMore)), { reason: 'StoreFailed' })
  journal.forget()
  error = new TypeError('a bug')
  await t.rejects(journal.read('book'), { message: 'a bug' })
})

t.test('what could not be read back is never written', async (t) => {
  const store = memoryStateStore()
  const journal = certificates(store)
  await journal.change('book', oneMore)
  const broken = journal.change('book', (before) => ({ ...(before ?? record()), notBefore: now + 0.5 }))
  t.match(await failureOf(broken), { reason: 'InternalError', detail: /notBefore/ })
  t.equal(await failuresIn(store), 1)
  t.equal((await journal.change('book', oneMore)).failures, 2, 'and the record goes on')
})

t.test('a mistake in a change is no failure of the store', async (t) => {
  const journal = certificates(memoryStateStore())
  await t.rejects(
    journal.change('book', () => {
      throw new TypeError('a bug')
    }),
    { name: 'TypeError', message: 'a bug' },
  )
  t.equal((await journal.change('book', oneMore)).failures, 1, 'the next one has its turn')
})

t.test('no key is in a failure', async (t) => {
  const store = memoryStateStore()
  await store.write(key, '{"v":1,"keyPem":"MIGHAgEA', undefined)
  const failure = await failureOf(certificates(store).change('book', oneMore))
  t.equal(JSON.stringify(failure).includes('MIGH'), false)
})
