/** A worker that is killed anywhere while it orders a first certificate. */
import t from 'tap'
import { desired } from '../certificate/fixtures/builders.ts'
import { killedAnywhere, type Scene } from './fixtures/killed.ts'

t.setTimeout(300_000)

const scenes: readonly Scene[] = [
  { name: 'a first order', prepare: () => undefined, issued: 1 },
  {
    name: 'an order for three names',
    prepare: (scene) =>
      void (scene.wanted = [desired({ domains: ['a.example.com', 'b.example.com', '192.0.2.7'] })]),
    issued: 1,
  },
  {
    name: 'an order that is processed for a while',
    prepare: (scene) => void (scene.main.issuesLater = true),
    issued: 1,
  },
  { name: 'an order that becomes ready late', prepare: (scene) => void (scene.main.lag = 2), issued: 1 },
  {
    name: 'at a CA that lists no orders, whose answer to newOrder may be lost',
    prepare: (scene) => void (scene.main.listsOrders = false),
    issued: 1,
    orders: 2,
  },
]

for (const about of scenes) killedAnywhere(t, about)
