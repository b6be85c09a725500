import t from 'tap'
import { placeholderIssuer } from '../../../src/certificate/certificate.ts'
import { expiring } from '../../../src/lint/rules/expiring.ts'
import { day, now } from '../../certificate/fixtures/builders.ts'
import { makePair, type PairTerms } from '../../certificate/fixtures/pairs.ts'
import { documents, gatewayYaml } from '../fixtures/gateway-yaml.ts'
import { accusedIn, findingsIn, pairData, secretYaml, type RuleRow } from '../fixtures/judged.ts'

const data = async (left: number, of = 90 * day, more: PairTerms = {}) =>
  pairData(await makePair({ notBefore: now + left - of, notAfter: now + left, ...more }))
const fiveDays = await data(5 * day)

const rows: readonly RuleRow[] = [
  { name: 'five days of ninety', yaml: secretYaml(fiveDays), accused: ['Secret edge/book'] },
  { name: 'expired', yaml: secretYaml(await data(-day)), accused: ['Secret edge/book'] },
  {
    name: 'expired, its key not there',
    yaml: secretYaml({ 'tls.crt': (await data(-day))['tls.crt'] }),
    accused: ['Secret edge/book'],
  },
  {
    name: 'of somebody else',
    yaml: documents(gatewayYaml({ credential: 'other' }), secretYaml(fiveDays, { name: 'other' })),
    accused: ['Secret edge/other'],
  },
  { name: 'mended', yaml: secretYaml(await data(89 * day)), accused: [] },
  { name: 'ten days of ninety', yaml: secretYaml(await data(10 * day)), accused: [] },
  { name: 'two days of six', yaml: secretYaml(await data(2 * day, 6 * day)), accused: [] },
  {
    name: 'a stand-in of port80',
    yaml: secretYaml(await data(-day, 90 * day, { issuedBy: placeholderIssuer })),
    accused: [],
  },
  { name: 'what no gateway reads', yaml: secretYaml(fiveDays, { name: 'other' }), accused: [] },
]

for (const row of rows) t.test(row.name, async (t) => t.strictSame(accusedIn(expiring, row), row.accused))

t.test('how much is left of how much, and who should have renewed it', async (t) => {
  const [foreign] = findingsIn(expiring, secretYaml(fiveDays))
  t.match(foreign, { seen: 'expires in 5 days of 90 days', fix: { do: 'run', command: /adopt=true/ } })
  const [own] = findingsIn(
    expiring,
    secretYaml(fiveDays, {
      metadata: { managedFields: [{ manager: 'port80', fieldsV1: { 'f:data': { 'f:tls.crt': {} } } }] },
    }),
  )
  t.match(own?.fix, { do: 'act', words: /port80 status/ })
})
