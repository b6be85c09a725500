import t from 'tap'
import { mismatchedKey } from '../../../src/lint/rules/mismatched-key.ts'
import { makePair } from '../../certificate/fixtures/pairs.ts'
import { accusedIn, findingsIn, pairData, secretYaml, type RuleRow } from '../fixtures/judged.ts'

const good = await makePair()
const mixed = pairData({ ...good, keyPem: (await makePair({ newKey: true })).keyPem })
const key = (name: string) => [`Secret edge/${name} data["tls.key"]`]
const gateway = JSON.stringify({
  ...{ apiVersion: 'networking.istio.io/v1', kind: 'Gateway', metadata: { name: 'web', namespace: 'shop' } },
  spec: {
    selector: { istio: 'edge' },
    servers: [{ hosts: ['shop.example.com'], tls: { mode: 'SIMPLE', credentialName: 'shop' } }],
  },
})

const rows: readonly RuleRow[] = [
  { name: 'the key of another certificate', yaml: secretYaml(mixed), accused: key('book') },
  {
    name: 'a key that is none',
    yaml: secretYaml({ ...pairData(good), 'tls.key': 'x' }),
    accused: key('book'),
  },
  {
    name: 'in a Secret that a Gateway names',
    yaml: `${gateway}\n---\n${secretYaml(mixed, { name: 'shop' })}`,
    accused: key('shop'),
  },
  { name: 'mended', yaml: secretYaml(pairData(good)), accused: [] },
  { name: 'empty', yaml: secretYaml({ 'tls.crt': '', 'tls.key': '' }), accused: [] },
  {
    name: 'a certificate that waits for its key',
    yaml: secretYaml({ 'tls.crt': good.chainPem }),
    accused: [],
  },
  { name: 'what no gateway reads', yaml: secretYaml(mixed, { name: 'shop' }), accused: [] },
]

for (const row of rows)
  t.test(row.name, async (t) => t.strictSame(accusedIn(mismatchedKey, row), row.accused))

t.test('what port80 does not write it does not take over either', async (t) => {
  const [own] = findingsIn(mismatchedKey, secretYaml(mixed))
  t.match(own, { code: 'P80-203', fix: { do: 'run' } })
  const [other] = findingsIn(mismatchedKey, `${gateway}\n---\n${secretYaml(mixed, { name: 'shop' })}`)
  t.equal(other?.fix.do, 'act')
})
