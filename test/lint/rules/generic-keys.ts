import t from 'tap'
import { genericKeys } from '../../../src/lint/rules/generic-keys.ts'
import { accusedIn, commandOf, findingsIn, scopeWith, secretYaml, type RuleRow } from '../fixtures/judged.ts'

const opaque = { type: 'Opaque' }
const pair = { cert: 'a', key: 'b' }
const rows: readonly RuleRow[] = [
  { name: 'cert and key', yaml: secretYaml(pair, opaque), accused: ['Secret edge/book data'] },
  {
    name: 'beside tls.crt and tls.key',
    yaml: secretYaml({ ...pair, 'tls.crt': 'c', 'tls.key': 'd' }, opaque),
    accused: ['Secret edge/book data'],
  },
  {
    name: 'with a client CA, whoever consents',
    yaml: secretYaml({ ...pair, cacert: 'c' }, { ...opaque, metadata: adopted() }),
    accused: ['Secret edge/book data'],
  },
  { name: 'with consent port80 removes them', yaml: secretYaml(pair, { metadata: adopted() }), accused: [] },
  { name: 'mended', yaml: secretYaml({ 'tls.crt': 'a', 'tls.key': 'b' }), accused: [] },
  { name: 'of somebody else', yaml: secretYaml(pair, { name: 'shop' }), accused: [] },
  { name: 'in another namespace', yaml: secretYaml(pair, { namespace: 'shop' }), accused: [] },
]

function adopted(): object {
  return { annotations: { 'port80.io/adopt': 'true' } }
}

for (const row of rows) t.test(row.name, async (t) => t.strictSame(accusedIn(genericKeys, row), row.accused))

t.test('the values move to the right names, and nothing is lost', async (t) => {
  const [found] = findingsIn(genericKeys, secretYaml(pair, opaque))
  t.equal(
    commandOf(found),
    `kubectl -n edge patch secret book --type json -p '[{"op":"move","from":"/data/cert","path":"/data/tls.crt"},` +
      `{"op":"move","from":"/data/key","path":"/data/tls.key"}]' && ` +
      'kubectl -n edge annotate secret book port80.io/adopt=true --overwrite',
  )
  const [both] = findingsIn(genericKeys, secretYaml({ ...pair, 'tls.crt': 'c' }, opaque))
  t.match(commandOf(both), /"path":"\/data\/cert\.before".*"path":"\/data\/key\.before"/)
})

t.test('an immutable Secret cannot be mended by a command', async (t) => {
  const [found] = findingsIn(
    genericKeys,
    secretYaml({ ...pair, cacert: 'c' }, { ...opaque, immutable: true }),
  )
  t.equal(found, undefined, 'it is accused of that instead')
})

t.test('takeOver is consent', async (t) => {
  t.strictSame(findingsIn(genericKeys, secretYaml(pair, opaque), scopeWith({}, { takeOver: true })), [])
})
