/** The shipped alerts, evaluated by promtool: silent while all is well, each firing for what it is for. */
import { execFile } from 'node:child_process'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { parse, stringify } from 'yaml'
import { catalogue, findingCodes } from '../../../../src/finding/catalogue.ts'
import { pageOf } from '../../../../src/finding/finding.ts'
import { installed } from '../../peers/install.ts'
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

interface Firing {
  readonly series: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  readonly summary: string
}

/** For each alert: series that set it off within two hours from the Unix time 0, and what it then says. */
const firing: Readonly<Record<string, Firing>> = {
  Port80Absent: {
    series: { up: '1x120' },
    labels: {},
    summary: 'Nothing of port80 is scraped.',
  },
  Port80CertificateExpiresSoon: {
    series: {
      'port80_certificate_not_before_timestamp_seconds{name="book",instance="a"}': '-4200x120',
      'port80_certificate_not_before_timestamp_seconds{name="book",instance="b"}': '-4200x120',
      'port80_certificate_not_after_timestamp_seconds{name="book",instance="a"}': '4200x120',
      'port80_certificate_not_after_timestamp_seconds{name="book",instance="b"}': '4200x120',
    },
    labels: { name: 'book' },
    summary: 'The certificate book expires in 10m 0s and is not renewed.',
  },
  Port80CertificateNotReady: {
    series: {
      'port80_certificate_ready_status{name="book",condition="False",instance="a"}': '1x120',
      'port80_certificate_ready_status{name="book",condition="False",instance="b"}': '1x120',
    },
    labels: { name: 'book' },
    summary: 'The certificate book is missing, expired, a placeholder, or unknown.',
  },
  Port80CertificateFailing: {
    series: { 'port80_certificate_consecutive_failures{name="book"}': '3x120' },
    labels: { name: 'book' },
    summary: 'The certificate book failed 3 times in a row.',
  },
  Port80FindingError: {
    series: {
      'port80_finding{code="P80-101",severity="error",certificate="book",host="book.example.com",instance="a"}':
        '1x120',
      'port80_finding{code="P80-101",severity="error",certificate="book",host="book.example.com",instance="b"}':
        '1x120',
      'port80_finding{code="P80-106",severity="note",certificate="book",host="book.example.com"}': '1x120',
    },
    labels: { code: 'P80-101', certificate: 'book', host: 'book.example.com' },
    summary: 'P80-101 for book.example.com: issuing, renewing or serving is broken.',
  },
  Port80FindingWarning: {
    series: { 'port80_finding{code="P80-502",severity="warning",certificate="",host=""}': '1x120' },
    labels: { code: 'P80-502' },
    summary: 'P80-502: it will break, or cannot be judged.',
  },
  Port80CertificateNotInstalled: {
    series: { 'port80_certificate_destinations_faulty{name="book"}': '1x120' },
    labels: { name: 'book' },
    summary: '1 of the Secrets of book do not hold its certificate.',
  },
  Port80RenewalOverdue: {
    series: {
      'port80_certificate_renewal_timestamp_seconds{name="book"}': '-1200x120',
      'port80_certificate_status{name="book",state="ready",reason="LimitedByCa"}': '1x120',
      'port80_certificate_renewal_timestamp_seconds{name="refused"}': '-1200x120',
      'port80_certificate_status{name="refused",state="missing",reason="DestinationsRefused"}': '1x120',
    },
    labels: { name: 'book' },
    summary: 'The renewal of the certificate book is 1h 20m 0s late.',
  },
  Port80LimitedByCa: {
    series: { 'port80_holds{issuer="letsencrypt",kind="registeredDomain"}': '2x120' },
    labels: { issuer: 'letsencrypt', kind: 'registeredDomain' },
    summary: 'The CA letsencrypt limits what is ordered there (registeredDomain).',
  },
  Port80ConfigurationRefused: {
    series: {
      'port80_configuration_accepted{instance="a"}': '0x120',
      'port80_configuration_accepted{instance="b"}': '1x120',
    },
    labels: { instance: 'a' },
    summary: 'a refuses the configuration and runs on the last good one.',
  },
  Port80NobodyLeads: {
    series: { 'port80_leader{instance="a"}': '0x120', 'port80_leader{instance="b"}': '0x120' },
    labels: {},
    summary: 'No worker of port80 leads, so nothing is ordered or renewed.',
  },
  Port80WorkerStuck: {
    series: { 'port80_worker_stuck{instance="a"}': '1x120' },
    labels: {},
    summary: 'The worker of port80 does not move.',
  },
  Port80StoreUnreadable: {
    series: {
      'port80_store_readable{instance="a"}': '0x120',
      'port80_store_readable{instance="b"}': '1x120',
    },
    labels: { instance: 'a' },
    summary: 'a cannot read its store.',
  },
  Port80StatusStale: {
    series: { 'port80_status_stale{instance="a"}': '1x120', 'port80_status_stale{instance="b"}': '1x120' },
    labels: {},
    summary: 'No process of port80 knows how the certificates stand.',
  },
  Port80ChallengesMissed: {
    series: { 'port80_challenge_requests_total{result="wrongHost",instance="a"}': '0+1x120' },
    labels: {},
    summary: 'A known token was asked for under another name.',
  },
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

t.test(
  'a finding of every severity that wants somebody has a rule, which names the page of the code',
  async (t) => {
    const severities = new Set(Object.values(catalogue).map(({ severity }) => severity))
    severities.delete('note')
    t.ok(severities.size > 0)
    for (const severity of severities) {
      const [rule] = rules.filter(({ expr }) => expr.includes(`port80_finding{severity="${severity}"}`))
      const page = rulesByName.get(rule?.alert ?? '')?.page
      for (const code of findingCodes) t.equal(described(page, { code }), `docs/${pageOf(code)}`)
    }
  },
)
