import t from 'tap'
import { survives } from '../fixtures/transport-fault.ts'

t.test('an answer that is complete and senseless is not taken for one', (t) =>
  survives(t, { kind: 'garble', body: '{"status":"val' }, ['CaAnswerUnusable']),
)
