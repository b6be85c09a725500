import t from 'tap'
import { survives } from '../fixtures/transport-fault.ts'

t.test('a connection that is cut before the answer loses no order', (t) =>
  survives(t, { kind: 'reset' }, ['CaUnreachable']),
)
