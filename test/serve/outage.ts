import t from 'tap'
import { outageMemory } from '../../src/serve/outage.ts'

t.test('an outage is told once, another reason and another outage again', (t) => {
  let now = 0
  const isNews = outageMemory(() => now)
  const rows: [after: number, detail: string, news: boolean][] = [
    [0, 'list secrets: no connection', true],
    [1_000, 'get leases: no connection', false],
    [50_000, 'get leases: no connection', false],
    [50_000, 'get leases: no connection', false],
    [1_000, 'get leases: may not get leases', true],
    [61_000, 'get leases: may not get leases', true],
  ]
  for (const [after, detail, news] of rows) {
    now += after
    t.equal(isNews(detail), news, `${now} ms: ${detail}`)
  }
  t.end()
})
