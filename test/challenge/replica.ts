import t from 'tap'
import { signedReplica, signReplica } from '../../src/challenge/replica.ts'

t.test('who knows the key authorization says who he is, and nobody else', (t) => {
  const signed = signReplica('port80-responder-7d9-x2', 'look-a.b') ?? ''
  t.equal(signedReplica(signed, 'look-a.b'), 'port80-responder-7d9-x2')
  const rows: [string, string, string][] = [
    ['of another token', signed, 'look-c.d'],
    ['another name under the same signature', signed.replace('x2', 'x3'), 'look-a.b'],
    ['no signature', 'port80-responder-7d9-x2', 'look-a.b'],
    ['something more', `${signed} more`, 'look-a.b'],
    ['nothing', '', 'look-a.b'],
  ]
  for (const [name, value, key] of rows) t.equal(signedReplica(value, key), undefined, name)
  for (const name of ['', 'a b', 'a\n', 'x'.repeat(300), '<b>'])
    t.equal(signReplica(name, 'look-a.b'), undefined, 'a name that cannot be shown')
  t.end()
})
