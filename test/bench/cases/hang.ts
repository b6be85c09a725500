import t from 'tap'
import { survives } from '../fixtures/transport-fault.ts'

t.test('a CA that never answers is a time-out, and the same order is finished later', (t) =>
  survives(t, { kind: 'hang' }, ['CaTimedOut']),
)
