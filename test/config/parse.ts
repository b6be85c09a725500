import fc from 'fast-check'
import t from 'tap'
import { checkConfig, parseConfig } from '../../src/config/parse.ts'
import { configSchema } from '../../src/config/schema.ts'
import { settings } from '../../src/config/settings.ts'

/** Any code point, lone surrogates too. */
const anyCharacter = fc.nat({ max: 0x10ffff }).map((code) => String.fromCodePoint(code))

t.test('faults come in the order of the file, whoever found them', (t) => {
  const parsed = parseConfig(
    'log: {level: loud}\ncertificates:\n  - name: a\n    domains: [a.test, a.test]\nlgo: 1\n',
  )
  t.match(parsed, { faults: [{ line: 1 }, { line: 4 }, { line: 5 }] })
  t.end()
})

t.test('durations are milliseconds, and defaults fill in the rest', (t) => {
  const parsed = parseConfig('redirect: {maxAge: 90m, status: 308}\nselfCheck: off\n')
  t.match(parsed, {
    ok: { redirect: { maxAge: 5_400_000, status: 308, hosts: 'any' }, selfCheck: 'off', certificates: [] },
  })
  t.end()
})

t.test('nothing written is the defaults', (t) => {
  t.strictSame(parseConfig(''), { ok: configSchema.parse({}) })
  t.strictSame(parseConfig('# nothing yet\n'), { ok: configSchema.parse({}) })
  t.strictSame(parseConfig('{}'), { ok: configSchema.parse({}) })
  t.end()
})

/** Words of the file, so that random objects reach the inner checks. */
const word = fc.constantFrom(
  ...new Set(settings().flatMap(({ path }) => path.split(/[.[\]<>]+/).filter((part) => part !== ''))),
  '__proto__',
  'constructor',
  'my-ca',
)
const leaf = fc.oneof(
  fc.string({ unit: anyCharacter }),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom(
    'letsencrypt',
    '5s',
    '90d',
    'a.test',
    '*.a.test',
    'off',
    'https://a.test/',
    8080,
    301,
    undefined,
  ),
)
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof({ maxDepth: 5, depthSize: 'medium' }, leaf, tie('list'), tie('object')),
  list: fc.array(tie('tree'), { maxLength: 4 }),
  object: fc.dictionary(fc.oneof(word, fc.string()), tie('tree'), { maxKeys: 6 }),
}))

t.test(
  'no data makes the checks throw; they accept it or find faults that are printable and bounded',
  (t) => {
    fc.assert(
      fc.property(fc.oneof(tree, fc.anything()), (data) => {
        const { ok, findings } = checkConfig(data)
        return (
          (ok === undefined) === findings.length > 0 &&
          findings.every((each) => each.value.length <= 80 && each.fix !== '' && each.fix.length < 1_000)
        )
      }),
      { numRuns: 500 },
    )
    t.end()
  },
)

t.test('no text makes it throw', (t) => {
  const text = fc.oneof(
    fc.string({ unit: anyCharacter, maxLength: 200 }),
    yamlLike(),
    tree.map((data) => JSON.stringify(data) ?? ''),
  )
  fc.assert(
    fc.property(text, (yaml) => {
      const parsed = parseConfig(yaml)
      return (
        'ok' in parsed || parsed.faults.every(({ fix, path }) => fix !== '' && !/[\n\r]/.test(fix + path))
      )
    }),
    { numRuns: 500 },
  )
  t.end()
})

/** Lines of the characters that YAML gives a meaning to. */
function yamlLike(): fc.Arbitrary<string> {
  const piece = fc.oneof(
    word,
    fc.constantFrom(
      ': ',
      '- ',
      '  ',
      '\n',
      '[',
      ']',
      '{',
      '}',
      '*a',
      '&a ',
      '!t ',
      '"',
      "'",
      '|',
      '>',
      '? ',
      '<<',
      '#',
      '%',
      '---',
      '\t',
      ', ',
    ),
  )
  return fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''))
}

t.test('a secret is in no fault, wherever it stands', (t) => {
  const secret = 'S3CRETHMACKEYVALUE'
  const at = fc.array(fc.oneof(word, fc.constant('hmacKey')), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(
      fc.constantFrom(secret, `${secret}!`, [secret], { [secret.toLowerCase()]: secret }),
      at,
      (value, path) => {
        // The key is known by where it stands: at its own setting, or at any place that the file does not have.
        const hidden = ['issuers', 'my-ca', 'externalAccount', 'hmacKey']
        const inside = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value)
        const own = hidden.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value)
        const wrong = hidden
          .slice(0, 3)
          .reduceRight<unknown>((inner, key) => ({ [key]: inner }), { ...(inside as object) })
        return [own, wrong].every(
          (data) => !JSON.stringify(checkConfig(data).findings.map((each) => each.value)).includes(secret),
        )
      },
    ),
  )
  t.end()
})
