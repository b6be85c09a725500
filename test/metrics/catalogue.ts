import { readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import * as catalogue from '../../src/metrics/catalogue.ts'
import { createMetrics } from '../../src/metrics/metrics.ts'
import { redirectCounter } from '../../src/traffic/redirect-counter.ts'
import { meshDay } from '../status/fixtures/mesh-day.ts'
import { now } from '../status/fixtures/page-snapshots.ts'
import { readExposition, type Family } from './fixtures/exposition.ts'

const document = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')
/** What a process that does not lead shows on a bad day: nothing of the catalogue is lacking in it. */
const hearsay = {
  ...meshDay,
  told: { by: 'port80-worker-1', at: now, stale: false, leftOut: 0 },
  sources: [],
  served: [
    ...(meshDay.served ?? []),
    {
      ...{ certificate: 'shop', observed: true as const, host: 'shop.example', pod: '192.0.2.1' },
      ...{ matches: true, serial: '01', notAfter: now + 86_400_000, checkedAt: now },
    },
  ],
}
const families = async () => readExposition(await createMetrics(redirectCounter(now)).text(hearsay)).families

const definitions = [
  catalogue.statusGauges,
  { statusReadable: catalogue.statusReadable },
  catalogue.publicCounters,
  catalogue.acmeMetrics,
  catalogue.workerMetrics,
  catalogue.processCounters,
].flatMap((group) => Object.values<{ name: string; labels: readonly string[] }>(group))

/** Cells of the rows that start with a metric's name in backticks. */
function rowsOf(markdown: string): string[][] {
  return [...markdown.matchAll(/^\| `[a-z0-9_]+` .*$/gm)].map((match) =>
    match[0]
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
}

const [tables = '', mapping = ''] = document.split('## Coming from cert-manager')

t.test('docs/metrics.md lists exactly what a scrape gets', async (t) => {
  const scraped = (await families()).map((family) => describe(family))
  const documented = rowsOf(tables)
  const portable = (row: string[]) =>
    !/^`(process|nodejs)_/.test(row[0] ?? '') || process.platform === 'linux'
  t.same(sorted(documented.filter(portable)), sorted(scraped.filter(portable)))
})

function describe({ name, type, help }: Family): string[] {
  const labels: readonly string[] =
    definitions.find((each) => each.name === name)?.labels ??
    (name === 'nodejs_version_info' ? ['version', 'major', 'minor', 'patch'] : [])
  return [`\`${name}\``, type, labels.map((label) => `\`${label}\``).join(', '), help]
}

const sorted = (rows: string[][]) => rows.map((row) => row.join(' | ')).sort()

t.test('every metric of the catalogue is in the scrape, once', async (t) => {
  const names = (await families()).map(({ name }) => name)
  t.equal(new Set(names).size, names.length)
  for (const { name } of definitions) t.ok(names.includes(name), name)
})

t.test('names carry their unit and kind, help is a sentence', async (t) => {
  const units = /_(seconds|bytes|total|info)$/
  const countsOrStates =
    /_(status|failures|faulty|holds|remaining|limit|leader|stuck|readable|stale|tokens|objects|finding|matches|ok|accepted|faults|fds)$/
  for (const { name, type, help } of await families()) {
    t.equal(name.endsWith('_total'), type === 'counter', `${name} is a ${type}`)
    t.notMatch(name, /_(count|sum|bucket)$/, `${name} does not look like a part of a histogram`)
    t.ok(units.test(name) || countsOrStates.test(name), `${name} says what its number is`)
    if (/(timestamp|time)_/.test(name)) t.match(name, /_seconds$/, name)
    t.ok(help.length > 10, `${name} has help`)
  }
})

t.test('the table of old names leads to metrics that exist', async (t) => {
  const names = (await families()).map(({ name }) => `\`${name}\``)
  const rows = rowsOf(mapping)
  t.ok(rows.length > 5)
  for (const [from, to] of rows) t.ok(names.includes(to ?? ''), `${from} → ${to}`)
})

t.test('the alerts of the document use metrics that exist', async (t) => {
  const names = new Set((await families()).map(({ name }) => name))
  const block = /```yaml\n([^]*?)```/.exec(document)?.[1] ?? ''
  const { groups } = parse(block) as { groups: { rules: { alert: string; expr: string }[] }[] }
  const rules = groups.flatMap((group) => group.rules)
  t.ok(rules.length > 5)
  for (const { alert, expr } of rules) {
    for (const name of expr.match(/port80_[a-z0-9_]+/g) ?? []) t.ok(names.has(name), `${alert}: ${name}`)
  }
})
