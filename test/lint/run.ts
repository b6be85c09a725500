import t from 'tap'
import type { Finding } from '../../src/finding/finding.ts'
import type { LintScope, Rule } from '../../src/lint/objects.ts'
import { lint } from '../../src/lint/run.ts'
import { objectsIn } from './fixtures/read.ts'

const objects = objectsIn('')
const scope: LintScope = {
  ...{ now: 0, managed: { hosts: [], certificates: [] }, rootNamespace: 'istio-system' },
  whole: new Set(),
}
const finding = (code: Finding['code'], name: string, seen = ''): Finding => ({
  ...{ code, object: { kind: 'Gateway', namespace: 'edge', name }, seen },
  fix: { do: 'act', words: 'mend it' },
})

t.test('each finding once, however many rules see it, and errors first', async (t) => {
  const one: Rule = () => [finding('P80-205', 'b'), finding('P80-106', 'a'), finding('P80-101', 'b', 'first')]
  const other: Rule = () => [finding('P80-101', 'b', 'second'), finding('P80-101', 'a')]
  const { findings, remarks } = lint(objects, scope, [one, other])
  t.strictSame(
    findings.map(({ code, object, seen }) => [code, object.name, seen]),
    [
      ['P80-101', 'a', ''],
      ['P80-101', 'b', 'first'],
      ['P80-205', 'b', ''],
      ['P80-106', 'a', ''],
    ],
  )
  t.strictSame(remarks, [])
})

t.test('a rule that fails is said without what it was given, and the others are heard', async (t) => {
  function broken(): never {
    throw new TypeError('very private')
  }
  const { findings, remarks } = lint(objects, scope, [broken, () => [finding('P80-101', 'a')]])
  t.equal(findings.length, 1)
  t.strictSame(remarks, ['the rule broken failed (TypeError), a bug of port80; please report it'])
})
