/** Tokens of one process: for tests, and where worker and responder share a process and nothing else. */
import { faultOfChallenge } from './challenge-record.ts'
import { Port80Failure } from '../reason.ts'
import type { Challenge, ChallengeStore } from './store.ts'

/** A Map, not an object: a stranger may ask for the token `__proto__`. `now` gives epoch milliseconds. */
export function memoryChallengeStore(options: { now?: () => number } = {}): ChallengeStore {
  const now = options.now ?? Date.now
  const challenges = new Map<string, Challenge>()
  return {
    async present(challenge) {
      const fault = faultOfChallenge(challenge)
      if (fault !== undefined)
        throw new Port80Failure({ reason: 'InternalError', detail: `challenge ${fault}` })
      challenges.set(challenge.token, challenge)
    },
    find(token) {
      const challenge = challenges.get(token)
      return challenge !== undefined && challenge.expiresAt > now() ? challenge : undefined
    },
    async cleanUp(token) {
      challenges.delete(token)
    },
    async list() {
      for (const { token, expiresAt } of challenges.values()) {
        if (expiresAt <= now()) challenges.delete(token)
      }
      return [...challenges.values()]
    },
  }
}
