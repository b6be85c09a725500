import t from 'tap'
import { missingGrant } from '../../../src/lint/rules/missing-grant.ts'
import { apiGateway, grant, httpRoute } from '../fixtures/gateway-api.ts'
import { accused, findingsOf, whole, type Given } from '../fixtures/linted.ts'

const to = (namespace: string, name = 'port80') =>
  `rules: [{ backendRefs: [{ name: ${name}, namespace: ${namespace}, port: 80 }] }]`
const route = httpRoute('edge/challenge', `hostnames: [hello.example.com], ${to('port80')}`)
const anyHost = httpRoute('edge/any', to('port80'))
const from = (kind: string, namespace: string) =>
  `{ group: gateway.networking.k8s.io, kind: ${kind}, namespace: ${namespace} }`
const granted = (place: string, more = '', kind = 'HTTPRoute', namespace = 'edge') =>
  grant(place, from(kind, namespace), `{ group: '', kind: Service${more} }`)

const listener = (certificate: string) =>
  `{ name: https, port: 443, protocol: HTTPS, hostname: hello.example.com, tls: { certificateRefs: [${certificate}] } }`
const secure = apiGateway(listener('{ name: hello, namespace: certs }'))

const said = ['P80-108 HTTPRoute edge/challenge spec.rules[0].backendRefs[0]']
const saidOfSecret = ['P80-108 Gateway edge/public spec.listeners[0].tls.certificateRefs[0]']

const rows: readonly (Given & { name: string; says: readonly string[] })[] = [
  { name: 'a route into another namespace, without any', yaml: route, says: said },
  { name: 'for any host', yaml: anyHost, says: ['P80-108 HTTPRoute edge/any spec.rules[0].backendRefs[0]'] },
  { name: 'by name and for any host: by name goes first', yaml: route + anyHost, says: said },
  {
    name: 'for any host only, while the host has a route by name in the namespace of port80',
    yaml: httpRoute('port80/named', `hostnames: [hello.example.com], ${to('port80')}`) + anyHost,
    says: [],
  },
  { name: 'granted', yaml: route + granted('port80/a'), says: [] },
  { name: 'granted by name', yaml: route + granted('port80/a', ', name: port80'), says: [] },
  { name: 'granted for another Service', yaml: route + granted('port80/a', ', name: shop'), says: said },
  { name: 'granted in another namespace', yaml: route + granted('edge/a'), says: said },
  { name: 'granted to Gateways', yaml: route + granted('port80/a', '', 'Gateway'), says: said },
  {
    name: 'granted to another namespace',
    yaml: route + granted('port80/a', '', 'HTTPRoute', 'shop'),
    says: said,
  },
  {
    name: 'a route beside port80',
    yaml: httpRoute('port80/challenge', `hostnames: [hello.example.com], ${to('port80')}`),
    says: [],
  },
  { name: 'for another host', yaml: route.replace('hello', 'other'), says: [] },
  { name: 'to another Service', yaml: httpRoute('edge/shop', to('port80', 'shop')), says: [] },
  { name: 'a Secret of another namespace', yaml: secure, says: saidOfSecret },
  {
    name: 'a Secret that is granted',
    yaml: secure + grant('certs/a', from('Gateway', 'edge'), `{ group: '', kind: Secret, name: hello }`),
    says: [],
  },
  { name: 'a Secret of the same namespace', yaml: apiGateway(listener('{ name: hello }')), says: [] },
  {
    name: 'a Secret that is not of port80',
    yaml: apiGateway(listener('{ name: shop, namespace: certs }')),
    says: [],
  },
]

for (const { name, says, ...given } of rows) {
  t.test(`grant: ${name}`, async (t) => {
    t.strictSame(accused(missingGrant, { scope: whole('referenceGrants'), ...given }), says)
  })
}

t.test('where not all grants were read, one may be there all the same', async (t) => {
  t.strictSame(accused(missingGrant, { yaml: route, scope: whole('httpRoutes') }), [])
})

for (const yaml of [route, route + granted('port80/port80-httproute-edge', ', name: shop'), secure]) {
  t.test(`the command mends ${yaml.split('\n')[3] ?? ''} and takes nothing away`, async (t) => {
    const scope = whole('referenceGrants')
    const fix = findingsOf(missingGrant, { yaml, scope })[0]?.fix
    const command = fix?.do === 'run' ? fix.command : ''
    const [, object = ''] = /^echo '(.*)' \| kubectl apply -f -$/.exec(command) ?? []
    t.strictSame(accused(missingGrant, { yaml: `${yaml}---\n${object}\n`, scope }), [])
    const written = JSON.parse(object) as { metadata: { name: string } }
    t.notOk(yaml.includes(`name: ${written.metadata.name} }`), 'another name than those that are there')
  })
}
