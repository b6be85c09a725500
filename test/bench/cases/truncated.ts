import t from 'tap'
import { survives } from '../fixtures/transport-fault.ts'

// With a CA that takes its time to validate: a token that is taken away too early shows as a failed authorization.
t.test('an answer that ends in the middle is not taken for one', (t) =>
  survives(t, { kind: 'truncate', keep: 30 }, ['CaUnreachable', 'CaAnswerUnusable'], 3),
)
