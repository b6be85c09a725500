/** What is managed, who answers, and where policies are of the whole mesh: by configuration, by objects, by a guess. */
import t from 'tap'
import { givenSettings } from '../../src/lint/config-maps.ts'
import { documentsIn } from '../../src/lint/documents.ts'
import type { LintScope } from '../../src/lint/objects.ts'
import { lintScope } from '../../src/lint/scope.ts'
import { configOf } from '../discovery/fixtures/objects.ts'
import { objectsIn } from './fixtures/read.ts'

const selector = '{istio: ingressgateway}'
const configured = `
kubernetes: {}
certificates:
  - name: book
    domains: [book.example.com, 192.0.2.1]
    destinations: [{secret: {name: book-tls, gateway: {namespaces: [edge], selector: ${selector}}}}]
`
const inCluster = `${configured}store: {kubernetes: {namespace: port80}}\n`
const discovering = 'discovery: {istio: {namespaces: [shop]}}\n'

const gateway = (name: string, more = '', secret = `${name}-tls`) => `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: ${name}, namespace: shop${more}}
spec:
  selector: ${selector}
  servers:
    - port: {number: 443, name: https, protocol: HTTPS}
      hosts: [./${name}.example.com]
      tls: {mode: SIMPLE, credentialName: ${secret}}
---`
const optIn = ', labels: {port80.io/managed: "true"}'
const apiGateway = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: web, namespace: shop, labels: {port80.io/managed: "true"}}
spec:
  gatewayClassName: istio
  listeners:
    - {name: https, hostname: api.example.com, port: 443, protocol: HTTPS, tls: {certificateRefs: [{name: api-tls}]}}
---`
const route = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: port80, namespace: edge}
spec:
  hosts: ['*']
  gateways: [port80]
  http:
    - match: [{uri: {prefix: /.well-known/acme-challenge/}}]
      route: [{destination: {host: port80.acme.svc.cluster.local}}]
---`
const service = (name: string, namespace: string, more = '') => `
apiVersion: v1
kind: Service
metadata:
  name: ${name}
  namespace: ${namespace}
  labels: {app.kubernetes.io/part-of: port80, app.kubernetes.io/component: responder}
spec: {selector: {app: port80}${more}}
---`
const configMap = (namespace: string, yaml: string) => `
apiVersion: v1
kind: ConfigMap
metadata: {name: port80-worker, namespace: ${namespace}}
data:
  port80.yaml: |${yaml.trimEnd().replaceAll('\n', '\n    ')}
---`
const meshConfig = `
apiVersion: v1
kind: ConfigMap
metadata: {name: istio-canary, namespace: mesh}
data: {mesh: 'rootNamespace: mesh'}
---`

interface Row {
  readonly name: string
  readonly config?: string
  readonly objects?: string
  readonly managed?: readonly { readonly name: string; readonly hosts: readonly string[] }[]
  readonly is?: Partial<LintScope>
  readonly remarks?: readonly RegExp[]
}
const book = { name: 'book', hosts: ['book.example.com'] }
const rows: readonly Row[] = [
  {
    name: 'the configuration, without addresses, with the place of its Secret',
    config: configured,
    managed: [book],
    is: {
      managed: {
        hosts: ['book.example.com'],
        certificates: [
          {
            ...book,
            secrets: [{ name: 'book-tls', namespaces: ['edge'], selector: { istio: 'ingressgateway' } }],
          },
        ],
      },
      rootNamespace: 'istio-system',
    },
  },
  {
    name: 'a Gateway that asks counts for nothing beside a configuration without discovery',
    config: configured,
    objects: gateway('asked', optIn),
    managed: [book],
  },
  {
    name: 'with discovery it counts where discovery looks, and the file comes first for the same Secret',
    config: `${configured}${discovering}`,
    objects: gateway('asked', optIn) + gateway('same', optIn, 'book-tls') + gateway('silent'),
    managed: [book, { name: 'asked-tls', hosts: ['asked.example.com'] }],
  },
  {
    name: 'and not elsewhere, nor of another kind',
    config: `kubernetes: {}\n${discovering.replace('shop', 'elsewhere')}`,
    objects: gateway('asked', optIn) + apiGateway,
    managed: [],
  },
  {
    name: 'without a configuration every Gateway that asks, of both kinds',
    objects: gateway('asked', optIn) + apiGateway + gateway('silent'),
    managed: [
      { name: 'asked-tls', hosts: ['asked.example.com'] },
      { name: 'api-tls', hosts: ['api.example.com'] },
    ],
  },
  {
    name: 'two Gateways with one Secret are one certificate',
    objects: gateway('one', optIn, 'tls') + gateway('other', optIn, 'tls'),
    managed: [{ name: 'tls', hosts: ['one.example.com', 'other.example.com'] }],
  },
  {
    name: 'a Gateway that asks for what nobody understands is said',
    objects: gateway('asked', `${optIn}, annotations: {port80.io/isuer: x}`),
    managed: [],
    remarks: [/Istio Gateway shop\/asked gets no certificate: .*isuer/, /--config FILE/],
  },
  {
    name: 'the ConfigMap of the chart, and its namespace',
    objects: configMap('acme', `\n${configured}`),
    managed: [book],
    is: { instance: 'acme' },
  },
  {
    name: 'a ConfigMap with faults is said',
    objects: configMap('acme', '\ncertificates: 7'),
    managed: [],
    remarks: [/ConfigMap acme\/port80-worker: port80\.yaml is left out: certificates/, /--config FILE/],
  },
  {
    name: 'two installations: both are managed, and no Secret is said to be of another one',
    objects: configMap('one', `\n${configured}`) + configMap('two', `\n${configured}`),
    managed: [book],
    is: { instance: undefined as unknown as string },
  },
  {
    name: 'by a guess: where routes of challenges are, Secrets that no other tool writes',
    objects:
      route +
      gateway('free') +
      gateway('foreign') +
      `\napiVersion: v1\nkind: Secret\nmetadata: {name: foreign-tls, annotations: {cert-manager.io/certificate-name: x}}\n`,
    managed: [{ name: 'free-tls', hosts: ['free.example.com'] }],
    is: { responder: { namespace: 'acme', service: 'port80' }, instance: 'acme' },
    remarks: [/certificates of 1 Secrets of Gateways are taken for port80's/],
  },
  {
    name: 'no guess where there is no route',
    objects: gateway('free'),
    managed: [],
    remarks: [/no host is known to be managed/],
  },
  {
    name: 'the responder by its labels, in the namespace of the configuration, and not the headless one',
    config: inCluster,
    objects:
      route +
      service('other', 'elsewhere') +
      service('mine', 'port80') +
      service('mine-pods', 'port80', ', clusterIP: None'),
    managed: [book],
    is: { responder: { namespace: 'port80', service: 'mine' }, instance: 'port80' },
  },
  {
    name: 'the responder beside the headless Service of the configuration',
    config: `${inCluster}responders: {service: pods}\n`,
    objects: [
      service('pods', 'port80', ', clusterIP: None'),
      service('front', 'port80').replace(/labels:.*/, ''),
      service('unlike', 'port80', ', type: ClusterIP')
        .replace(/labels:.*/, '')
        .replace('app: port80', 'app: x'),
    ].join(''),
    managed: [book],
    is: { responder: { namespace: 'port80', service: 'front' } },
  },
  {
    name: 'of two places that challenges are routed to, the one called port80',
    config: configured,
    objects: route + route.replaceAll('port80.acme', 'app.shop').replace('name: port80', 'name: app'),
    managed: [book],
    is: { responder: { namespace: 'acme', service: 'port80' } },
  },
  {
    name: 'the root namespace of the mesh',
    config: configured,
    objects: meshConfig,
    managed: [book],
    is: { rootNamespace: 'mesh' },
  },
]

for (const { name, config, objects = '', managed = [], is = {}, remarks = [] } of rows) {
  t.test(name, async (t) => {
    const raw = documentsIn('test', objects).found.map(({ object }) => object)
    const given = givenSettings(raw)
    const named = config === undefined ? undefined : configOf(config)
    const sources = { now: 7, config: named, objects: objectsIn(objects), given, whole: new Set<never>() }
    const { scope, remarks: said } = lintScope(sources)
    t.strictSame(
      scope.managed.certificates.map(({ name, hosts }) => ({ name, hosts })),
      managed,
    )
    t.strictSame([...scope.managed.hosts], [...new Set(managed.flatMap(({ hosts }) => hosts))])
    for (const [key, value] of Object.entries(is)) t.strictSame(scope[key as keyof LintScope], value, key)
    const all = [...given.remarks, ...said]
    for (const [index, remark] of remarks.entries()) t.match(all[index], remark)
    if (remarks.length > 0) t.equal(all.length, remarks.length)
  })
}
