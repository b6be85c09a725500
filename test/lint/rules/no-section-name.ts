import t from 'tap'
import { noSectionName } from '../../../src/lint/rules/no-section-name.ts'
import { apiGateway, httpRoute } from '../fixtures/gateway-api.ts'
import { commandOf } from '../fixtures/judged.ts'
import { accused, findingsOf, type Given } from '../fixtures/linted.ts'

const all = 'allowedRoutes: { namespaces: { from: All } }'
const http = `{ name: http, port: 80, protocol: HTTP, ${all} }`
const https = (more = all, port = 443) => `{ name: https, port: ${port}, protocol: HTTPS, ${more} }`
const both = apiGateway(`${http}, ${https()}`)

const named = 'hostnames: [hello.example.com]'
const parent = (more = '') => `parentRefs: [{ name: public, namespace: edge${more} }]`
const redirect = (more = '', match = '') =>
  `rules: [{ ${match} filters: [{ type: RequestRedirect, requestRedirect: { scheme: https${more} } }] }]`
const route = (rules = redirect(), hosts = named, at = parent()) =>
  httpRoute('shop/redirect', `${at}, ${hosts}, ${rules}`)
const application = (hosts = named) =>
  httpRoute(
    'shop/app',
    `${parent(', sectionName: https')}, ${hosts}, rules: [{ backendRefs: [{ name: app, port: 80 }] }]`,
  )
const said = ['P80-107 HTTPRoute shop/redirect spec.parentRefs[0]']
const namespace = (labels: string) =>
  `---\napiVersion: v1\nkind: Namespace\nmetadata: { name: shop, labels: { ${labels} } }\n`
const selected = apiGateway(
  `${http}, ${https('allowedRoutes: { namespaces: { from: Selector, selector: { matchLabels: { public: yes-it-is } } } }')}`,
)

const rows: readonly (Given & { name: string; says: readonly string[] })[] = [
  { name: 'on a Gateway with http and https', yaml: both + route(), says: said },
  { name: 'with 301', yaml: both + route(redirect(', statusCode: 301')), says: said },
  { name: 'to port 443', yaml: both + route(redirect(', port: 443')), says: said },
  { name: 'for every host', yaml: both + route(redirect(), 'hostnames: []'), says: said },
  { name: 'beside a route of the same hostname', yaml: both + route() + application(), says: said },
  {
    name: 'for every host, where the host has a route of its own',
    yaml: both + route(redirect(), 'hostnames: []') + application(),
    says: [],
  },
  {
    name: 'for every host, where another host has a route of its own',
    yaml: both + route(redirect(), 'hostnames: []') + application('hostnames: [other.example.com]'),
    says: said,
  },
  {
    name: 'with sectionName',
    yaml: both + route(redirect(), named, parent(', sectionName: http')),
    says: [],
  },
  { name: 'with the port of http', yaml: both + route(redirect(), named, parent(', port: 80')), says: [] },
  { name: 'on a Gateway with http alone', yaml: apiGateway(http) + route(), says: [] },
  { name: 'on a Gateway that is not known', yaml: route(), says: [] },
  { name: 'to another host', yaml: both + route(redirect(', hostname: www.example.com')), says: [] },
  {
    name: 'to another path',
    yaml: both + route(redirect(', path: { type: ReplaceFullPath, replaceFullPath: /new }')),
    says: [],
  },
  { name: 'to another port', yaml: both + route(redirect(', port: 8443')), says: [] },
  {
    name: 'for those whom a proxy says to have come by http: not judged',
    yaml: both + route(redirect('', 'matches: [{ headers: [{ name: x-forwarded-proto, value: http }] }],')),
    says: [],
  },
  { name: 'to http', yaml: both + route(redirect().replace('scheme: https', 'scheme: http')), says: [] },
  { name: 'for another host', yaml: both + route(redirect(), 'hostnames: [other.example.com]'), says: [] },
  {
    name: 'where https is for another host',
    yaml: apiGateway(`${http}, ${https(`hostname: other.example.com, ${all}`)}`) + route(),
    says: [],
  },
  {
    name: 'where https takes routes of its own namespace only',
    yaml: apiGateway(`${http}, ${https('allowedRoutes: {}')}`) + route(),
    says: [],
  },
  {
    name: 'where https takes routes of namespaces with a label, which is there',
    yaml: selected + route() + namespace('public: yes-it-is'),
    says: said,
  },
  { name: 'and which is not', yaml: selected + route() + namespace(''), says: [] },
  { name: 'and of which nobody knows', yaml: selected + route(), says: [] },
  {
    name: 'no redirect',
    yaml: both + route('rules: [{ backendRefs: [{ name: app, port: 80 }] }]'),
    says: [],
  },
]

for (const { name, says, ...given } of rows) {
  t.test(`redirect by HTTPRoute: ${name}`, async (t) => {
    t.strictSame(accused(noSectionName, given), says)
  })
}

const patch = (operations: object) =>
  'kubectl -n shop patch httproutes.gateway.networking.k8s.io redirect --type json -p ' +
  `'${JSON.stringify(operations)}'`

t.test('the command names the listener for http', async (t) => {
  const first = { op: 'add', path: '/spec/parentRefs/0/sectionName', value: 'http' }
  t.equal(commandOf(findingsOf(noSectionName, { yaml: both + route() })[0]), patch([first]))
})

t.test('and each of them, where there are several', async (t) => {
  const two = apiGateway(`${http}, ${https()}, ${http.replace('name: http', 'name: http-2')}`)
  const operations = [
    { op: 'add', path: '/spec/parentRefs/0/sectionName', value: 'http' },
    {
      ...{ op: 'add', path: '/spec/parentRefs/-' },
      value: { name: 'public', namespace: 'edge', sectionName: 'http-2' },
    },
  ]
  t.equal(commandOf(findingsOf(noSectionName, { yaml: two + route() })[0]), patch(operations))
})
