import t from 'tap'
import { sharedCertificate } from '../../../src/lint/rules/shared-certificate.ts'
import { makePair } from '../../certificate/fixtures/pairs.ts'
import { documents, gatewayYaml } from '../fixtures/gateway-yaml.ts'
import { accusedIn, commandOf, findingsIn, pairData, secretYaml, type RuleRow } from '../fixtures/judged.ts'

const one = gatewayYaml({ name: 'one' })
const two = gatewayYaml({ name: 'two', hosts: ['more.example.com'] })
const accused = ['Gateway shop/two spec.servers[0].tls.credentialName']
const wild = pairData(await makePair({ names: ['*.example.com'] }))
const book = pairData(await makePair({ names: ['book.example.com'] }))
const more = pairData(await makePair({ names: ['more.example.com'] }))
const twoWith = (terms: object) => gatewayYaml({ name: 'two', hosts: ['more.example.com'], ...terms })

const rows: readonly RuleRow[] = [
  { name: 'two hosts, one Secret', yaml: documents(two, one), accused },
  { name: 'that names both', yaml: documents(one, two, secretYaml(wild)), accused },
  { name: 'mended: a Secret each', yaml: documents(one, twoWith({ credential: 'more' })), accused: [] },
  {
    name: 'mended: one Gateway',
    yaml: gatewayYaml({ hosts: ['book.example.com', 'more.example.com'] }),
    accused: [],
  },
  { name: 'the same hosts', yaml: documents(one, gatewayYaml({ name: 'two' })), accused: [] },
  { name: 'other pods', yaml: documents(one, twoWith({ selector: { istio: 'inner' } })), accused: [] },
  { name: 'another port', yaml: documents(one, twoWith({ port: 8443 })), accused: [] },
  {
    name: 'a host that it does not name is P80-204',
    yaml: documents(one, two, secretYaml(book)),
    accused: [],
  },
]

for (const row of rows)
  t.test(row.name, async (t) => t.strictSame(accusedIn(sharedCertificate, row), row.accused))

t.test('a Secret that is there for those hosts is the command', async (t) => {
  const yaml = documents(one, two, secretYaml(more, { name: 'more-tls' }))
  t.match(commandOf(findingsIn(sharedCertificate, yaml)[0]), /credentialName","value":"more-tls"}]'$/)
  t.equal(findingsIn(sharedCertificate, documents(one, two))[0]?.fix.do, 'act')
})
