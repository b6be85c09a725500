import t from 'tap'
import { caaTree, judgeCaa, type CaaLevel, type CaaRecord } from '../../src/reach/caa.ts'

const issue = (value: string): CaaRecord => ({ critical: false, tag: 'issue', value })
const own = ['ca.example']

t.test('the first name upwards that has records decides (RFC 8659)', (t) => {
  const rows: [string, (readonly CaaRecord[] | undefined)[], string][] = [
    ['no records anywhere', [[], [], []], 'allowed'],
    ['ours', [[issue('ca.example')]], 'allowed'],
    ['ours in capitals, with parameters', [[issue('CA.Example; accounturi=https://x')]], 'allowed'],
    ['ours beside another', [[issue('other.example'), issue('ca.example')]], 'allowed'],
    ['another', [[issue('other.example')]], 'forbidden'],
    ['nobody', [[issue(';')]], 'forbidden'],
    ['inherited from above', [[], [issue('other.example')]], 'forbidden'],
    ['what is above does not count', [[issue('ca.example')], [issue('other.example')]], 'allowed'],
    ['only wildcards are spoken of', [[{ ...issue('other.example'), tag: 'issuewild' }]], 'allowed'],
    ['only by DNS (RFC 8657)', [[issue('ca.example; validationmethods=dns-01')]], 'forbidden'],
    ['by HTTP too', [[issue('ca.example;validationmethods=dns-01,http-01')]], 'allowed'],
    ['an unknown critical tag', [[{ critical: true, tag: 'new', value: 'x' }]], 'forbidden'],
    ['an unknown tag', [[{ critical: false, tag: 'new', value: 'x' }]], 'allowed'],
    ['nobody can ask', [undefined, [issue('other.example')]], 'unknown'],
  ]
  for (const [name, records, wanted] of rows) {
    const levels = records.map((each, index): CaaLevel => ({ name: `level${index}`, records: each }))
    t.equal(judgeCaa(levels, own).is, wanted, name)
  }
  t.match(judgeCaa([{ name: 'a.test', records: [issue('<b>'), issue('other.example')] }], own), {
    at: 'a.test',
    others: ['other.example'],
  })
  t.strictSame(caaTree('a.b.example'), ['a.b.example', 'b.example', 'example'])
  t.end()
})
