import t from 'tap'
import { externalAuthorization } from '../../../src/lint/rules/external-authorization.ts'
import { accused, findingsOf, head, type Given } from '../fixtures/linted.ts'

const login = (rules: string, action = 'CUSTOM') => `${head('AuthorizationPolicy', 'edge/login')}spec:
  selector: { matchLabels: { istio: ingressgateway } }
  action: ${action}
  provider: { name: oauth2-proxy }
  rules: [${rules}]
`
const said = ['P80-112 AuthorizationPolicy edge/login spec.rules[0]']

const rows: readonly (Given & { name: string; says: readonly string[] })[] = [
  { name: 'for every request', yaml: login('{}'), says: said },
  {
    name: 'for the host',
    yaml: login('{ to: [{ operation: { hosts: [hello.example.com] } }] }'),
    says: said,
  },
  {
    name: 'for hosts of a domain',
    yaml: login("{ to: [{ operation: { hosts: ['*.example.com'] } }] }"),
    says: said,
  },
  { name: 'for another host', yaml: login('{ to: [{ operation: { hosts: [b.example.com] } }] }'), says: [] },
  {
    name: 'with the prefix left out',
    yaml: login("{ to: [{ operation: { notPaths: ['/.well-known/acme-challenge/*'] } }] }"),
    says: [],
  },
  { name: 'without a rule, which takes nothing', yaml: login(''), says: [] },
  { name: 'written down only', yaml: login('{}', 'AUDIT'), says: [] },
]

for (const { name, says, ...given } of rows) {
  t.test(`login: ${name}`, async (t) => {
    t.strictSame(accused(externalAuthorization, given), says)
  })
}

t.test('the command leaves the prefix out, and the provider is named', async (t) => {
  const [finding] = findingsOf(externalAuthorization, { yaml: login('{}') })
  const patch = [
    {
      op: 'add',
      path: '/spec/rules/0/to',
      value: [{ operation: { notPaths: ['/.well-known/acme-challenge/*'] } }],
    },
  ]
  t.match(finding?.seen, /oauth2-proxy/)
  t.strictSame(finding?.fix, {
    do: 'run',
    command: `kubectl -n edge patch authorizationpolicies.security.istio.io login --type json -p '${JSON.stringify(patch)}'`,
  })
})
