/** The broken gateways, as in routes.ts: policies and filters, and the responder. */
import t from 'tap'
import { judgeAll } from './fixtures/suite.ts'
import { startWorld } from './fixtures/world.ts'
import { policyRows } from './rows/policies.ts'
import { responderRows } from './rows/responders.ts'

await judgeAll(t, await startWorld(t), [...policyRows, ...responderRows])
