/** The broken gateways, as in routes.ts: HTTPRoutes and Gateways of the Gateway API. */
import t from 'tap'
import { judgeAll } from './fixtures/suite.ts'
import { startWorld } from './fixtures/world.ts'
import { apiRows } from './rows/gateway-api.ts'

await judgeAll(t, await startWorld(t), apiRows)
