import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { answerToken, type ChallengeFinder } from '../../src/http/challenge-answer.ts'
import { presented, steadyChallenges } from './fixtures/public-server.ts'

const broken: ChallengeFinder = { find: () => Promise.reject(new Error('disk on fire')) }
const throwing: ChallengeFinder = {
  find: () => {
    throw new Error('not even a promise')
  },
}
const silent: ChallengeFinder = { find: () => new Promise(() => undefined) }
const late: ChallengeFinder = { find: () => sleep(200).then(() => Promise.reject(new Error('too late'))) }

t.test('a token is answered, missed, or the store is at fault', async (t) => {
  const authorization = presented[0]?.keyAuthorization
  const rows: [
    name: string,
    store: ChallengeFinder,
    token: string,
    host: string,
    result: string,
    status: number,
  ][] = [
    ['presented', steadyChallenges, 'tok-1', 'a.test:80', 'answered', 200],
    ['not presented', steadyChallenges, 'nope', 'a.test', 'unknownToken', 404],
    ['for another host', steadyChallenges, 'tok-1', 'b.test', 'wrongHost', 404],
    ['the store rejects', broken, 'tok-1', 'a.test', 'storeUnreadable', 503],
    ['the store throws', throwing, 'tok-1', 'a.test', 'storeUnreadable', 503],
    ['the store says nothing', silent, 'tok-1', 'a.test', 'storeUnreadable', 503],
    ['the store fails too late', late, 'tok-1', 'a.test', 'storeUnreadable', 503],
  ]
  for (const [name, store, token, host, result, status] of rows) {
    const errors: unknown[] = []
    const answer = await answerToken({ token, host, deadline: 100 }, store, (error) => errors.push(error))
    t.match(answer, { result, status }, name)
    t.equal(answer.body === authorization, result === 'answered', 'the authorization is given to no one else')
    t.equal(errors.length, result === 'storeUnreadable' ? 1 : 0, 'what went wrong is told once')
  }
  // A rejection that comes after the deadline must not end the process.
  await sleep(300)
})
