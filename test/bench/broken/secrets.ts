/** The broken gateways, as in routes.ts: the Secret of the certificate, who reads it, and what is served on 443. */
import t from 'tap'
import { judgeAll } from './fixtures/suite.ts'
import { startWorld } from './fixtures/world.ts'
import { secretRows } from './rows/secrets.ts'
import { servedRows } from './rows/served.ts'

await judgeAll(t, await startWorld(t), [...secretRows, ...servedRows])
