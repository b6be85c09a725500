import { X509Certificate } from 'node:crypto'
import { rootCertificates } from 'node:tls'
import t from 'tap'
import { publicClientCa } from '../../../src/lint/rules/public-client-ca.ts'
import { makePair } from '../../certificate/fixtures/pairs.ts'
import { documents, gatewayYaml } from '../fixtures/gateway-yaml.ts'
import { accusedIn, pairData, secretYaml, type RuleRow } from '../fixtures/judged.ts'

const rootOf = (organisation: string) =>
  rootCertificates.find((pem) => new X509Certificate(pem).subject.includes(`O=${organisation}\n`)) ?? ''
const isrg = rootOf('Internet Security Research Group')
const own = (await makePair({ names: ['clients.example.com'] })).chainPem
const pair = pairData(await makePair())
const mutual = gatewayYaml({ mode: 'MUTUAL' })
const withCa = (ca: string, name = 'book') => secretYaml({ ...pair, 'ca.crt': ca }, { name })

const rows: readonly RuleRow[] = [
  {
    name: "Let's Encrypt's root",
    yaml: documents(mutual, withCa(isrg)),
    accused: ['Secret edge/book data["ca.crt"]'],
  },
  {
    name: 'beside a CA of our own',
    yaml: documents(mutual, withCa(`${own}\n${rootOf('DigiCert Inc')}`)),
    accused: ['Secret edge/book data["ca.crt"]'],
  },
  {
    name: 'where clients may come without one',
    yaml: documents(gatewayYaml({ mode: 'OPTIONAL_MUTUAL' }), withCa(isrg)),
    accused: ['Secret edge/book data["ca.crt"]'],
  },
  {
    name: 'in the Secret for the CA alone',
    yaml: documents(mutual, withCa(own), withCa(isrg, 'book-cacert')),
    accused: ['Secret edge/book-cacert data["ca.crt"]'],
  },
  { name: 'mended', yaml: documents(mutual, withCa(own)), accused: [] },
  {
    name: 'mended: in a Secret of its own, which Istio prefers',
    yaml: documents(mutual, withCa(isrg), withCa(own, 'book-cacert')),
    accused: [],
  },
  { name: 'nobody is asked for a certificate', yaml: documents(gatewayYaml(), withCa(isrg)), accused: [] },
]

for (const row of rows)
  t.test(row.name, async (t) => t.strictSame(accusedIn(publicClientCa, row), row.accused))
