/** For REGISTRY_ONLY the names are hosts of the mesh, too: the worker asks the gateways for them, on both ports. */
import t from 'tap'
import { render, type Values } from './fixtures/helm.ts'

const book = { hosts: ['book.example.com'], secretName: 'book-certificate' }
const there = { hosts: ['there.example.com'], secretName: 'there', gateway: { httpPort: 8080 } }
const theirs = { name: 'theirs', host: 'theirs.example.com' }
const everything = { domains: [book, there], routes: { extraHosts: ['shop.example.com'] } }
const gateway = { namespaces: ['edge'], selector: { app: 'edge' }, httpsPort: 9443 }

const ca = 'port80-ca'
const [http, tls] = ['HTTP/http-gateway', 'TLS/tls-gateway']
const row = (name: string, hosts: string, ...ports: string[]) => [name, hosts, ...ports].join(' ')
const both = [
  row('port80-front-door', 'book.example.com,shop.example.com', `80/${http}`, `443/${tls}`),
  row('port80-front-door-8080-443', 'there.example.com', `8080/${http}`, `443/${tls}`),
]

interface Row {
  readonly name: string
  readonly values: Values
  readonly made: readonly string[]
}

const rows: readonly Row[] = [
  { name: 'self-check and proof ask both ports', values: everything, made: both },
  {
    name: 'without proof nobody asks for TLS',
    values: { domains: [book], proof: { enabled: false } },
    made: [row('port80-front-door', 'book.example.com', `80/${http}`)],
  },
  {
    name: 'without a self-check nobody asks for plain http',
    values: { domains: [book], selfCheck: { through: 'off' } },
    made: [row('port80-front-door', 'book.example.com', `443/${tls}`)],
  },
  {
    name: 'only who asks needs it',
    values: { domains: [book], observe: [theirs], proof: { enabled: false }, selfCheck: { through: 'off' } },
    made: [],
  },
  {
    name: 'what is observed is asked on its own port',
    values: {
      observe: [theirs, { ...theirs, name: 'late', port: 8443 }, { ...theirs, name: 'edge', gateway }],
    },
    made: [443, 8443, 9443].map((port) =>
      row(`port80-observed-${port}`, theirs.host, `${port}/TLS/tls-observed`),
    ),
  },
]

for (const { name, values, made } of rows)
  t.test(name, async (t) => {
    const { manifests } = await render({ ...values, mesh: { serviceEntry: { create: true } } })
    const own = manifests.filter(({ kind, metadata }) => kind === 'ServiceEntry' && metadata.name !== ca)
    t.strictSame(own.map(told).sort(), [...made].sort())
    for (const { spec } of own) t.match(spec, { exportTo: ['.'], resolution: 'NONE' })
  })

t.test('unless it is wanted there is none', async (t) => {
  const { manifests } = await render(everything)
  t.notOk(manifests.some(({ kind }) => kind === 'ServiceEntry'))
})

interface Spec {
  readonly hosts: readonly string[]
  readonly ports: readonly { readonly number: number; readonly protocol: string; readonly name: string }[]
}

function told({ metadata, spec }: { readonly metadata: { readonly name: string }; readonly spec?: unknown }) {
  const { hosts, ports } = spec as Spec
  const each = ports.map(({ number, protocol, name }) => `${number}/${protocol}/${name}`)
  return row(metadata.name, hosts.join(','), ...each)
}
