import t from 'tap'
import { memoryStateStore } from '../../src/state/memory-store.ts'
import { stateStoreContract } from './fixtures/store-contract.ts'

stateStoreContract(t, async () => {
  const store = memoryStateStore()
  return { one: store, other: store }
})
