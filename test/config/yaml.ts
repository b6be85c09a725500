import t from 'tap'
import { readYaml } from '../../src/config/yaml.ts'
import { checkFaultRows, type FaultRow } from './fixtures/fault-rows.ts'

const syntax: FaultRow[] = [
  {
    name: 'a tab in the indentation',
    yaml: 'log:\n\tlevel: info\n',
    says: ['2: not YAML: a tab stands in the indentation; indent with spaces'],
  },
  {
    name: 'two keys on one line',
    yaml: 'log: level: info\n',
    says: ['1: not YAML: two keys meet on one line; give each a line of its own, or put the value in quotes'],
  },
  {
    name: 'an open quote',
    yaml: 'log:\n  level: "info\n',
    says: ['3: not YAML: a quote, colon, comma or bracket is missing; add it'],
  },
  {
    name: 'a value that starts with a reserved character',
    yaml: 'log:\n  level: @info\n',
    says: ['2: not YAML: a value cannot start with this character; put the value in quotes'],
  },
  {
    name: 'an alias without an anchor, such as a bare wildcard',
    yaml: 'certificates:\n  - name: a\n    domains: [*.example.com]\n',
    says: [
      'not YAML: an alias (*name) has no anchor (&name) before it, or there are too many; write the value out, or put it in quotes',
    ],
  },
  {
    name: 'a second document',
    yaml: 'log: {}\n---\nstore: {}\n',
    says: ['2: has a second document after ---; keep one document in the file'],
  },
  {
    name: 'a tag',
    yaml: 'log:\n  level: !secret info\n',
    says: ['2: has a tag (!name), which port80 does not read; write the plain value'],
  },
  {
    name: 'a known tag of YAML that makes binary data',
    yaml: 'store: {directory: !!binary aGVsbG8=}\n',
    says: ['1: has a tag (!name), which port80 does not read; write the plain value'],
  },
  {
    name: 'a key that is a list',
    yaml: '? [a, b]\n: c\n',
    says: ['1: not YAML for port80: a key is a list or an object; write a name before the colon'],
  },
  {
    name: 'several faults, one a line',
    yaml: 'log: {level: @info}\nstore: {directory: `x`}\n',
    says: [
      '1: not YAML: a value cannot start with this character; put the value in quotes',
      '2: not YAML: a value cannot start with this character; put the value in quotes',
    ],
  },
  {
    name: 'nothing else is said of a text that is not YAML',
    yaml: 'unknown: 1\nlog: @x\n',
    says: ['2: not YAML: a value cannot start with this character; put the value in quotes'],
  },
]
checkFaultRows(t, syntax)

const twice: FaultRow[] = [
  {
    name: 'a section that stands twice',
    yaml: 'log: {}\nstore: {}\nlog: {}\n',
    says: ['3: log: stands twice, first in line 1; take one of the two out'],
  },
  {
    name: 'a key that stands twice in an entry, beside other faults',
    yaml: 'certificates:\n  - name: a\n    domains: [a.test]\n    name: b\n    nonsense: 1\n',
    says: [
      '4: certificates[0].name: stands twice, first in line 2; take one of the two out',
      '5: certificates[0].nonsense: is no setting here; take it out (known: name, domains, issuer, fallbackIssuer, keyType, reuseKey, profile, renewal, redirect, destinations)',
    ],
  },
  {
    name: 'a key that every object has',
    yaml: 'issuers:\n  __proto__: {directory: "https://a.test/"}\n',
    says: ['2: issuers.__proto__: is no setting; take it out'],
  },
]
checkFaultRows(t, twice)

t.test('lines are those of keys and entries, or of the nearest thing around', (t) => {
  const { lineOf } = readYaml(
    '# comment\ncertificates:\n  - name: a\n    domains:\n      - a.test\n      - b.test\n',
  )
  t.equal(lineOf(['certificates']), 2)
  t.equal(lineOf(['certificates', 0]), 3)
  t.equal(lineOf(['certificates', 0, 'domains']), 4)
  t.equal(lineOf(['certificates', 0, 'domains', 1]), 6)
  t.equal(lineOf(['certificates', 0, 'issuer']), 3, 'of the entry that lacks it')
  t.equal(lineOf(['store', 'directory']), undefined)
  t.equal(lineOf([]), undefined)
  t.end()
})

const read: { name: string; yaml: string; data: unknown }[] = [
  { name: 'an empty text is nothing', yaml: '', data: undefined },
  { name: 'comments are nothing', yaml: '# a\n\n', data: undefined },
  { name: 'JSON is YAML', yaml: '{"log":{"level":"warn"}}', data: { log: { level: 'warn' } } },
  { name: 'a byte order mark is no text', yaml: '\ufefflog: {}', data: { log: {} } },
  { name: 'line ends of other systems', yaml: 'log:\r\n  level: warn\r\n', data: { log: { level: 'warn' } } },
  {
    name: 'off, yes and dates are text',
    yaml: 'a: off\nb: yes\nc: 2026-01-01',
    data: { a: 'off', b: 'yes', c: '2026-01-01' },
  },
  {
    name: 'a directive for the old version changes nothing',
    yaml: '%YAML 1.1\n---\na: off\n',
    data: { a: 'off' },
  },
  { name: 'keys are text', yaml: '1: a\n', data: { '1': 'a' } },
  {
    name: 'anchors and merge keys are read',
    yaml: 'a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: *a\n',
    data: { a: { x: 1, y: 2 }, b: { x: 1, y: 3 }, c: { x: 1, y: 2 } },
  },
]

for (const { name, yaml, data } of read) {
  t.test(name, (t) => {
    t.strictSame(readYaml(yaml).data, data)
    t.strictSame(readYaml(yaml).faults, [])
    t.end()
  })
}

t.test('a bomb of aliases is refused', (t) => {
  const names = [...'abcdefghijklm']
  const lines = names.map((name, index) => {
    const inner = index === 0 ? 'x' : `*${names[index - 1] ?? ''}`
    return `${name}: &${name} [${Array(10).fill(inner).join(', ')}]`
  })
  t.match(readYaml(lines.join('\n')), { broken: true, faults: [{ fix: /too many/ }] })
  t.end()
})

t.test('nesting without end is refused', (t) => {
  t.match(readYaml('['.repeat(200_000)), { broken: true, faults: [{ fix: /^not YAML/ }] })
  t.end()
})
