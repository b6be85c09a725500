/**
 * The stores as a term of leadership may use them. A worker that stood still past its Lease and goes on believes that it
 * leads until it hears otherwise, and its conditional writes would be tried again on the version of whoever leads now: what
 * broke off while it slept would be told as a failure of an order that is well, and tokens that the CA is about to look for
 * would be taken away. So leadership is asked for before each write; what comes between the question and the write meets the
 * condition of the write.
 */
import { Port80Failure } from '../reason.ts'
import type { Held } from '../state/leadership.ts'
import type { Stores } from './stores.ts'

/** Throws Port80Failure LeadershipLost when another worker may be at it. */
export async function assertHeld(held: Held): Promise<void> {
  if (await held.stillHeld()) return
  throw new Port80Failure({ reason: 'LeadershipLost', detail: 'another worker may be leading' })
}

/**
 * Writes of records and removals of tokens throw LeadershipLost once the term is over. Presenting a token does not ask:
 * whoever presents it gives it the same answer.
 */
export function storesOfTerm(stores: Stores, held: Held): Stores {
  const { state, challenges } = stores
  return {
    ...stores,
    state: {
      read: (key) => state.read(key),
      list: (kind) => state.list(kind),
      async write(key, text, expected) {
        await assertHeld(held)
        return state.write(key, text, expected)
      },
      async remove(key, expected) {
        await assertHeld(held)
        return state.remove(key, expected)
      },
    },
    challenges: {
      present: (challenge) => challenges.present(challenge),
      find: (token) => challenges.find(token),
      list: () => challenges.list(),
      async cleanUp(token) {
        await assertHeld(held)
        return challenges.cleanUp(token)
      },
    },
  }
}
