/**
 * charts/port80/files/dashboards/port80.json, for Grafana: made from the catalogues of findings and of metrics, so that no
 * panel asks for a metric that is not there and each code is shown with its title. Pure.
 */
import { catalogue, findingCodes } from '../../src/finding/catalogue.ts'
import { publicCounters, statusGauges } from '../../src/metrics/catalogue.ts'

type Json = Readonly<Record<string, unknown>>

const datasource = { type: 'prometheus', uid: '${datasource}' }
/** Every replica shows the same certificates and findings: max, never sum. */
const gauges = {
  errors: `count(max by (code, certificate, host) (${statusGauges.finding.name}{severity="error"}) > 0) or vector(0)`,
  warnings: `count(max by (code, certificate, host) (${statusGauges.finding.name}{severity="warning"}) > 0) or vector(0)`,
  notReady: `count(max by (name) (${statusGauges.ready.name}{condition!="True"}) == 1) or vector(0)`,
  soonest: `min(max by (name) (${statusGauges.notAfter.name})) - time()`,
  findings: `max by (code, severity, certificate, host) (${statusGauges.finding.name}) > 0`,
  ends: `max by (name) (${statusGauges.notAfter.name}) - time()`,
  renews: `max by (name) (${statusGauges.renewal.name}) - time()`,
  failures: `max by (name) (${statusGauges.failures.name}) > 0`,
  holds: `max by (issuer, kind) (${statusGauges.holds.name})`,
  left: `min by (issuer, bucket) (${statusGauges.budgetRemaining.name}) / max by (issuer, bucket) (${statusGauges.budgetLimit.name})`,
  roomIn: `max by (issuer, bucket) (${statusGauges.budgetNext.name}) - time() > 0`,
  redirects: `sum by (status) (rate(${publicCounters.redirects.name}[$__rate_interval]))`,
  challenges: `sum by (result) (rate(${publicCounters.challengeRequests.name}[$__rate_interval]))`,
}

interface Place {
  readonly id: number
  readonly x: number
  readonly y: number
  readonly w: number
  readonly h: number
}

function panel(
  type: string,
  title: string,
  { id, ...gridPos }: Place,
  { expr, legend = '', format = 'time_series', unit = 'short', ...more }: Json & { readonly expr: string },
): Json {
  const isTable = format === 'table'
  return {
    id,
    type,
    title,
    gridPos,
    datasource,
    targets: [
      { refId: 'A', datasource, expr, legendFormat: legend, format, instant: isTable || type === 'stat' },
    ],
    fieldConfig: { defaults: { unit }, overrides: [] },
    ...more,
  }
}

/** Red from one on. */
const alarming = (colour: string): Json => ({
  mode: 'absolute',
  steps: [
    { color: 'green', value: null },
    { color: colour, value: 1 },
  ],
})

function stat(title: string, place: Place, expr: string, colour: string): Json {
  const made = panel('stat', title, place, { expr })
  return {
    ...made,
    fieldConfig: { defaults: { unit: 'short', thresholds: alarming(colour) }, overrides: [] },
    options: { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'background' },
  }
}

/** Code → title, in the cells of the table. */
const titles: Json = {
  type: 'value',
  options: Object.fromEntries(
    findingCodes.map((code, index) => [code, { text: `${code} ${catalogue[code].title}`, index }]),
  ),
}

function findingTable(place: Place): Json {
  const made = panel('table', 'Findings: /status/findings says what mends each', place, {
    expr: gauges.findings,
    format: 'table',
  })
  const override = {
    matcher: { id: 'byName', options: 'code' },
    properties: [{ id: 'mappings', value: [titles] }],
  }
  return {
    ...made,
    fieldConfig: { defaults: {}, overrides: [override] },
    transformations: [{ id: 'organize', options: { excludeByName: { Time: true, Value: true } } }],
  }
}

function panels(): Json[] {
  const { errors, warnings, notReady, soonest, ends, renews, failures, holds } = gauges
  const series = (
    title: string,
    place: Place,
    [expr, legend, unit = 'short']: readonly [string, string, string?],
  ) => panel('timeseries', title, place, { expr, legend, unit })
  return [
    stat('Errors found', { id: 1, x: 0, y: 0, w: 6, h: 4 }, errors, 'red'),
    stat('Warnings found', { id: 2, x: 6, y: 0, w: 6, h: 4 }, warnings, 'orange'),
    stat('Certificates that are not ready', { id: 3, x: 12, y: 0, w: 6, h: 4 }, notReady, 'red'),
    panel(
      'stat',
      'The next certificate ends in',
      { id: 4, x: 18, y: 0, w: 6, h: 4 },
      { expr: soonest, unit: 's' },
    ),
    findingTable({ id: 5, x: 0, y: 4, w: 24, h: 9 }),
    series('Time until certificates end', { id: 6, x: 0, y: 13, w: 12, h: 8 }, [ends, '{{name}}', 's']),
    series('Time until they are renewed', { id: 7, x: 12, y: 13, w: 12, h: 8 }, [renews, '{{name}}', 's']),
    series('Failures in a row', { id: 8, x: 0, y: 21, w: 12, h: 8 }, [failures, '{{name}}']),
    series('Limits of the CA in force', { id: 9, x: 12, y: 21, w: 12, h: 8 }, [holds, '{{issuer}} {{kind}}']),
    ...budgetPanels(29),
    series('Redirects', { id: 10, x: 0, y: 37, w: 12, h: 8 }, [gauges.redirects, '{{status}}', 'reqps']),
    series('Challenge requests', { id: 11, x: 12, y: 37, w: 12, h: 8 }, [
      gauges.challenges,
      '{{result}}',
      'reqps',
    ]),
  ]
}

/** By our own count; the domain or name that has least left stands for its kind. */
function budgetPanels(y: number): Json[] {
  const legend = '{{issuer}} {{bucket}}'
  const left = panel(
    'timeseries',
    'What is left of the limits of the CA',
    { id: 12, x: 0, y, w: 12, h: 8 },
    { expr: gauges.left, legend },
  )
  const share = { unit: 'percentunit', min: 0, max: 1 }
  return [
    { ...left, fieldConfig: { defaults: share, overrides: [] } },
    panel(
      'timeseries',
      'Time until a new certificate fits',
      { id: 13, x: 12, y, w: 12, h: 8 },
      { expr: gauges.roomIn, legend, unit: 's' },
    ),
  ]
}

export function dashboard(): Json {
  return {
    uid: 'port80',
    title: 'port80',
    tags: ['port80', 'certificates'],
    schemaVersion: 39,
    editable: true,
    refresh: '1m',
    time: { from: 'now-24h', to: 'now' },
    templating: {
      list: [{ name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Prometheus' }],
    },
    panels: panels(),
  }
}
