import t from 'tap'
import { readObjects } from '../../src/lint/read-objects.ts'

const named = (apiVersion: string, kind: string, spec: unknown) => ({
  ...{ apiVersion, kind, spec },
  metadata: { name: 'public', namespace: 'shop' },
})

t.test('a Gateway is read by its group, and what is left out has its default', async (t) => {
  const { objects, remarks } = readObjects([
    named('networking.istio.io/v1', 'Gateway', {
      servers: [{ hosts: ['*'], port: { number: 80 }, tls: {} }],
    }),
    named('gateway.networking.k8s.io/v1', 'Gateway', { listeners: null }),
  ])
  t.strictSame(remarks, [])
  t.equal(objects.gateways[0]?.spec.servers[0]?.tls?.mode, 'PASSTHROUGH')
  t.strictSame(objects.apiGateways[0]?.spec.listeners, [])
})

t.test('a malformed object is a remark with its name, and the rest is read', async (t) => {
  const { objects, remarks } = readObjects([
    named('networking.istio.io/v1', 'Gateway', { servers: 'none' }),
    named('networking.istio.io/v1', 'VirtualService', { hosts: ['a.example.com'] }),
    'no object',
  ])
  t.equal(objects.gateways.length, 0)
  t.strictSame(objects.virtualServices[0]?.spec.hosts, ['a.example.com'])
  t.match(remarks, [/kind or metadata.name is missing/, /Gateway shop\/public .*spec\.servers/])
})

t.test('nothing of the value of a Secret is kept', async (t) => {
  const data = { 'tls.key': Buffer.from('very private').toString('base64'), 'tls.crt': '' }
  const { objects } = readObjects([{ ...named('v1', 'Secret', undefined), data }])
  t.strictSame(objects.secrets[0]?.keys, ['tls.key'])
  t.strictSame(objects.secrets[0]?.emptyKeys, ['tls.crt'])
  t.notMatch(JSON.stringify(objects), /private|dmVyeSBwcml2YXRl/)
})

const template = (metadata: unknown, spec: unknown) => ({ template: { metadata, spec } })
const proxy = { name: 'istio-proxy', ports: [{ name: 'http2', containerPort: 8080 }] }
const app = { name: 'app', ports: [{ containerPort: 8080 }] }

const pods: { name: string; object: object; is: object }[] = [
  {
    name: 'a gateway with native sidecar, ready',
    object: {
      ...named('v1', 'Pod', { serviceAccountName: 'gateway', initContainers: [proxy], containers: [] }),
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    },
    is: { serviceAccount: 'gateway', ports: [{ name: 'http2', number: 8080 }], sidecar: true, ready: true },
  },
  {
    name: 'a running pod without a proxy',
    object: { ...named('v1', 'Pod', { containers: [app] }), status: { phase: 'Running' } },
    is: { serviceAccount: 'default', ports: [{ name: '', number: 8080 }], sidecar: false, ready: false },
  },
  {
    name: 'a Deployment that may yet be injected',
    object: named('apps/v1', 'Deployment', template({ labels: { app: 'a' } }, { containers: [app] })),
    is: { labels: { app: 'a' }, sidecar: undefined, ready: undefined },
  },
  {
    name: 'a DaemonSet that forbids a sidecar',
    object: named(
      'apps/v1',
      'DaemonSet',
      template({ labels: { 'sidecar.istio.io/inject': 'false' } }, { containers: [app] }),
    ),
    is: { sidecar: false },
  },
  {
    name: 'a gateway Deployment, to be injected',
    object: named('apps/v1', 'Deployment', template(null, { containers: [{ ...proxy, image: 'auto' }] })),
    is: { sidecar: true, labels: {} },
  },
]
for (const { name, object, is } of pods)
  t.test(`pods: ${name}`, async (t) => {
    const { objects, remarks } = readObjects([object])
    t.strictSame(remarks, [])
    t.match(objects.pods, [is])
    t.equal(objects.pods.length, 1)
  })

t.test('a pod that has ended is none', async (t) => {
  const { objects } = readObjects([{ ...named('v1', 'Pod', {}), status: { phase: 'Succeeded' } }])
  t.strictSame(objects.pods, [])
})

t.test('roles, bindings and namespaces; what is of the whole cluster has no namespace', async (t) => {
  const rbac = 'rbac.authorization.k8s.io/v1'
  const rules = [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] }]
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'public' }
  const subjects = [{ kind: 'ServiceAccount', name: 'gateway' }]
  const { objects, remarks } = readObjects([
    { ...named(rbac, 'Role', undefined), rules },
    { ...named(rbac, 'ClusterRole', undefined), rules: null },
    { ...named(rbac, 'RoleBinding', undefined), roleRef, subjects },
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { team: 'a' } } },
  ])
  t.strictSame(remarks, [])
  t.strictSame(
    objects.roles.map(({ ref, rules }) => [ref.kind, ref.namespace, rules[0]?.verbs]),
    [
      ['Role', 'shop', ['get', 'list']],
      ['ClusterRole', '', undefined],
    ],
  )
  t.match(objects.bindings, [{ role: roleRef, subjects: [{ name: 'gateway', namespace: '' }] }])
  t.strictSame(objects.namespaces, [{ name: 'shop', labels: { team: 'a' } }])
})

t.test('lists: of kubectl, and of one kind, whose items do not say what they are', async (t) => {
  const service = { metadata: { name: 'book', namespace: 'shop' }, spec: { ports: [{ port: 80 }] } }
  const { objects, remarks } = readObjects([
    { apiVersion: 'v1', kind: 'List', items: [named('networking.istio.io/v1', 'Gateway', {})] },
    { apiVersion: 'v1', kind: 'ServiceList', items: [service] },
  ])
  t.strictSame(remarks, [])
  t.equal(objects.gateways.length, 1)
  t.match(objects.services, [{ ref: { kind: 'Service', name: 'book' }, spec: { ports: [{ port: 80 }] } }])
})

t.test(
  'what stands twice counts as it stands last; without a namespace it is in the one given',
  async (t) => {
    const gateway = (hosts: string[]) => ({
      ...{ apiVersion: 'networking.istio.io/v1', kind: 'Gateway', metadata: { name: 'public' } },
      spec: { servers: [{ hosts }] },
    })
    const { objects } = readObjects([gateway(['old']), gateway(['new'])], { namespace: 'edge' })
    t.strictSame(
      objects.gateways.map(({ ref, spec }) => [ref.namespace, spec.servers[0]?.hosts]),
      [['edge', ['new']]],
    )
  },
)

t.test('members that nobody wrote are left out without a word', async (t) => {
  const { remarks } = readObjects([
    named('gateway.networking.k8s.io/v1', 'HTTPRoute', {
      rules: [{ filters: [{ type: 'RequestRedirect', requestRedirect: { scheme: 'https' } }] }],
    }),
    named('gateway.networking.k8s.io/v1', 'Gateway', {
      listeners: [{ name: 'http', port: 80, allowedRoutes: { namespaces: { from: 'All' } } }],
    }),
    named('networking.istio.io/v1alpha3', 'EnvoyFilter', {
      configPatches: [{ applyTo: 'HTTP_FILTER', patch: { operation: 'REMOVE' } }],
    }),
    {
      ...{ apiVersion: 'v1', kind: 'Secret' },
      metadata: { name: 'book', managedFields: [{ manager: 'kubectl' }] },
    },
  ])
  t.strictSame(remarks, [])
})
