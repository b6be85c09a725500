import t from 'tap'
import { authorization } from '../../../src/lint/rules/authorization.ts'
import { accused, findingsOf, gatewayPod, head, whole, type Given } from '../fixtures/linted.ts'

const policy = (spec: string, place = 'edge/office') => `${head('AuthorizationPolicy', place)}spec: ${spec}\n`
const edge = 'selector: { matchLabels: { istio: ingressgateway } }'
const of = (action: string, rule: string) => policy(`{ ${edge}, action: ${action}, rules: [${rule}] }`)
const prefix = "'/.well-known/acme-challenge/*'"

const denies = ['P80-111 AuthorizationPolicy edge/office spec.rules[0]']
const allowsNone = ['P80-111 AuthorizationPolicy edge/office spec.rules']
const wantsToken = ['P80-115 AuthorizationPolicy edge/office spec.rules']

const rows: readonly (Given & { name: string; says: readonly string[] })[] = [
  {
    name: 'DENY of the path',
    yaml: of('DENY', "{ to: [{ operation: { paths: ['/.well-known/*'] } }] }"),
    says: denies,
  },
  {
    name: 'DENY of the path but for the prefix',
    yaml: of('DENY', `{ to: [{ operation: { paths: ['/.well-known/*'], notPaths: [${prefix}] } }] }`),
    says: [],
  },
  {
    name: 'DENY of another host',
    yaml: of('DENY', '{ to: [{ operation: { hosts: [b.example.com] } }] }'),
    says: [],
  },
  {
    name: 'DENY of all but the office',
    yaml: of(
      'DENY',
      '{ from: [{ source: { notRemoteIpBlocks: [192.0.2.0/24] } }], to: [{ operation: { hosts: [hello.example.com] } }] }',
    ),
    says: denies,
  },
  {
    name: 'DENY of some bad addresses',
    yaml: of('DENY', '{ from: [{ source: { ipBlocks: [192.0.2.0/24] } }] }'),
    says: [],
  },
  {
    name: 'DENY of a port: whose number is not known',
    yaml: of('DENY', "{ to: [{ operation: { ports: ['80'] } }] }"),
    says: [],
  },
  {
    name: 'DENY on another port, the prefix left out',
    yaml: of('DENY', `{ to: [{ operation: { notPaths: [${prefix}], ports: ['8081'] } }] }`),
    says: [],
  },
  {
    name: 'DENY without a token',
    yaml: of('DENY', "{ from: [{ source: { notRequestPrincipals: ['*'] } }] }"),
    says: ['P80-115 AuthorizationPolicy edge/office spec.rules[0]'],
  },
  {
    name: 'DENY by a header: not judged',
    yaml: of('DENY', "{ when: [{ key: 'request.headers[a]', values: [b] }] }"),
    says: [],
  },
  {
    name: 'ALLOW of other paths',
    yaml: of('ALLOW', "{ to: [{ operation: { paths: ['/api/*'] } }] }"),
    says: allowsNone,
  },
  {
    name: 'ALLOW of other paths, and of the prefix',
    yaml: of(
      'ALLOW',
      `{ to: [{ operation: { paths: ['/api/*'] } }] }, { to: [{ operation: { paths: [${prefix}] } }] }`,
    ),
    says: [],
  },
  { name: 'ALLOW without a rule', yaml: policy(`{ ${edge} }`), says: allowsNone },
  { name: 'without a word, for the whole namespace', yaml: policy('{}'), says: allowsNone },
  {
    name: 'without a word, for the whole mesh',
    yaml: policy('{}', 'istio-system/none'),
    says: ['P80-111 AuthorizationPolicy istio-system/none spec.rules'],
  },
  { name: 'without a word, elsewhere', yaml: policy('{}', 'shop/none'), says: [] },
  { name: 'ALLOW of everything', yaml: of('ALLOW', '{}'), says: [] },
  {
    name: 'ALLOW nothing, and another that allows everything',
    yaml: policy('{}') + policy('{ rules: [{}] }', 'istio-system/all'),
    says: [],
  },
  {
    name: 'ALLOW of a private network: everybody may come from there',
    yaml: of('ALLOW', '{ from: [{ source: { ipBlocks: [10.0.0.0/8] } }] }'),
    says: [],
  },
  {
    name: 'ALLOW with a token',
    yaml: of('ALLOW', "{ from: [{ source: { requestPrincipals: ['*'] } }] }"),
    says: wantsToken,
  },
  {
    name: 'ALLOW with a claim',
    yaml: of('ALLOW', "{ when: [{ key: 'request.auth.claims[group]', values: [staff] }] }"),
    says: wantsToken,
  },
  {
    name: 'RequestAuthentication alone',
    yaml: `${head('RequestAuthentication', 'edge/jwt')}spec: { ${edge}, jwtRules: [{ issuer: a }] }`,
    says: [],
  },
  { name: 'of other pods', yaml: policy('{ selector: { matchLabels: { app: shop } } }'), says: [] },
  {
    name: 'by a label that the pods have',
    yaml: policy('{ selector: { matchLabels: { app: web } } }'),
    scope: whole('pods'),
    pods: [gatewayPod({ istio: 'ingressgateway', app: 'web' })],
    says: allowsNone,
  },
  {
    name: 'for a Gateway of the Gateway API, which these pods are not',
    yaml: policy('{ targetRefs: [{ group: gateway.networking.k8s.io, kind: Gateway, name: web }] }'),
    says: [],
  },
]

for (const { name, says, ...given } of rows) {
  t.test(`AuthorizationPolicy: ${name}`, async (t) => {
    t.strictSame(accused(authorization, given), says)
  })
}

const operation = { to: [{ operation: { methods: ['GET'], paths: ['/.well-known/acme-challenge/*'] } }] }
const kubectl = 'kubectl -n edge patch authorizationpolicies.security.istio.io office --type'
const fixes: readonly { name: string; yaml: string; command: string }[] = [
  {
    name: 'ALLOW gets a rule more',
    yaml: of('ALLOW', "{ to: [{ operation: { paths: ['/api/*'] } }] }"),
    command: `${kubectl} json -p '${JSON.stringify([{ op: 'add', path: '/spec/rules/-', value: operation }])}'`,
  },
  {
    name: 'an empty one its first',
    yaml: policy('{}'),
    command: `${kubectl} merge -p '${JSON.stringify({ spec: { rules: [operation] } })}'`,
  },
  {
    name: 'DENY leaves the prefix out of the operations that take it',
    yaml: of(
      'DENY',
      "{ to: [{ operation: { ports: ['1'] } }, { operation: { paths: ['*'], notPaths: [/a] } }] }, {}",
    ),
    command: `${kubectl} json -p '${JSON.stringify([
      { op: 'add', path: '/spec/rules/0/to/1/operation/notPaths/-', value: '/.well-known/acme-challenge/*' },
      {
        op: 'add',
        path: '/spec/rules/1/to',
        value: [{ operation: { notPaths: ['/.well-known/acme-challenge/*'] } }],
      },
    ])}'`,
  },
]

for (const { name, yaml, command } of fixes) {
  t.test(`the command: ${name}`, async (t) => {
    t.strictSame(
      findingsOf(authorization, { yaml }).map(({ fix }) => fix),
      [{ do: 'run', command }],
    )
  })
}
