import t from 'tap'
import { memoryChallengeStore } from '../../src/challenge/memory-store.ts'
import { openJournals, type Stores } from '../../src/serve/stores.ts'
import { storesOfTerm } from '../../src/serve/term-stores.ts'
import { memoryLeadership } from '../../src/state/memory-leadership.ts'
import { memoryStateStore } from '../../src/state/memory-store.ts'
import { emptyCertificateRecord } from '../../src/state/records.ts'

const challenge = {
  token: 'a-token',
  identifier: 'book.example.com',
  keyAuthorization: `a-token.${'k'.repeat(43)}`,
  expiresAt: Date.now() + 60_000,
}
const lost = { message: /another worker may be leading/ }

async function twoTerms() {
  const leadership = memoryLeadership()
  const stores: Stores = {
    ...{ leadership, state: memoryStateStore(), challenges: memoryChallengeStore() },
    watchRequests: () => async () => undefined,
  }
  const begin = async () => {
    const held = await leadership.tryAcquire()
    if (!held) throw new Error('somebody else leads')
    return { held, stores: storesOfTerm(stores, held) }
  }
  const first = await begin()
  const journals = openJournals(first.stores.state)
  await journals.certificates.change('book', () => emptyCertificateRecord)
  await first.stores.challenges.present(challenge)
  await first.held.release()
  const next = await begin()
  return { first, journals, next, nextJournals: openJournals(next.stores.state) }
}

t.test(
  'what a term was about to record when it ended is not recorded, however often it is tried',
  async (t) => {
    const { journals, nextJournals } = await twoTerms()
    const failed = () =>
      journals.certificates.change('book', (record) => ({
        ...(record ?? emptyCertificateRecord),
        failures: 1,
      }))
    await t.rejects(failed(), lost)
    await nextJournals.certificates.change('book', () => ({ ...emptyCertificateRecord, notBefore: 5 }))
    await t.rejects(failed(), lost)
    nextJournals.certificates.forget()
    t.match(await nextJournals.certificates.read('book'), { record: { failures: 0 } })
  },
)

t.test('a term that has ended removes no record and no token, and still reads', async (t) => {
  const { first, next } = await twoTerms()
  const before = await first.stores.state.read('certificate/book')
  await t.rejects(first.stores.state.remove('certificate/book', before?.version ?? ''), lost)
  await t.rejects(first.stores.challenges.cleanUp(challenge.token), lost)
  t.strictSame(await next.stores.challenges.find(challenge.token), challenge)
  t.strictSame(await first.stores.state.list('certificate'), ['certificate/book'])
  t.equal((await first.stores.challenges.list()).length, 1)

  await next.stores.challenges.cleanUp(challenge.token)
  t.equal(await first.stores.challenges.find(challenge.token), undefined)
  await next.stores.state.remove('certificate/book', before?.version ?? '')
  t.equal(await first.stores.state.read('certificate/book'), undefined)
})
