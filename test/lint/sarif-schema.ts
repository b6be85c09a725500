/** What lint prints as SARIF is SARIF, by the schema of the standard (fixtures/sarif/README.md). ajv is there with fastify. */
import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import t from 'tap'
import { findingCodes } from '../../src/finding/catalogue.ts'
import type { Finding, Fix } from '../../src/finding/finding.ts'
import { readObjects } from '../../src/lint/read-objects.ts'
import type { PlacedFinding } from '../../src/lint/report-text.ts'
import { rules } from '../../src/lint/rules/index.ts'
import { lint } from '../../src/lint/run.ts'
import { sarifOf } from '../../src/lint/sarif.ts'
import { scopeOf } from './fixtures/linted.ts'
import { objectsOf, partNames } from './fixtures/soup.ts'

const file = new URL('fixtures/sarif/sarif-2.1.0-rtm.5.json', import.meta.url)
// One of its patterns is none with the flag u. Of draft 4, where what is `$id` today was `id`; nothing else of that draft is in it.
const {
  $schema: _draft,
  id: _id,
  ...schema
} = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false })
ajv.addFormat('uri', (text) => URL.canParse(text))
ajv.addFormat(
  'uri-reference',
  (text) => /^[^\s\\]*$/.test(text) && URL.canParse(text, 'https://example.com/'),
)
ajv.addFormat('date-time', (text) => !Number.isNaN(Date.parse(text)))
const validate = ajv.compile(schema)

/** Where it does not fit, as `/runs/0: must have …`. */
function faultsOf(log: unknown): string[] {
  // As a reader gets it.
  return validate(JSON.parse(JSON.stringify(log)))
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message ?? ''}`)
}
const version = '1.2.3'
const sarif = (found: readonly PlacedFinding[], remarks: readonly string[] = []) =>
  sarifOf(found, { version, remarks })

const { objects } = readObjects(objectsOf(partNames))
const { findings } = lint(objects, scopeOf({ whole: new Set(['referenceGrants', 'secrets']) }), rules)
const fixes: readonly Fix[] = [
  { do: 'run', command: 'kubectl get gateway' },
  { do: 'edit', yaml: 'a:\n  - b\n' },
  { do: 'act', words: 'Call \u{1f4de} the owner.' },
]
const one: Finding = {
  ...{ code: 'P80-101', object: { kind: 'Gateway', namespace: 'shop', name: 'web', field: 'spec' } },
  ...{ host: 'hello.example.com', seen: '"quoted" & \u0000', fix: { do: 'act', words: 'mend it' } },
}
const places: readonly PlacedFinding['place'][] = [
  ...[
    undefined,
    { file: 'gateway.yaml' },
    { file: './a b/ü#1?.yaml', line: 7 },
    { file: '/etc/mesh/x.yaml', line: 1 },
  ],
  ...[
    { file: '../shop/%41.yaml', line: 12 },
    { file: 'stdin', line: 3 },
  ],
]

const rows: readonly { name: string; log: object }[] = [
  { name: 'nothing found', log: sarif([]) },
  { name: 'nothing found, with remarks', log: sarif([], ['a.yaml:1: left out', '']) },
  { name: `real findings (${findings.length})`, log: sarif(findings.map((finding) => ({ finding }))) },
  {
    name: 'a finding of every code and every kind of fix',
    log: sarif(findingCodes.flatMap((code) => fixes.map((fix) => ({ finding: { ...one, code, fix } })))),
  },
  {
    name: 'an object without namespace, field or host',
    log: sarif([
      { finding: { code: 'P80-114', object: { kind: 'Host', name: 'a.b' }, seen: 'none', fix: one.fix } },
    ]),
  },
  ...places.map((place) => ({
    name: `at ${place ? JSON.stringify(place) : 'no place'}`,
    log: sarif([place ? { finding: one, place } : { finding: one }]),
  })),
]
for (const { name, log } of rows) {
  t.test(name, async (t) => t.strictSame(faultsOf(log), []))
}

t.test('the real findings are many', async (t) => {
  t.ok(new Set(findings.map(({ code }) => code)).size > 10, findings.map(({ code }) => code).join(' '))
})

const broken: readonly { name: string; change: (log: Log) => unknown; fault: RegExp }[] = [
  { name: 'another version', change: (log) => ({ ...log, version: '2.0.0' }), fault: /^\/version: / },
  { name: 'no runs', change: ({ version }) => ({ version }), fault: /'runs'/ },
  {
    name: 'a level that is none',
    change: (log) => withResult(log, { level: 'fatal' }),
    fault: /^\/runs\/0\/results\/0\/level: /,
  },
  {
    name: 'a member that nobody knows',
    change: (log) => withResult(log, { fix: 'it' }),
    fault: /additional/,
  },
  {
    name: 'a line before the first',
    change: (log) => withResult(log, { locations: [line(0)] }),
    fault: />= 1/,
  },
  {
    name: 'a path that is no reference',
    change: (log) => withResult(log, { locations: [line(1, 'a b.yaml')] }),
    fault: /uri-reference/,
  },
]
interface Log {
  readonly version: string
  readonly runs: readonly { readonly results: readonly object[] }[]
}
const withResult = ({ runs, ...log }: Log, more: object) => ({
  ...log,
  runs: runs.map((run) => ({ ...run, results: run.results.map((result) => ({ ...result, ...more })) })),
})
const line = (startLine: number, uri = 'a.yaml') => ({
  physicalLocation: { artifactLocation: { uri }, region: { startLine } },
})
for (const { name, change, fault } of broken) {
  t.test(`the schema sees ${name}`, async (t) => {
    t.match(faultsOf(change(sarif([{ finding: one }]) as Log)).join('\n'), fault)
  })
}
