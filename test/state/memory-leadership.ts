import t from 'tap'
import { memoryLeadership } from '../../src/state/memory-leadership.ts'
import { leadershipContract } from './fixtures/leadership-contract.ts'

leadershipContract(t, async () => {
  const leadership = memoryLeadership()
  return { one: leadership, other: leadership }
})
