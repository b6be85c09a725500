/** Writes, reads, lists and a watch overtake each other; what is older than what is known is not taken in. */
import t from 'tap'
import type { Challenge } from '../../src/challenge/store.ts'
import { ChallengeMemory, type Seen } from '../../src/kube/challenge-memory.ts'
import { challengeOf } from '../challenge/fixtures/store-contract.ts'

const one = challengeOf('one')
const later = challengeOf('one', { identifier: 'later.example.com' })
const all = (...seen: [Challenge, string][]): Map<string, Seen> =>
  new Map(seen.map(([challenge, version]) => [challenge.token, { challenge, version }]))

t.test('the newer of two sightings is kept, whichever comes last', (t) => {
  const memory = new ChallengeMemory()
  memory.put(later, '20')
  memory.put(one, '10')
  t.equal(memory.get('one'), later)
  memory.put(one, '30')
  t.equal(memory.get('one'), one)
  t.end()
})

t.test('versions are compared as numbers', (t) => {
  const memory = new ChallengeMemory()
  memory.put(one, '9')
  memory.put(later, '10')
  t.equal(memory.get('one'), later)
  t.end()
})

t.test('a removal that comes after it was presented anew takes nothing away', (t) => {
  const memory = new ChallengeMemory()
  memory.put(one, '10')
  memory.put(later, '20')
  memory.removed('one', '15')
  t.equal(memory.get('one'), later)
  memory.removed('one', '25')
  t.equal(memory.get('one'), undefined)
  t.end()
})

t.test('a sighting from before a removal does not bring it back', (t) => {
  const memory = new ChallengeMemory()
  memory.removed('one', '15')
  memory.put(one, '10')
  t.equal(memory.get('one'), undefined)
  memory.put(one, '16')
  t.equal(memory.get('one'), one)
  t.end()
})

t.test('what we removed ourselves does not come back by an event that was on its way', (t) => {
  const memory = new ChallengeMemory()
  memory.put(one, '10')
  memory.removedByUs('one')
  memory.put(one, '10')
  t.equal(memory.get('one'), undefined)
  memory.put(later, '12')
  t.equal(memory.get('one'), later, 'presented anew')
  memory.removedByUs('never seen')
  t.end()
})

t.test('a list drops what is gone, and nothing that is newer than the list', (t) => {
  const memory = new ChallengeMemory()
  memory.put(one, '10')
  memory.put(challengeOf('gone'), '11')
  memory.put(challengeOf('new'), '21')
  memory.reconcile(all([one, '10'], [challengeOf('listed'), '12']), '20')
  t.ok(memory.get('one'))
  t.equal(memory.get('gone'), undefined)
  t.ok(memory.get('new'))
  t.ok(memory.get('listed'))
  t.end()
})

t.test('a list that is older than a removal does not bring it back', (t) => {
  const memory = new ChallengeMemory()
  memory.put(one, '10')
  memory.removed('one', '25')
  memory.reconcile(all([one, '10']), '20')
  t.equal(memory.get('one'), undefined)
  memory.reconcile(all(), '30')
  memory.put(one, '31')
  t.ok(memory.get('one'))
  t.end()
})

t.test('versions that are no numbers: the last one is believed', (t) => {
  const memory = new ChallengeMemory()
  memory.put(one, 'b')
  memory.put(later, 'a')
  t.equal(memory.get('one'), later)
  memory.put(one, undefined)
  t.equal(memory.get('one'), one)
  memory.removed('one', 'c')
  t.equal(memory.get('one'), undefined)
  memory.put(one, 'd')
  memory.reconcile(all(), 'e')
  t.equal(memory.get('one'), undefined)
  t.end()
})

t.test('what expired is dropped', (t) => {
  const memory = new ChallengeMemory()
  memory.put(one, '1')
  memory.dropExpired(one.expiresAt - 1)
  t.ok(memory.get('one'))
  memory.dropExpired(one.expiresAt)
  t.equal(memory.get('one'), undefined)
  t.end()
})

t.test('ten thousand removals of strangers do not stay', (t) => {
  const memory = new ChallengeMemory()
  for (let index = 0; index < 25_000; index++) memory.removed(`t${index}`, '5')
  memory.put(challengeOf('t24999'), '4')
  t.equal(memory.get('t24999'), undefined, 'the latest are remembered')
  t.end()
})
