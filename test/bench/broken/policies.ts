/** The broken gateways, as in routes.ts: policies and filters, the responder, and names. */
import t from 'tap'
import { judgeAll } from './fixtures/suite.ts'
import { startWorld } from './fixtures/world.ts'
import { nameRows } from './rows/names.ts'
import { policyRows } from './rows/policies.ts'
import { responderRows } from './rows/responders.ts'

await judgeAll(t, await startWorld(t), [...policyRows, ...responderRows, ...nameRows])
