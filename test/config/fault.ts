import fc from 'fast-check'
import t from 'tap'
import {
  finding,
  formatFaults,
  formatPath,
  placeFault,
  showValue,
  type Path,
} from '../../src/config/fault.ts'

/** Any code point, lone surrogates too. */
const anyCharacter = fc.nat({ max: 0x10ffff }).map((code) => String.fromCodePoint(code))

const paths: { path: Path; text: string }[] = [
  { path: [], text: '' },
  { path: ['log'], text: 'log' },
  { path: ['certificates', 0, 'domains', 1], text: 'certificates[0].domains[1]' },
  { path: ['issuers', 'my-ca', 'directory'], text: 'issuers.my-ca.directory' },
  { path: ['issuers', 'my ca', 'directory'], text: 'issuers["my ca"].directory' },
  { path: ['a.b'], text: '["a.b"]' },
  { path: [''], text: '[""]' },
]

for (const { path, text } of paths) {
  t.test(`${JSON.stringify(path)} is shown as ${text || 'nothing'}`, (t) => {
    t.equal(formatPath(path), text)
    t.end()
  })
}

const values: { name: string; value: unknown; text: string }[] = [
  { name: 'text is quoted', value: 'a "b"', text: '"a \\"b\\""' },
  { name: 'a number is bare', value: 80.5, text: '80.5' },
  { name: 'what is no number is bare', value: NaN, text: 'NaN' },
  { name: 'a truth value is bare', value: false, text: 'false' },
  { name: 'null is bare', value: null, text: 'null' },
  { name: 'nothing is empty', value: undefined, text: '' },
  { name: 'a list shows its length only', value: ['hmac', 'secret'], text: '(a list of 2)' },
  { name: 'an object shows nothing of itself', value: { hmacKey: 'secret' }, text: '(an object)' },
  { name: 'line breaks are escaped', value: 'a\nb\u2028c', text: '"a\\nb\\u{2028}c"' },
  {
    name: 'controls of the terminal are escaped',
    value: '\u001b[31m\u009b\u202e',
    text: '"\\u001b[31m\\u{9b}\\u{202e}"',
  },
  { name: 'a password in a URL is left out', value: 'ftp://me:secret@a.test/', text: '"ftp://…@a.test/"' },
  { name: 'a long text is cut at 80', value: 'x'.repeat(100), text: `"${'x'.repeat(77)}…"` },
]

for (const { name, value, text } of values) {
  t.test(name, (t) => {
    t.equal(showValue(value), text)
    t.end()
  })
}

t.test('a secret is hidden, and only what stands there', (t) => {
  t.equal(finding(['k'], 's3cret', 'is wrong', true).value, '(hidden)')
  t.equal(finding(['k'], 12345, 'is wrong', true).value, '(hidden)')
  t.equal(finding(['k'], undefined, 'is required', true).value, '')
  t.end()
})

t.test('faults are one line each, with file, line, path, value and fix where there are any', (t) => {
  const faults = [
    placeFault(
      finding(['certificates', 0, 'domains', 1], '*.example.com', 'is a wildcard; list each name'),
      () => 12,
    ),
    placeFault(finding(['certificates', 0, 'name'], undefined, 'is required; write a name'), () => undefined),
    placeFault(finding([], undefined, 'not YAML: a tab; indent with spaces'), () => 3),
    placeFault(finding([], '/etc/port80.yaml', 'does not exist; write it'), () => undefined),
  ]
  t.equal(
    formatFaults(faults, 'port80.yaml'),
    [
      'port80.yaml:12: certificates[0].domains[1]: "*.example.com" is a wildcard; list each name',
      'port80.yaml: certificates[0].name: is required; write a name',
      'port80.yaml:3: not YAML: a tab; indent with spaces',
      'port80.yaml: "/etc/port80.yaml" does not exist; write it',
    ].join('\n'),
  )
  t.equal(formatFaults([], 'port80.yaml'), '')
  t.end()
})

t.test('no value is longer than 80 characters, more than a line, or ill-formed', (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: anyCharacter, maxLength: 400 }), fc.anything()), (value) => {
      const text = showValue(value)
      return text.length <= 80 && !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(text)
    }),
    { numRuns: 300 },
  )
  t.end()
})
