/** Nothing wrong at all, and what only looks wrong and does no harm: port80 accuses nothing. */
import t from 'tap'
import { acquitted, clean } from './fixtures/clean.ts'
import { startWorld } from './fixtures/world.ts'
import { harmlessRows } from './rows/harmless.ts'

const world = await startWorld(t)

await t.test('the walk-through without a mistake, and the samples: no finding', (t) => clean(t, world))

for (const row of harmlessRows) await t.test(`${row.name}: no finding`, (t) => acquitted(t, world, row))
