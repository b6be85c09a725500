import t from 'tap'
import { readIstioGateway } from '../../src/discovery/istio-gateway.ts'
import { ingress, istio, istioServers, metadataOf, refOf } from './fixtures/objects.ts'

const server = (tls: object | undefined, hosts: readonly string[] = ['book.example.com'], port = 443) => ({
  port: { number: port, name: 'p', protocol: 'HTTPS' },
  hosts,
  ...(tls && { tls }),
})

t.test('a Secret with the hosts of all servers that name it, in the namespaces of the pods', async (t) => {
  const reading = istioServers([
    server({ mode: 'SIMPLE', credentialName: 'book' }, ['shop/a.example.com', './b.example.com']),
    server({ mode: 'SIMPLE', credentialName: 'book' }, ['b.example.com', 'c.example.com'], 8443),
    server({ mode: 'SIMPLE', credentialName: 'other' }),
  ])
  t.strictSame(reading.faults, [])
  const place = { by: 'pods', selector: ingress } as const
  t.strictSame(reading.claims, [
    { secret: 'book', place, wishes: {}, domains: ['a.example.com', 'b.example.com', 'c.example.com'] },
    { secret: 'other', place, wishes: {}, domains: ['book.example.com'] },
  ])
})

const rows: readonly (readonly [name: string, server: object, secrets: readonly string[], note?: RegExp])[] =
  [
    ['MUTUAL', server({ mode: 'MUTUAL', credentialName: 'book' }), ['book']],
    ['OPTIONAL_MUTUAL', server({ mode: 'OPTIONAL_MUTUAL', credentialName: 'book' }), ['book']],
    [
      'PASSTHROUGH',
      server({ mode: 'PASSTHROUGH', credentialName: 'book' }),
      [],
      /"PASSTHROUGH", which uses no cert/,
    ],
    ['no mode is PASSTHROUGH', server({ credentialName: 'book' }), [], /"PASSTHROUGH"/],
    [
      'ISTIO_MUTUAL with a Secret',
      server({ mode: 'ISTIO_MUTUAL', credentialName: 'book' }),
      [],
      /"ISTIO_MUTUAL"/,
    ],
    ['ISTIO_MUTUAL of the mesh', server({ mode: 'ISTIO_MUTUAL' }), []],
    ['plain http', server(undefined), []],
    ['files of the pod', server({ mode: 'SIMPLE', serverCertificate: '/etc/certs/tls.crt' }), []],
    ['two Secrets', server({ mode: 'SIMPLE', credentialNames: ['r', 'e'] }), ['r', 'e']],
    ['a list of one', server({ mode: 'SIMPLE', credentialNames: ['book'] }), ['book']],
    [
      'a remote SDS server',
      server({ mode: 'SIMPLE', credentialName: 'sds://book' }),
      [],
      /is no name of a Secret/,
    ],
    [
      'a Secret by its address',
      server({ mode: 'SIMPLE', credentialName: 'kubernetes-gateway://a/b' }),
      [],
      /no name/,
    ],
    ['a path', server({ mode: 'SIMPLE', credentialName: '../book' }), [], /is no name of a Secret/],
    ['the Secret of a client CA', server({ mode: 'SIMPLE', credentialName: 'book-cacert' }), [], /client CA/],
    ['every host', server({ mode: 'SIMPLE', credentialName: 'book' }, ['*']), [], /is every host/],
    [
      'httpsRedirect stands in the way of challenges',
      server({ httpsRedirect: true }, ['*'], 80),
      [],
      /server on port 80 has httpsRedirect.*no challenge gets through/,
    ],
  ]

for (const [name, each, secrets, note] of rows) {
  t.test(name, async (t) => {
    const reading = istioServers([each])
    t.strictSame(
      reading.claims.map(({ secret }) => secret),
      secrets,
    )
    t.equal(reading.notes.length, note ? 1 : 0, reading.notes.join())
    if (note) t.match(reading.notes[0], note)
    t.strictSame(reading.faults, [])
  })
}

t.test('a pair: the same hosts for both, a type for each', async (t) => {
  const { claims } = istioServers([server({ mode: 'SIMPLE', credentialNames: ['book-rsa', 'book-ecdsa'] })])
  t.match(claims, [
    { secret: 'book-rsa', wishes: { keyType: 'rsa-2048' }, domains: ['book.example.com'] },
    { secret: 'book-ecdsa', wishes: { keyType: 'ecdsa-p256' }, domains: ['book.example.com'] },
  ])
})

const read = (spec: unknown, fallback?: Readonly<Record<string, string>>) =>
  readIstioGateway({ metadata: metadataOf({}), spec }, refOf('istio', {}), fallback)
const servers = [server({ mode: 'SIMPLE', credentialName: 'book' })]

t.test('without a selector that is every pod: a fault, unless the configuration has one', async (t) => {
  t.match(read({ servers }).faults, [/has no selector/])
  t.match(read({ servers, selector: {} }, ingress).claims, [{ place: { selector: ingress } }])
})

t.test('a spec of another shape is a fault of this object and no crash', async (t) => {
  for (const spec of [null, 3, 'x', [], { servers: 'x' }, { selector: ingress, servers: [{ hosts: [3] }] }]) {
    t.match(read(spec, undefined).faults, [/./], JSON.stringify(spec))
    t.strictSame(read(spec).claims, [])
  }
  t.match(read({ servers: [{ hosts: 'x' }] }).faults, [/at servers\.0\.hosts/])
})

t.test('its annotations are in each of its claims', async (t) => {
  const annotations = { 'port80.io/issuer': 'letsencrypt' }
  t.match(istio({ a: ['a.example.com'], b: ['b.example.com'] }, { annotations }).claims, [
    { wishes: { issuer: 'letsencrypt' } },
    { wishes: { issuer: 'letsencrypt' } },
  ])
})
