import t from 'tap'
import { dashboard } from '../../docs/chart/dashboard.ts'
import { findingCodes } from '../../src/finding/catalogue.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { meshDay } from '../status/fixtures/mesh-day.ts'

interface Panel {
  readonly id: number
  readonly title: string
  readonly targets: readonly { readonly expr: string }[]
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number }
}

const made = dashboard() as unknown as { readonly panels: readonly Panel[] }

t.test('every panel asks for metrics that exist, and stands by itself', async (t) => {
  const scraped = await createMetrics().text(meshDay)
  const names = new Set([...scraped.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1]))
  const taken = new Set<string>()
  for (const { title, targets, gridPos } of made.panels) {
    const asked = targets.flatMap(({ expr }) => expr.match(/port80_[a-z0-9_]+/g) ?? [])
    t.ok(asked.length > 0, title)
    for (const name of asked) t.ok(names.has(name), `${title}: ${name}`)
    const place = JSON.stringify([gridPos.x, gridPos.y])
    t.notOk(taken.has(place), title)
    taken.add(place)
  }
  t.equal(new Set(made.panels.map(({ id }) => id)).size, made.panels.length)
})

t.test('every code of a finding has its title', async (t) => {
  const text = JSON.stringify(made)
  for (const code of findingCodes) t.ok(text.includes(`"${code} `), code)
})
