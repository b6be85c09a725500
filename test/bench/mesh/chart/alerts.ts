/** The shipped alerts, evaluated by promtool: silent while all is well, each firing for what it is for. */
import { execFile } from 'node:child_process'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { parse, stringify } from 'yaml'
import { catalogue, findingCodes, notJudged, type FindingCode } from '../../../../src/finding/catalogue.ts'
import { pageOf } from '../../../../src/finding/finding.ts'
import { installed } from '../../peers/install.ts'
import { firing, type Firing } from './fixtures/firing.ts'
import { chartFolder, render } from './fixtures/helm.ts'

const run = promisify(execFile)
const promtool = (await installed('promtool')).path
const source = join(chartFolder, 'files/alerts.yaml')
const { groups } = parse(readFileSync(source, 'utf8')) as { groups: { rules: Rule[] }[] }
const rules = groups.flatMap((group) => group.rules)

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly labels: Readonly<Record<string, string>>
}

const folder = t.testdir({})
copyFileSync(source, join(folder, 'alerts.yaml'))

/** What promtool found; empty when every test held. */
async function tested(document: string): Promise<string> {
  const file = join(folder, 'alerts.test.yaml')
  writeFileSync(file, document)
  return run(promtool, ['test', 'rules', file]).then(
    () => '',
    (error: { stdout: string; stderr: string }) => `${error.stdout}${error.stderr}`,
  )
}

function oneTest({ alert, labels: own }: Rule, { series, labels, summary }: Firing): string {
  const said = Object.entries(rulesByName.get(alert) ?? {}).map(([name, text]) => [
    name,
    described(text, labels),
  ])
  const fires = {
    exp_labels: { ...own, ...labels },
    exp_annotations: { ...Object.fromEntries(said), summary },
  }
  return stringify({
    rule_files: ['alerts.yaml'],
    evaluation_interval: '1m',
    tests: [
      {
        interval: '1m',
        input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
        alert_rule_test: [{ eval_time: '1h', alertname: alert, exp_alerts: [fires] }],
      },
    ],
  })
}

const rulesByName = new Map(
  rules.map((rule) => [rule.alert, (rule as Rule & { annotations: Record<string, string> }).annotations]),
)

/** Prometheus fills in the labels. */
const described = (text = '', labels: Firing['labels']) =>
  text.replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => labels[label] ?? '')

t.test('promtool accepts the file', async (t) => {
  const { stdout } = await run(promtool, ['check', 'rules', source])
  t.match(stdout, `SUCCESS: ${rules.length} rules found`)
})

t.test('none fires while all is well', async (t) => {
  t.equal(await tested(readFileSync(join(import.meta.dirname, 'fixtures/alerts.test.yaml'), 'utf8')), '')
})

for (const rule of rules) {
  t.test(`${rule.alert} fires, and says what it is about`, async (t) => {
    const wanted = firing[rule.alert]
    if (wanted === undefined) return t.fail('has no test')
    t.equal(await tested(oneTest(rule, wanted)), '')
  })
}

t.test('a test that does not hold is seen', async (t) => {
  const [rule] = rules
  const wanted = rule && firing[rule.alert]
  if (!wanted) return t.fail('there is a first rule')
  t.match(await tested(oneTest(rule, { ...wanted, summary: 'Something else.' })), 'FAILED')
})

t.test('the PrometheusRule holds them all, but for those that are left out', async (t) => {
  const without = ['Port80StatusStale']
  const rendered = await render({ monitoring: { prometheusRule: { enabled: true, without } } })
  const object = rendered.manifests.find(({ kind }) => kind === 'PrometheusRule')
  const { groups: made } = object?.spec as { groups: { rules: Rule[] }[] }
  t.same(
    made.flatMap((group) => group.rules),
    rules.filter(({ alert }) => !without.includes(alert)),
  )
})

/** A metric that says the same as the finding, where the alert goes by it. */
const besides: Readonly<Partial<Record<FindingCode, string>>> = {
  'P80-502': 'port80_budget_next_possible_timestamp_seconds{issuer="le",bucket="newOrders"}',
}
const findingAlerts = ['FindingError', 'FindingWarning', 'OrderHeldByBudget', 'BudgetNearlySpent']
const isFindingAlert = findingAlerts.map((name) => `Port80${name}`)

function alertOf(code: FindingCode): string | undefined {
  const { severity } = catalogue[code]
  if (notJudged.some((each) => each === code)) return undefined
  if (code === 'P80-501') return 'Port80OrderHeldByBudget'
  if (code === 'P80-502') return 'Port80BudgetNearlySpent'
  return { error: 'Port80FindingError', warning: 'Port80FindingWarning', note: undefined }[severity]
}

t.test('each finding that wants somebody sets off one alert, which names its page', async (t) => {
  const tests = findingCodes.map((code) => {
    const { severity } = catalogue[code]
    const finding = `port80_finding{code="${code}",severity="${severity}",certificate="book",host=""}`
    const all = [finding, ...[besides[code] ?? []].flat()]
    const alert = alertOf(code)
    return {
      interval: '1m',
      input_series: all.map((series) => ({ series, values: '36000x120' })),
      promql_expr_test: [
        {
          expr: `count by (alertname) (ALERTS{alertstate="firing",alertname=~"${isFindingAlert.join('|')}"})`,
          eval_time: '1h',
          exp_samples: alert === undefined ? [] : [{ labels: `{alertname="${alert}"}`, value: 1 }],
        },
      ],
    }
  })
  t.equal(await tested(stringify({ rule_files: ['alerts.yaml'], evaluation_interval: '1m', tests })), '')
  for (const code of findingCodes) {
    const alert = alertOf(code)
    if (alert === undefined) continue
    t.equal(described(rulesByName.get(alert)?.page, { code }), `docs/${pageOf(code)}`, code)
  }
})
