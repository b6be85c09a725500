import t from 'tap'
import { memoryChallengeStore } from '../../src/challenge/memory-store.ts'
import { challengeStoreContract } from './fixtures/store-contract.ts'

challengeStoreContract(t, async (_, now) => {
  const store = memoryChallengeStore({ now })
  return { worker: store, responder: store }
})
