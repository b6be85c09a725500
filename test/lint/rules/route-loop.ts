import t from 'tap'
import { noSectionName } from '../../../src/lint/rules/no-section-name.ts'
import { routeLoop } from '../../../src/lint/rules/route-loop.ts'
import { apiGateway, httpRoute } from '../fixtures/gateway-api.ts'
import { accused, findingsOf, type Given } from '../fixtures/linted.ts'

const all = 'allowedRoutes: { namespaces: { from: All } }'
const http = `{ name: http, port: 80, protocol: HTTP, ${all} }`
const https = (port = 443) => `{ name: https, port: ${port}, protocol: HTTPS, ${all} }`
const both = apiGateway(`${http}, ${https()}`)
const secure = apiGateway(https())

const to = (listener = '') => `{ name: public, namespace: edge${listener} }`
const [onHttp, onHttps] = [to(', sectionName: http'), to(', sectionName: https')]
const filter = (more = '') =>
  `filters: [{ type: RequestRedirect, requestRedirect: { scheme: https${more} } }]`
const redirect = `{ ${filter()} }`
const app = '{ backendRefs: [{ name: app, port: 80 }] }'
const challenge =
  '{ matches: [{ path: { value: /.well-known/acme-challenge/ } }], backendRefs: [{ name: port80, port: 80 }] }'
const route = (parents: string, rules = redirect, hosts = '[hello.example.com]') =>
  httpRoute('shop/redirect', `parentRefs: [${parents}], hostnames: ${hosts}, rules: [${rules}]`)
const said = (parent = 0) => [`P80-105 HTTPRoute shop/redirect spec.parentRefs[${parent}]`]
const application = httpRoute(
  'shop/app',
  `parentRefs: [${onHttps}], hostnames: [hello.example.com], rules: [${app}]`,
)
const match = (path: string, more = '') => `matches: [{ path: ${path}${more} }],`

const rows: readonly (Given & { name: string; says: readonly string[] })[] = [
  { name: 'by the name of the listener for https', yaml: both + route(onHttps), says: said() },
  { name: 'by its port', yaml: both + route(to(', port: 443')), says: said() },
  { name: 'on both by name', yaml: both + route(`${onHttp}, ${onHttps}`), says: said(1) },
  { name: 'without a name, where there is https alone', yaml: secure + route(to()), says: said() },
  { name: 'with challenges', yaml: both + route(onHttps, `${challenge}, ${redirect}`), says: said() },
  { name: 'beside a route of the same hostname', yaml: both + application + route(onHttps), says: said() },
  {
    name: 'of one path before everything else',
    yaml: both + route(onHttps, `{ ${match('{ value: /login }')} ${filter()} }, ${app}`),
    says: said(),
  },
  {
    name: 'to its own host',
    yaml: both + route(onHttps, `{ ${filter(', hostname: hello.example.com')} }`),
    says: said(),
  },
  { name: 'on http alone', yaml: both + route(onHttp), says: [] },
  { name: 'by the port of http', yaml: both + route(to(', port: 80')), says: [] },
  { name: 'without a name, where there is http too: P80-107', yaml: both + route(to()), says: [] },
  {
    name: 'behind a rule that takes everything',
    yaml: both + route(onHttps, `${app}, ${redirect}`),
    says: [],
  },
  {
    name: 'behind a rule for the same path',
    yaml:
      both +
      route(
        onHttps,
        `{ ${match('{ value: /login }')} ${app.slice(1)}, { ${match('{ value: /login }')} ${filter()} }`,
      ),
    says: [],
  },
  {
    name: 'behind a rule for the same path with a method',
    yaml: both + route(onHttps, `{ ${match('{ value: / }', ', method: POST')} ${app.slice(1)}, ${redirect}`),
    says: said(),
  },
  {
    name: 'for every host, where the host has a route of its own',
    yaml: both + route(onHttps, redirect, '[]') + application,
    says: [],
  },
  {
    name: 'to another host',
    yaml: both + route(onHttps, `{ ${filter(', hostname: www.example.com')} }`),
    says: [],
  },
  {
    name: 'to another path',
    yaml: both + route(onHttps, `{ ${filter(', path: { type: ReplaceFullPath, replaceFullPath: /new }')} }`),
    says: [],
  },
  { name: 'from another port', yaml: apiGateway(https(8443)) + route(onHttps), says: [] },
  { name: 'on a Gateway that is not known', yaml: route(onHttps), says: [] },
  { name: 'no redirect', yaml: both + route(onHttps, app), says: [] },
]

for (const { name, says, ...given } of rows) {
  t.test(`redirect of https by HTTPRoute: ${name}`, async (t) => {
    t.strictSame(accused(routeLoop, given), says)
  })
}

t.test('no route is told by both rules', async (t) => {
  for (const { yaml } of rows) {
    const [loop, name] = [accused(routeLoop, { yaml }), accused(noSectionName, { yaml })]
    t.ok(loop.length === 0 || name.length === 0, yaml)
  }
})

const patch = (operations: object) => ({
  do: 'run',
  command: `kubectl -n shop patch httproutes.gateway.networking.k8s.io redirect --type json -p '${JSON.stringify(operations)}'`,
})
const path = '/spec/parentRefs/0'
const named = { op: 'add', path: `${path}/sectionName`, value: 'http' }
const apart = {
  do: 'act',
  words:
    'Take the redirect out of this HTTPRoute, and put it into one of its own with the sectionName of a listener for http.',
}
const fixes: readonly { name: string; yaml: string; fix: object }[] = [
  { name: 'onto http', yaml: both + route(onHttps), fix: patch([named]) },
  {
    name: 'onto http, challenges too',
    yaml: both + route(onHttps, `${challenge}, ${redirect}`),
    fix: patch([named]),
  },
  {
    name: 'onto http, and not by port any more',
    yaml: both + route(to(', port: 443')),
    fix: patch([named, { op: 'remove', path: `${path}/port` }]),
  },
  {
    name: 'off https, where it is on http',
    yaml: both + route(`${onHttps}, ${onHttp}`),
    fix: patch([{ op: 'remove', path }]),
  },
  { name: 'in words, where there is no http', yaml: secure + route(to()), fix: apart },
  {
    name: 'in words, where the route serves more',
    yaml: both + route(`${onHttps}, ${onHttp}`, `{ ${match('{ value: /login }')} ${filter()} }, ${app}`),
    fix: apart,
  },
]
for (const { name, yaml, fix } of fixes) {
  t.test(`what mends it: ${name}`, async (t) => {
    t.strictSame(findingsOf(routeLoop, { yaml })[0]?.fix, fix)
  })
}
