/** Whatever objects are like: no rule throws, and what it says is a finding. Through the reading that files go through. */
import fc from 'fast-check'
import t from 'tap'
import { parseConfig } from '../../src/config/parse.ts'
import { findingCodes, type FindingCode } from '../../src/finding/catalogue.ts'
import type { Finding } from '../../src/finding/finding.ts'
import { givenSettings } from '../../src/lint/config-maps.ts'
import type { LintScope, MeshObjects, ObjectList } from '../../src/lint/objects.ts'
import { readObjects } from '../../src/lint/read-objects.ts'
import { rules } from '../../src/lint/rules/index.ts'
import { lintScope } from '../../src/lint/scope.ts'
import { now } from '../certificate/fixtures/builders.ts'
import { mutate, mutations } from './fixtures/mutation.ts'
import { configuration, host, objectsOf, partNames, privateKey, type Part } from './fixtures/soup.ts'
import { faultsOf } from './fixtures/well-formed.ts'

const parsed = parseConfig(configuration)
if ('faults' in parsed) throw new Error('the configuration of this test is none')
const config = parsed.ok

interface Terms {
  /** Of a file, beside those of ConfigMaps. */
  readonly named: boolean
  /** Everything there is was read. */
  readonly whole: boolean
}

interface Judged {
  readonly findings: readonly Finding[]
  readonly scope: LintScope
  readonly remarks: readonly string[]
}

/** As the command does, but that what a rule throws is thrown. */
function judge(all: readonly unknown[], { named, whole }: Terms): Judged {
  const { objects, remarks } = readObjects(all)
  const given = givenSettings(all)
  const lists = Object.keys(objects) as (keyof MeshObjects)[]
  const { scope, remarks: more } = lintScope({
    ...{ now, objects, given, config: named ? config : undefined },
    whole: new Set<ObjectList>(whole ? lists : []),
  })
  const findings = rules.flatMap((rule) => rule(objects, scope))
  return { findings, scope, remarks: [...remarks, ...given.remarks, ...more] }
}

t.test('any objects, changed at any place', async (t) => {
  const soups = fc.record({
    parts: fc.subarray([...partNames], { minLength: 1 }),
    changes: mutations,
    named: fc.boolean(),
    whole: fc.boolean(),
  })
  fc.assert(
    fc.property(soups, ({ parts, changes, ...terms }) => {
      const all = objectsOf(parts)
      mutate(all, changes)
      const { findings, scope, remarks } = judge(all, terms)
      const faults = findings.flatMap((finding) => faultsOf(finding, scope.managed.hosts))
      if (faults.length > 0) throw new Error(`${faults.join(', ')}: ${JSON.stringify(findings)}`)
      const told = JSON.stringify([findings, remarks])
      if (told.includes(privateKey.split('\n')[1] ?? '')) throw new Error('a private key is told')
    }),
    { numRuns: 400 },
  )
  t.pass()
})

/** Of which objects each code is told: what is changed above is not always harmless. */
const told: Readonly<Partial<Record<FindingCode, readonly Part[]>>> = {
  'P80-101': ['byName', 'httpsRedirect'],
  'P80-102': ['anyHost', 'bothPorts', 'application'],
  'P80-103': ['byName', 'bothPorts', 'application'],
  'P80-104': ['byNameForAll', 'prefix'],
  'P80-105': ['byName', 'bothPorts', 'loop'],
  'P80-106': ['listeners', 'redirect'],
  'P80-107': ['listeners', 'redirect'],
  'P80-108': ['responder', 'listeners', 'challenge'],
  'P80-109': ['byName', 'http2'],
  'P80-110': ['byName', 'hidden'],
  'P80-111': ['byName', 'deny'],
  'P80-112': ['byName', 'login'],
  'P80-113': ['byName', 'responder', 'mtls'],
  'P80-114': ['byName', 'otherPods', 'pod'],
  'P80-115': ['byName', 'token', 'jwt'],
  'P80-201': ['foreignServer', 'elsewhere', 'pod'],
  'P80-202': ['foreignServer', 'pod'],
  'P80-203': ['https', 'mixed'],
  'P80-204': ['foreignServer', 'otherNames', 'pod'],
  'P80-205': ['https', 'expired'],
  'P80-206': ['https', 'generic'],
  'P80-207': ['https', 'foreign'],
  'P80-208': ['https', 'second', 'secret'],
  'P80-209': ['mutual', 'publicCa'],
  'P80-210': ['https', 'pod', 'role', 'binding'],
}
for (const [code, parts] of Object.entries(told)) {
  t.test(`${code} is told of ${parts.join(', ')}`, async (t) => {
    const { findings, scope } = judge(objectsOf(parts), { named: true, whole: true })
    t.ok(
      findings.some((finding) => finding.code === code),
      findings.map((finding) => finding.code).join(' '),
    )
    t.strictSame(
      findings.flatMap((finding) => faultsOf(finding, scope.managed.hosts)),
      [],
    )
  })
}

t.test('those are all codes of lint', async (t) => {
  t.strictSame(
    Object.keys(told),
    findingCodes.filter((code) => /^P80-[12]/.test(code)),
  )
})

const good: Finding = {
  ...{ code: 'P80-101', object: { kind: 'Gateway', namespace: 'shop', name: 'web' }, host, seen: 'this' },
  fix: { do: 'run', command: `echo '{"a":"it'\\''s"}' | kubectl apply -f -` },
}
const bad: readonly { name: string; finding: Finding; fault?: string }[] = [
  { name: 'a good one has none', finding: good },
  { name: 'no name', finding: { ...good, object: { kind: 'Gateway', name: '' } }, fault: 'no object' },
  { name: 'a strange host', finding: { ...good, host: 'a.b' }, fault: 'a host that is not managed' },
  { name: 'nothing', finding: { ...good, seen: '' }, fault: 'nothing seen' },
  { name: 'too much', finding: { ...good, seen: 'x'.repeat(301) }, fault: 'seen is too long' },
  { name: 'a hole', finding: { ...good, seen: 'port undefined' }, fault: 'a value that is none' },
  { name: 'no words', finding: { ...good, fix: { do: 'act', words: ' ' } }, fault: 'no fix' },
  ...['kubectl get $(id)', 'kubectl get a; id', `kubectl get 'a'b'`, 'kubectl get a | sh', 'id && id'].map(
    (command) => ({
      ...{ name: command, finding: { ...good, fix: { do: 'run', command } as const } },
      fault: 'sh reads more into the command',
    }),
  ),
]
for (const { name, finding, fault } of bad) {
  t.test(`a fault is seen: ${name}`, async (t) => {
    t.strictSame(faultsOf(finding, [host]), fault === undefined ? [] : [fault])
  })
}
