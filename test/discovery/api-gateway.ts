import t from 'tap'
import { readApiGateway } from '../../src/discovery/api-gateway.ts'
import { api, metadataOf, refOf } from './fixtures/objects.ts'

const label = { 'gateway.networking.k8s.io/gateway-name': 'web' }

t.test('a Secret beside the Gateway, with the hosts of all listeners that refer to it', async (t) => {
  const reading = api([
    { hostname: 'a.example.com', secrets: [{ name: 'book' }] },
    { hostname: 'b.example.com', secrets: [{ name: 'book', namespace: 'shop' }] },
    { hostname: 'c.example.com', secrets: [{ name: 'book', namespace: 'certs' }] },
  ])
  const place = (namespace: string) => ({ by: 'reference', namespace, selector: label }) as const
  t.strictSame(reading.claims, [
    { secret: 'book', place: place('shop'), wishes: {}, domains: ['a.example.com', 'b.example.com'] },
    { secret: 'book', place: place('certs'), wishes: {}, domains: ['c.example.com'] },
  ])
})

const rows: readonly (readonly [
  name: string,
  listener: Parameters<typeof api>[0][number],
  secrets: readonly string[],
  note?: RegExp,
])[] = [
  ['no hostname', { secrets: [{ name: 'a' }] }, [], /"https-0" has no hostname: it takes every host/],
  ['a wildcard', { hostname: '*.example.com', secrets: [{ name: 'a' }] }, [], /wildcard/],
  [
    'passes TLS through',
    { hostname: 'a.example.com', secrets: [{ name: 'a' }], mode: 'Passthrough' },
    [],
    /"Passthrough"/,
  ],
  ['no reference', { hostname: 'a.example.com', secrets: [] }, []],
  [
    'no Secret',
    { hostname: 'a.example.com', secrets: [{ kind: 'ConfigMap', name: 'a' }] },
    [],
    /is no Secret/,
  ],
  [
    'of another group',
    { hostname: 'a.example.com', secrets: [{ group: 'x.io', name: 'a' }] },
    [],
    /is no Secret/,
  ],
  ['a pair', { hostname: 'a.example.com', secrets: [{ name: 'a' }, { name: 'b' }] }, ['a', 'b']],
]

for (const [name, listener, secrets, note] of rows) {
  t.test(name, async (t) => {
    const reading = api([listener])
    t.strictSame(
      reading.claims.map(({ secret }) => secret),
      secrets,
    )
    t.equal(reading.notes.length, note ? 1 : 0, reading.notes.join())
    if (note) t.match(reading.notes[0], note)
  })
}

t.test('the pods may have other labels', async (t) => {
  const spec = {
    listeners: [{ name: 'x', hostname: 'a.example.com', tls: { certificateRefs: [{ name: 'a' }] } }],
  }
  const reading = readApiGateway({ metadata: metadataOf({}), spec }, refOf('gatewayApi', {}), {
    app: 'envoy',
  })
  t.match(reading.claims, [{ place: { by: 'reference', namespace: 'shop', selector: { app: 'envoy' } } }])
})

t.test('a spec of another shape is a fault of this object and no crash', async (t) => {
  for (const spec of [null, 3, { listeners: 'x' }, { listeners: [{}] }]) {
    const reading = readApiGateway({ metadata: metadataOf({}), spec }, refOf('gatewayApi', {}))
    t.strictSame(reading.claims, [])
    if (spec !== null) t.match(reading.faults, [/is not one of gateway.networking.k8s.io/])
  }
})
