/** What stands in the rendered objects: rights, routes, and what restarts pods. */
import t from 'tap'
import { find, render, type Manifest, type Rendered, type Rule, type Values } from './fixtures/helm.ts'

const book = { hosts: ['book.example.com'], secretName: 'book-certificate' }
const inTwo = { ...book, gateway: { namespaces: ['gw-a', 'gw-b'], selector: { app: 'gw' } } }

/** `verbs resources[/name]` of a Role, one line a rule. */
const lines = (rules: readonly Rule[] = []) =>
  rules.map(({ verbs, resources, resourceNames }) => {
    const names = resourceNames === undefined ? '' : `/${resourceNames.join(',')}`
    return `${verbs.join(' ')}: ${resources.join(' ')}${names}`
  })

const ofKind = ({ manifests }: Rendered, kind: string) => manifests.filter((each) => each.kind === kind)
const place = ({ metadata }: Manifest) => `${metadata.namespace ?? ''}/${metadata.name}`

t.test('the rights are the documented ones, by name where the API has it', async (t) => {
  const rendered = await render({ domains: [book, { hosts: ['a.example.com'], secretName: 'a' }] })
  t.same(lines(find(rendered, 'Role', 'port80-responder').rules), ['get list watch: configmaps'])
  t.same(lines(find(rendered, 'Role', 'port80-worker').rules), [
    'get list watch create patch delete: configmaps',
    'get list watch create patch delete: secrets',
    'create: leases',
    'get list watch update: leases/port80-worker',
    'list: endpointslices',
    'create patch: events',
  ])
  t.same(lines(find(rendered, 'Role', 'port80', 'istio-system').rules), [
    'list: pods',
    'create: secrets',
    'get patch: secrets/a,book-certificate',
    'create patch: events',
  ])
  t.same(ofKind(rendered, 'ClusterRole'), [])
  t.same(ofKind(rendered, 'RoleBinding').map(place).sort(), [
    'istio-system/port80',
    'port80/port80-responder',
    'port80/port80-worker',
  ])
})

t.test('a gateway in two namespaces has a Role in both, and in no other', async (t) => {
  const rendered = await render({ domains: [inTwo] })
  t.same(ofKind(rendered, 'Role').map(place).sort(), [
    'gw-a/port80',
    'gw-b/port80',
    'port80/port80-responder',
    'port80/port80-worker',
  ])
})

t.test('discovery adds the right to read Gateways, where it is asked for', async (t) => {
  const some = await render({ discovery: { istio: { namespaces: ['shop'] } } })
  t.same(lines(find(some, 'Role', 'port80-discovery', 'shop').rules), [
    'get list watch: gateways',
    'create patch: events',
  ])
  t.same(lines(find(some, 'Role', 'port80', 'istio-system').rules).slice(2, 3), ['get patch: secrets'])
  t.same(ofKind(some, 'ClusterRole'), [])
  const all = await render({ discovery: { istio: { namespaces: 'all' } } })
  t.same(lines(find(all, 'ClusterRole', 'port80-discovery').rules), [
    'get list watch: gateways',
    'create patch: events',
  ])
})

interface VirtualService {
  readonly exportTo?: readonly string[]
  readonly gateways: readonly string[]
  readonly hosts: readonly string[]
  readonly http: readonly {
    readonly name: string
    readonly match?: readonly { readonly uri?: { readonly prefix: string }; readonly port?: number }[]
    readonly redirect?: { readonly redirectCode: number }
    readonly retries?: { readonly retryOn: string }
  }[]
}

const routesOf = (rendered: Rendered) =>
  ofKind(rendered, 'VirtualService')
    .map((each) => ({ at: place(each), ...(each.spec as VirtualService) }))
    .toSorted((one, other) => one.at.localeCompare(other.at))

t.test(
  'two VirtualServices beside the gateway: one by name, one for any host, challenges first in both',
  async (t) => {
    const routes = routesOf(await render({ domains: [book] }))
    t.same(
      routes.map(({ at, hosts }) => [at, hosts]),
      [
        ['istio-system/port80-any-host', ['*']],
        ['istio-system/port80-hosts', ['book.example.com']],
      ],
    )
    for (const { exportTo, gateways, http } of routes) {
      t.same(exportTo, ['.'])
      t.same(gateways, ['istio-system/port80'])
      t.equal(http[0]?.match?.[0]?.uri?.prefix, '/.well-known/acme-challenge/')
      t.equal(http[1]?.match, undefined)
      for (const { retries } of http)
        t.match(retries?.retryOn, /\breset\b/, 'what breaks off is asked of another pod')
    }
  },
)

t.test('a VirtualService is seen by each namespace of the gateway', async (t) => {
  const routes = routesOf(await render({ domains: [inTwo] }))
  t.same(
    routes.map(({ at, exportTo }) => [at.replace(/-[0-9a-f]{6}-/, '-…-'), exportTo]),
    [
      ['gw-a/port80-…-any-host', ['.', 'gw-b']],
      ['gw-a/port80-…-hosts', ['.', 'gw-b']],
    ],
  )
})

t.test('with the redirect by the gateway, each host has its status', async (t) => {
  const other = { hosts: ['a.example.com'], secretName: 'a', redirect: { status: 308 } }
  const routes = routesOf(await render({ domains: [book, other], redirect: { by: 'gateway' } }))
  t.same(
    routes.map(({ hosts, http }) => [hosts[0], http[1]?.redirect?.redirectCode]),
    [
      ['*', 301],
      ['book.example.com', 301],
      ['a.example.com', 308],
    ],
  )
})

t.test('on a Gateway of somebody else the rules are for its plain port alone', async (t) => {
  const rendered = await render({ domains: [book], routes: { istio: { gateways: ['istio-system/public'] } } })
  t.same(ofKind(rendered, 'Gateway'), [])
  for (const { http } of routesOf(rendered)) {
    t.same(
      http.map(({ match }) => match?.[0]?.port),
      [80, 80],
    )
  }
})

t.test('a selector of one’s own replaces the default one', async (t) => {
  const rendered = await render({ domains: [book], gateway: { selector: { app: 'gw' } } })
  t.same((find(rendered, 'Gateway', 'port80', 'istio-system').spec as { selector: unknown }).selector, {
    app: 'gw',
  })
  t.match(find(rendered, 'ConfigMap', 'port80-worker').data?.['port80.yaml'], 'app: gw')
  t.notMatch(find(rendered, 'ConfigMap', 'port80-worker').data?.['port80.yaml'], 'ingressgateway')
})

t.test('the 443 Gateway is made where it is asked for', async (t) => {
  const rendered = await render({ domains: [{ ...book, tlsGateway: 'create' }] })
  t.match(find(rendered, 'Gateway', 'book-certificate-tls', 'istio-system').spec, {
    servers: [{ hosts: ['book.example.com'], tls: { mode: 'SIMPLE', credentialName: 'book-certificate' } }],
  })
})

const podsOf = async (values: Values) => {
  const rendered = await render(values)
  return ofKind(rendered, 'Deployment').map(({ spec }) =>
    JSON.stringify((spec as { template: unknown }).template),
  )
}

t.test('a change that the running pods take up restarts none of them', async (t) => {
  const before = await podsOf({})
  for (const values of [{ domains: [book] }, { log: { level: 'debug' } }, { redirect: { status: 308 } }]) {
    t.same(await podsOf(values), before, JSON.stringify(values))
  }
})

t.test('a change that is read at the start restarts them', async (t) => {
  const before = await podsOf({})
  for (const values of [{ listeners: { stop: { drain: '20s' } } }, { lease: { duration: '30s' } }]) {
    const after = await podsOf(values)
    t.equal(after.filter((pod) => before.includes(pod)).length, 0, JSON.stringify(values))
  }
})

t.test('a pod has the time to stop that its listeners take', async (t) => {
  const rendered = await render({ listeners: { stop: { unreadyWait: '1500ms', drain: '1m' } } })
  const { spec } = find(rendered, 'Deployment', 'port80-responder')
  const { template } = spec as { template: { spec: { terminationGracePeriodSeconds: number } } }
  t.equal(template.spec.terminationGracePeriodSeconds, 2 + 60 + 10)
})

t.test('only the worker has the files of the issuers, and only its configuration names them', async (t) => {
  const issuers = {
    'example-ca': {
      directory: 'https://acme.example.com/directory',
      caBundle: { secret: { name: 'roots', key: 'ca' } },
      externalAccount: { keyId: 'kid-1', hmacKeySecret: { name: 'eab', key: 'hmac' } },
    },
  }
  const [responder = '', worker = ''] = await podsOf({ issuers })
  t.match(worker, '/etc/port80-issuers/example-ca')
  t.notMatch(responder, 'issuers')
  const rendered = await render({ issuers })
  t.match(
    find(rendered, 'ConfigMap', 'port80-worker').data?.['port80.yaml'],
    'hmacKeyFile: /etc/port80-issuers/example-ca/hmac-key',
  )
  t.notMatch(find(rendered, 'ConfigMap', 'port80-responder').data?.['port80.yaml'], '/etc/port80-issuers')
})

t.test("a worker's sidecar leaves the headers alone that say who answered", async (t) => {
  const rows = [
    { mesh: {}, worker: /proxyHeaders/, responder: /holdApplicationUntilProxyStarts/ },
    { mesh: { holdUntilProxyStarts: false }, worker: /^{"proxyHeaders":[^,]*,[^,]*}$/, responder: /^none$/ },
    { mesh: { sidecar: 'never' }, worker: /^none$/, responder: /^none$/ },
  ]
  for (const { mesh, worker, responder } of rows) {
    const rendered = await render({ mesh })
    const configOf = (role: string) => proxyConfig(find(rendered, 'Deployment', `port80-${role}`))
    t.match(configOf('worker'), worker)
    t.match(configOf('responder'), responder)
    t.notMatch(configOf('responder'), /proxyHeaders/)
  }
})

function proxyConfig({ spec }: Manifest): string {
  const { template } = spec as { template: { metadata: { annotations: Record<string, string> } } }
  return template.metadata.annotations['proxy.istio.io/config'] ?? 'none'
}

t.test('no Secret belongs to the release', async (t) => {
  t.same(ofKind(await render({ domains: [book] }), 'Secret'), [])
})

t.test('the pod of helm test is in the mesh when the pods that it asks are', async (t) => {
  const rows = [
    { sidecar: 'auto', label: undefined },
    { sidecar: 'inject', label: 'true' },
    { sidecar: 'never', label: 'false' },
  ]
  for (const { sidecar, label } of rows) {
    const { metadata } = find(await render({ mesh: { sidecar } }), 'Pod', 'port80-test')
    t.equal(metadata.labels?.['sidecar.istio.io/inject'], label, sidecar)
  }
})
