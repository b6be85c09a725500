import t from 'tap'
import { placeholderIssuer } from '../../../src/certificate/certificate.ts'
import { otherNames } from '../../../src/lint/rules/other-names.ts'
import { makePair } from '../../certificate/fixtures/pairs.ts'
import { documents, gatewayYaml } from '../fixtures/gateway-yaml.ts'
import { accusedIn, commandOf, findingsIn, pairData, secretYaml, type RuleRow } from '../fixtures/judged.ts'

const pair = async (...names: string[]) => pairData(await makePair({ names }))
const book = await pair('book.example.com')
const wild = await pair('*.example.com')
const shop = await pair('shop.example.com')
const standIn = pairData(await makePair({ issuedBy: placeholderIssuer }))
const served = (hosts: readonly string[], secret: string) => documents(gatewayYaml({ hosts }), secret)
const other = gatewayYaml({ hosts: ['shop.example.com'], credential: 'other' })

const rows: readonly RuleRow[] = [
  {
    name: 'a host that the certificate of port80 is not for',
    yaml: served(['book.example.com', 'more.example.com'], secretYaml(book)),
    accused: ['Secret edge/book'],
  },
  {
    name: "somebody else's",
    yaml: documents(other, secretYaml(book, { name: 'other' })),
    accused: ['Secret edge/other'],
  },
  { name: 'mended', yaml: documents(other, secretYaml(shop, { name: 'other' })), accused: [] },
  { name: 'a wildcard names it', yaml: documents(other, secretYaml(wild, { name: 'other' })), accused: [] },
  {
    name: 'port80 orders it with its next turn',
    yaml: served(['book.example.com'], secretYaml(shop)),
    accused: [],
  },
  { name: 'a stand-in of port80', yaml: served(['more.example.com'], secretYaml(standIn)), accused: [] },
  { name: 'a server for any host', yaml: served(['*', '*.example.com'], secretYaml(book)), accused: [] },
  {
    name: 'of two Secrets of the name, where nobody says which the pods read',
    yaml: documents(
      other,
      secretYaml(book, { name: 'other' }),
      secretYaml(book, { name: 'other', namespace: 'a' }),
    ),
    accused: [],
  },
]

for (const row of rows) t.test(row.name, async (t) => t.strictSame(accusedIn(otherNames, row), row.accused))

t.test('the fix is a Secret that is there, else a line of the configuration', async (t) => {
  const gateway = gatewayYaml({ hosts: ['shop.example.com'] })
  const [line] = findingsIn(otherNames, documents(gateway, secretYaml(book)))
  t.strictSame(line?.fix, { do: 'edit', yaml: 'domains: [book.example.com, shop.example.com]' })
  const [command] = findingsIn(
    otherNames,
    documents(gateway, secretYaml(book), secretYaml(shop, { name: 'shop-tls' })),
  )
  t.match(commandOf(command), /"value":"shop-tls"/)
})
