import t from 'tap'
import { temporaryRedirect } from '../../../src/lint/rules/temporary-redirect.ts'
import { apiGateway, httpRoute } from '../fixtures/gateway-api.ts'
import { commandOf } from '../fixtures/judged.ts'
import { accused, findingsOf, gateway, plain, service, type Given } from '../fixtures/linted.ts'

const both = apiGateway(
  '{ name: http, port: 80, protocol: HTTP }, { name: https, port: 443, protocol: HTTPS }',
)
const named = 'hostnames: [hello.example.com]'
const filter = (more = '', scheme = 'https') =>
  `{ type: RequestRedirect, requestRedirect: { scheme: ${scheme}${more} } }`
const route = (filters = filter(), hosts = named, section = 'http') =>
  httpRoute(
    'edge/redirect',
    `parentRefs: [{ name: public, sectionName: ${section} }], ${hosts}, rules: [{ filters: [${filters}] }]`,
  )
const ofChart = route(filter(', statusCode: 302')).replace(
  'name: redirect }',
  'name: redirect, labels: { app.kubernetes.io/part-of: port80 } }',
)
const named80 = httpRoute(
  'edge/app',
  `parentRefs: [{ name: public, sectionName: http }], ${named}, rules: [{ backendRefs: [{ name: app, port: 80 }] }]`,
)
const at = (filter: number) => [
  `P80-106 HTTPRoute edge/redirect spec.rules[0].filters[${filter}].requestRedirect.statusCode`,
]

const rows: readonly (Given & { name: string; says: readonly string[] })[] = [
  { name: 'nothing is said', yaml: both + route(), says: at(0) },
  {
    name: '302 is said, as the API server does',
    yaml: both + route(filter(', statusCode: 302')),
    says: at(0),
  },
  {
    name: 'beside another filter',
    yaml: both + route(`{ type: ResponseHeaderModifier }, ${filter()}`),
    says: at(1),
  },
  { name: 'for every host', yaml: both + route(filter(), 'hostnames: []'), says: at(0) },
  {
    name: 'for every host, where the host has a route of its own',
    yaml: both + route(filter(), 'hostnames: []') + named80,
    says: [],
  },
  { name: 'by name, on a Gateway that is not known', yaml: route(), says: at(0) },
  {
    name: 'for every host, on a Gateway that is not known',
    yaml: route(filter(), 'hostnames: []'),
    says: [],
  },
  { name: '301', yaml: both + route(filter(', statusCode: 301')), says: [] },
  { name: '308', yaml: both + route(filter(', statusCode: 308')), says: [] },
  { name: 'to another host', yaml: both + route(filter(', hostname: www.example.com')), says: at(0) },
  {
    name: 'to another page, which may be for now only',
    yaml: both + route(filter(', path: { type: ReplaceFullPath, replaceFullPath: /closed }')),
    says: [],
  },
  {
    name: 'behind a rule for the same path, so that nobody gets it',
    yaml: both + route().replace('rules: [', 'rules: [{ backendRefs: [{ name: app, port: 80 }] }, '),
    says: [],
  },
  { name: 'to http', yaml: both + route(filter('', 'http')), says: [] },
  { name: 'for another host', yaml: both + route(filter(), 'hostnames: [other.example.com]'), says: [] },
  { name: 'on the listener for https alone', yaml: both + route(filter(), named, 'https'), says: [] },
  { name: 'by the chart of port80, as its values say', yaml: both + ofChart, says: [] },
  {
    name: 'by a VirtualService, in which somebody wrote it',
    yaml:
      gateway('edge/web', plain('hello.example.com')) +
      service('edge/redirect', 'web', '[{ redirect: { scheme: https, redirectCode: 302 } }]'),
    says: [],
  },
]

for (const { name, says, ...given } of rows) {
  t.test(`status of a redirect: ${name}`, async (t) => {
    t.strictSame(accused(temporaryRedirect, given), says)
  })
}

t.test('the command says 301', async (t) => {
  const value = { op: 'add', path: '/spec/rules/0/filters/0/requestRedirect/statusCode', value: 301 }
  t.equal(
    commandOf(findingsOf(temporaryRedirect, { yaml: both + route() })[0]),
    'kubectl -n edge patch httproutes.gateway.networking.k8s.io redirect --type json -p ' +
      `'${JSON.stringify([value])}'`,
  )
})
