/**
 * The broken gateways: the working walk-through with one mistake that people make. port80 names the code and the object
 * before the CA is asked, accuses nothing else, and what it prints mends it. The table is in the output.
 */
import t from 'tap'
import { judge, type Judged } from './fixtures/judge.ts'
import { acquitted, clean } from './fixtures/clean.ts'
import { startWorld } from './fixtures/world.ts'
import { harmlessRows } from './rows/harmless.ts'
import { nameRows } from './rows/names.ts'
import { policyRows } from './rows/policies.ts'
import { responderRows } from './rows/responders.ts'
import { routeRows } from './rows/routes.ts'
import { secretRows } from './rows/secrets.ts'

const rows = [...routeRows, ...policyRows, ...responderRows, ...secretRows, ...nameRows]
const world = await startWorld(t)
const judged: Judged[] = []

await t.test('the walk-through without a mistake, and the samples: no finding', (t) => clean(t, world))

for (const row of harmlessRows) await t.test(`${row.name}: no finding`, (t) => acquitted(t, world, row))

for (const row of rows) {
  await t.test(row.name, async (t) => {
    judged.push(await judge(t, world, row))
  })
}

const falsely = judged.reduce((sum, one) => sum + one.falsely, 0)
for (const { name, said, seconds } of judged)
  t.comment(`| ${name.padEnd(58)} | ${said.padEnd(80)} | ${seconds.toFixed(1)} s |`)
t.comment(`${judged.length} of ${rows.length}, ${falsely} false findings`)
