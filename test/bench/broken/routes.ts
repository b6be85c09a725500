/**
 * The broken gateways: the working walk-through with one mistake that people make. port80 names the code and the object
 * before the CA is asked, accuses nothing else, and what it prints mends it. The table is in the output. Here: nothing
 * wrong at all, mistakes that do no harm, and mistakes in routes.
 */
import t from 'tap'
import { acquitted, clean } from './fixtures/clean.ts'
import { judgeAll } from './fixtures/suite.ts'
import { startWorld } from './fixtures/world.ts'
import { harmlessRows } from './rows/harmless.ts'
import { routeRows } from './rows/routes.ts'

const world = await startWorld(t)

await t.test('the walk-through without a mistake, and the samples: no finding', (t) => clean(t, world))

for (const row of harmlessRows) await t.test(`${row.name}: no finding`, (t) => acquitted(t, world, row))

await judgeAll(t, world, routeRows)
