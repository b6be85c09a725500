import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import fc from 'fast-check'
import t from 'tap'
import { checkConfig } from '../../src/config/parse.ts'
import { configJsonSchema, kindOf, mayBeSecret, settings, shapeAt } from '../../src/config/settings.ts'
import { readYaml } from '../../src/config/yaml.ts'

const root = join(import.meta.dirname, '../..')
const example = readFileSync(join(root, 'docs/port80.example.yaml'), 'utf8')

// strict: a key word that the validator does not know is an error of the schema.
const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true })
formats.default(ajv)
const validate = ajv.compile(configJsonSchema())

t.test('it is JSON Schema 2020-12 with a name, and a new object each time', (t) => {
  t.match(configJsonSchema(), {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:port80:configuration',
    title: 'port80 configuration',
    type: 'object',
  })
  t.not(configJsonSchema(), configJsonSchema())
  t.end()
})

const demo = readdirSync(join(root, 'demo'), { recursive: true, encoding: 'utf8' })
const files = [
  'docs/port80.example.yaml',
  ...demo.filter((name) => name.endsWith('.yaml')).map((name) => `demo/${name}`),
]

for (const file of files) {
  t.test(`${file} is valid by the JSON Schema and by the program`, (t) => {
    const { data } = readYaml(readFileSync(join(root, file), 'utf8'))
    t.ok(validate(data), ajv.errorsText(validate.errors))
    t.strictSame(checkConfig(data).findings, [])
    t.end()
  })
}

const refused: { name: string; data: unknown }[] = [
  { name: 'an unknown key', data: { isuers: {} } },
  { name: 'a wrong type', data: { listeners: { public: { port: '80' } } } },
  { name: 'a value out of range', data: { listeners: { public: { port: 65_536 } } } },
  { name: 'a missing name', data: { certificates: [{ domains: ['a.test'] }] } },
  { name: 'a wrong form', data: { redirect: { maxAge: '1.5h' } } },
  { name: 'a wrong choice', data: { redirect: { status: 303 } } },
  { name: 'a wrong network range', data: { redirect: { trustForwardedProto: ['10.0.0.1'] } } },
  { name: 'neither branch of a union', data: { selfCheck: 'on' } },
  { name: 'a section without a value', data: { certificates: null } },
]

for (const { name, data } of refused) {
  t.test(`the JSON Schema refuses ${name}, as the program does`, (t) => {
    t.notOk(validate(data))
    t.not(checkConfig(data).findings.length, 0)
    t.end()
  })
}

t.test('what the JSON Schema refuses, the program refuses too', (t) => {
  const name = fc.constantFrom(...new Set(settings().flatMap(({ path }) => path.split(/[.[\]<>]+/))), 'ca')
  const leaf = fc.constantFrom<unknown>(
    0,
    1,
    301,
    8080,
    true,
    'a',
    'a.test',
    '5s',
    'off',
    'any',
    'https://a.test/',
    'ops@a.test',
    null,
  )
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('tree'), { maxLength: 2 }),
      fc.dictionary(name, tie('tree'), { maxKeys: 3 }),
    ),
  }))
  const object = fc.dictionary(name, tree, { maxKeys: 3 })
  fc.assert(
    fc.property(object, (data) => validate(data) || checkConfig(data).findings.length > 0),
    { numRuns: 500 },
  )
  t.end()
})

t.test('every setting says what a right value is and what it does', (t) => {
  for (const { path, kind, description } of settings()) {
    t.ok(kind.length > 3 && kind !== 'a text', `${path}: ${kind}`)
    t.match(description, /^.{4,}\.$/, path)
  }
  t.end()
})

t.test('every setting stands in the example', (t) => {
  for (const { path } of settings()) {
    const key = path.split('.').at(-1)?.replace('[]', '') ?? ''
    t.match(example, new RegExp(`\\b${key}:`), path)
  }
  t.end()
})

const kinds: { at: (string | number)[]; kind: string | undefined }[] = [
  { at: ['redirect', 'status'], kind: '301, 302 or 308' },
  { at: ['log', 'level'], kind: 'one of debug, info, warn, error' },
  { at: ['worker', 'parallelOrders'], kind: 'a whole number from 1 to 100' },
  { at: ['listeners', 'public', 'maxConnections'], kind: 'a whole number of at least 1' },
  { at: ['certificates', 3, 'renewal', 'ari'], kind: 'true or false' },
  { at: ['certificates', 3, 'domains', 0], kind: 'a DNS name such as book.example.com, or an IP address' },
  {
    at: ['issuers', 'any-name', 'directory'],
    kind: 'the URL of an ACME directory, such as https://acme.example.com/directory',
  },
  { at: ['selfCheck', 'timeout'], kind: 'a duration (whole number and unit) from 10ms to 10m, such as 10s' },
  { at: ['selfCheck', 'nothing'], kind: undefined },
  { at: ['log', 0], kind: undefined },
  { at: ['log', 'constructor'], kind: undefined },
]

for (const { at, kind } of kinds) {
  t.test(`at ${at.join('.')} belongs ${kind ?? 'nothing'}`, (t) => {
    const shape = shapeAt(at)
    t.equal(shape && kindOf(shape), kind)
    t.end()
  })
}

t.test('secrets are known by their place', (t) => {
  t.ok(mayBeSecret(['issuers', 'ca', 'externalAccount', 'hmacKey']))
  t.ok(mayBeSecret(['issuers', 'ca', 'externalAccount']))
  t.ok(mayBeSecret([]))
  t.notOk(mayBeSecret(['issuers', 'ca', 'externalAccount', 'keyId']))
  t.notOk(mayBeSecret(['certificates']))
  t.end()
})
