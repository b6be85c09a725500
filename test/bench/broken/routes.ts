/**
 * The broken gateways: the working walk-through with one mistake that people make. port80 names the code and the object
 * before the CA is asked, accuses nothing else, and what it prints mends it. The table is in the output. Here: Gateways and
 * routes. The other files have the other kinds of mistakes, each in a mesh of its own; harmless.ts has what is none.
 */
import t from 'tap'
import { judgeAll } from './fixtures/suite.ts'
import { startWorld } from './fixtures/world.ts'
import { routeRows } from './rows/routes.ts'

await judgeAll(t, await startWorld(t), routeRows)
