import t from 'tap'
import { missingSecret } from '../../../src/lint/rules/missing-secret.ts'
import { makePair } from '../../certificate/fixtures/pairs.ts'
import { documents, gatewayYaml, podYaml } from '../fixtures/gateway-yaml.ts'
import {
  accusedIn,
  commandOf,
  findingsIn,
  pairData,
  scopeWith,
  secretYaml,
  type RuleRow,
} from '../fixtures/judged.ts'

const scope = { whole: new Set(['secrets', 'pods'] as const) }
const pair = pairData(await makePair())
const pod = podYaml()
const other = gatewayYaml({ credential: 'other' })
const field = 'Gateway shop/web spec.servers[0].tls.credentialName'
const apiGateway = JSON.stringify({
  ...{
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: 'api', namespace: 'shop' },
  },
  spec: {
    listeners: [
      { name: 'https', port: 443, hostname: 'a.example.com', tls: { certificateRefs: [{ name: 'other' }] } },
    ],
  },
})

const rows: readonly RuleRow[] = [
  { name: 'nowhere', yaml: documents(pod, other), accused: [field], scope },
  {
    name: 'beside the Gateway, not beside the pods',
    yaml: documents(pod, other, secretYaml(pair, { name: 'other', namespace: 'shop' })),
    accused: ['Secret shop/other'],
    scope,
  },
  {
    name: 'of two places with pods only one has it',
    yaml: documents(pod, podYaml('second'), other, secretYaml(pair, { name: 'other' })),
    accused: ['Secret edge/other'],
    scope,
  },
  {
    name: 'of a listener',
    yaml: apiGateway,
    accused: ['Gateway shop/api spec.listeners[0].tls.certificateRefs[0].name'],
    scope,
  },
  { name: 'mended', yaml: documents(pod, other, secretYaml(pair, { name: 'other' })), accused: [], scope },
  { name: 'port80 is going to write it', yaml: documents(pod, gatewayYaml()), accused: [], scope },
  { name: 'not all Secrets were read', yaml: documents(pod, other), accused: [] },
  { name: 'nobody says where the pods are', yaml: other, accused: [], scope },
  {
    name: 'a server of Secrets',
    yaml: documents(pod, gatewayYaml({ credential: 'sds://x' })),
    accused: [],
    scope,
  },
]

for (const row of rows)
  t.test(row.name, async (t) => t.strictSame(accusedIn(missingSecret, row), row.accused))

t.test('a name that is misspelt is mended to that of port80', async (t) => {
  const [found] = findingsIn(missingSecret, documents(pod, other), scopeWith(scope))
  t.equal(found?.host, 'book.example.com')
  t.match(commandOf(found), /^kubectl -n shop patch gateways\.networking\.istio\.io web .*"value":"book"}]'$/)
})

t.test('one in the wrong place is copied, and no value is shown', async (t) => {
  const wrong = secretYaml(pair, { name: 'other', namespace: 'shop' })
  const [found] = findingsIn(missingSecret, documents(pod, other, wrong), scopeWith(scope))
  t.equal(found?.code, 'P80-201')
  t.match(
    commandOf(found),
    /^kubectl -n shop get secret other -o 'go-template=.* \| kubectl -n edge create -f -$/,
  )
  t.notMatch(JSON.stringify(found), /BEGIN/)
})
