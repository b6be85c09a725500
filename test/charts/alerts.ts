/** The alerts that the chart ships: every metric in them exists, and each says what to do. Needs no promtool. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { catalogue, notJudged } from '../../src/finding/catalogue.ts'
import {
  acmeMetrics,
  processCounters,
  publicCounters,
  statusGauges,
  statusReadable,
  workerMetrics,
} from '../../src/metrics/catalogue.ts'

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly labels: { readonly severity?: string }
  readonly annotations: { readonly summary?: string; readonly description?: string }
}

const root = join(import.meta.dirname, '../..')
const file = readFileSync(join(root, 'charts/port80/files/alerts.yaml'), 'utf8')
const { groups } = parse(file) as { groups: { rules: Rule[] }[] }
const rules = groups.flatMap((group) => group.rules)
interface Metric {
  readonly name: string
  readonly labels: readonly string[]
}
const known: readonly Metric[] = [
  ...Object.values<Metric>(acmeMetrics),
  ...Object.values<Metric>(processCounters),
  ...Object.values<Metric>(publicCounters),
  ...Object.values<Metric>(statusGauges),
  ...Object.values<Metric>(workerMetrics),
  statusReadable,
]

t.test('there are alerts for expiry, failures, leadership, configuration and absence', (t) => {
  t.ok(rules.length > 10)
  t.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length, 'each name once')
  t.end()
})

for (const { alert, expr, labels, annotations } of rules) {
  t.test(alert, (t) => {
    const used = expr.match(/\bport80_\w+/g) ?? []
    t.ok(used.length > 0, 'asks for a metric of port80')
    for (const name of used)
      t.ok(
        known.find((each) => each.name === name),
        `${name} is in the catalogue`,
      )
    const filters = [...expr.matchAll(/(port80_\w+)\{(\w+)/g)]
    for (const [, name, label] of filters) {
      t.ok(
        known.find((each) => each.name === name)?.labels.includes(label ?? ''),
        `${name ?? ''} has ${label ?? ''}`,
      )
    }
    t.match(labels.severity, /^(warning|critical)$/)
    t.match(annotations.summary, /\.$/, 'says what is wrong')
    t.ok((annotations.description ?? '').length > 60, 'says what to do')
    t.end()
  })
}

t.test('what cannot be judged from here alerts nobody', (t) => {
  const expr = rules.find(({ alert }) => alert === 'Port80FindingWarning')?.expr ?? ''
  const left = new RegExp(`^(?:${/code!~"([^"]*)"/.exec(expr)?.[1] ?? ''})$`)
  for (const code of notJudged) {
    t.equal(catalogue[code].severity, 'warning', code)
    t.match(code, left)
  }
  t.end()
})

t.test('every alert of docs/metrics.md is shipped', (t) => {
  const shown = /## Alerts worth having\n\n```yaml\n([\s\S]*?)```/.exec(
    readFileSync(join(root, 'docs/metrics.md'), 'utf8'),
  )?.[1]
  const documented = (parse(shown ?? '') as { groups: { rules: Rule[] }[] }).groups.flatMap(
    (group) => group.rules,
  )
  const shipped = new Set(rules.map(({ alert }) => alert))
  for (const { alert } of documented) t.ok(shipped.has(alert), `${alert} is shipped`)
  t.end()
})
