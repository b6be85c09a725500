/**
 * What loses the challenge at a gateway and what only looks as if it did: the table of docs/istio-behaviour.md, by curl,
 * without port80's own eyes. The rows are those of test/bench/broken.
 */
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { open } from '../../broken/fixtures/opened.ts'
import { isAsSaid } from '../../broken/fixtures/reaches.ts'
import type { BrokenRow } from '../../broken/fixtures/row.ts'
import { wishOf } from '../../broken/fixtures/wish.ts'
import { startWorld } from '../../broken/fixtures/world.ts'
import { apiRows } from '../../broken/rows/gateway-api.ts'
import { harmlessRows } from '../../broken/rows/harmless.ts'
import { policyRows } from '../../broken/rows/policies.ts'
import { responderRows } from '../../broken/rows/responders.ts'
import { routeRows } from '../../broken/rows/routes.ts'

type Row = Pick<BrokenRow, 'name' | 'id' | 'breakIt' | 'reach' | 'values' | 'discovered' | 'undo'>

const rows: readonly Row[] = [...harmlessRows, ...routeRows, ...policyRows, ...responderRows, ...apiRows]
const world = await startWorld(t)

for (const row of rows) {
  await t.test(row.name, async (t) => {
    const place = await open(world, row)
    try {
      const wish = wishOf(world, row, place)
      await wish.prepare()
      await row.breakIt(place)
      await wish.make()
      // What changes nothing is only seen to have changed nothing after the gateways have had it.
      if (row.reach === undefined) await pause(2_000)
      await isAsSaid(row, place)
      t.pass(row.reach === undefined ? 'the challenge is kept' : 'the challenge is lost')
    } finally {
      await place.close()
    }
  })
}
