/**
 * The broken gateways, as in routes.ts: what is served on 443 is not what port80 installed. Named after the order, since only
 * then there is something to serve. Others of the kind are shown in ../mesh/cases: a pair that is not taken (P80-402) in
 * proof-of-serving.ts, a certificate of others that nobody renews (P80-403) in observed-certificates.ts.
 */
import t from 'tap'
import { judgeServed } from './fixtures/judge-served.ts'
import { startWorld } from './fixtures/world.ts'
import { unservedRows } from './rows/unserved.ts'

const proof = { enabled: true, deadline: '5s', every: '2s' }
const world = await startWorld(t, { proof })

for (const row of unservedRows) await t.test(row.name, (t) => judgeServed(t, world, row))
