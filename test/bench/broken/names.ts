/** The broken gateways, as in routes.ts: what the DNS says of the host. */
import t from 'tap'
import { judgeAll } from './fixtures/suite.ts'
import { startWorld } from './fixtures/world.ts'
import { nameRows } from './rows/names.ts'

await judgeAll(t, await startWorld(t), nameRows)
