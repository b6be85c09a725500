import t from 'tap'
import { selectorKey, type Reading } from '../../src/discovery/claim.ts'
import { discover } from '../../src/discovery/discover.ts'
import { certificateName } from '../../src/discovery/secret-group.ts'
import { api, configOf, discovering, ingress, istio, istioServers, seen } from './fixtures/objects.ts'
import { a, b, c, config, issuer, old, testRows, told, young } from './fixtures/rows.ts'

t.test('a Gateway of Istio: a certificate, its Secret beside the pods', async (t) => {
  const { certificates, sources, origins } = discover(
    config,
    seen([istio({ 'book-tls': ['book.example.com'] }, issuer('letsencrypt'))]),
  )
  const name = certificateName('book-tls', { by: 'pods', selector: ingress })
  t.match(name, /^book-tls-[0-9a-f]{8}$/)
  const gateway = { namespaces: ['istio-system'], selector: ingress, httpPort: 80, httpsPort: 443 }
  t.strictSame(certificates, [
    {
      name,
      domains: ['book.example.com'],
      issuer: 'letsencrypt',
      keyType: 'ecdsa-p256',
      reuseKey: false,
      renewal: { ari: true },
      destinations: [
        { secret: { name: 'book-tls', takeOver: false, gateway, namespaces: ['istio-system'] } },
      ],
    },
  ])
  const object = 'Istio Gateway shop/web'
  t.strictSame(sources, [{ object, state: 'wanted', secret: 'book-tls', certificate: name, detail: '' }])
  t.match(origins.get(name), [{ source: 'istio', namespace: 'shop', name: 'web' }])
})

t.test('a Gateway of the Gateway API: its Secret where the reference says', async (t) => {
  const { certificates } = discover(
    config,
    seen([api([{ hostname: 'book.example.com', secrets: [{ name: 'book-tls' }] }])]),
  )
  t.match(certificates, [
    {
      domains: ['book.example.com'],
      destinations: [
        {
          secret: {
            name: 'book-tls',
            gateway: { namespaces: ['shop'], selector: { 'gateway.networking.k8s.io/gateway-name': 'web' } },
          },
        },
      ],
    },
  ])
})

const status = (value: string) => ({ annotations: { 'port80.io/redirect-status': value } })
const byGateway = configOf(`${discovering}\nredirect: { by: gateway }`)

testRows([
  { name: 'nothing is asked', readings: [], certificates: [], states: [] },
  {
    name: 'without the section nothing is found',
    readings: [istio({ book: [a] })],
    config: configOf(''),
    certificates: [],
    states: [],
  },
  {
    name: 'a fault of one object is nobody else’s',
    readings: [istio({ book: [a] }, { ...old, ...issuer('nowhere') }), istio({ book: [b] }, young)],
    certificates: [`book: ${b}`],
    states: ['Istio Gateway shop/old - faulty', 'Istio Gateway shop/young book wanted'],
    detail: /port80\.io\/issuer: "nowhere" is no issuer/,
  },
  {
    name: 'an object with a fault wants nothing, and says it once',
    readings: [istio({ book: [a], other: [b] }, issuer('nowhere'))],
    certificates: [],
    states: ['Istio Gateway shop/web - faulty'],
  },
  {
    name: 'only wildcards: managed, and nothing is to be had',
    readings: [istio({ book: ['*.example.com'] })],
    certificates: [],
    states: ['Istio Gateway shop/web - nothing'],
    detail: /"\*\.example\.com" is left out/,
  },
  {
    name: 'no server with a Secret',
    readings: [istioServers([])],
    certificates: [],
    states: ['Istio Gateway shop/web - nothing'],
    detail: /^names no Secret/,
  },
  {
    name: 'a wildcard beside a name: wanted, and told what is left out',
    readings: [istio({ book: ['*.example.com', a] })],
    certificates: [`book: ${a}`],
    states: ['Istio Gateway shop/web book wanted'],
    detail: /"\*\.example\.com" is left out/,
  },
  {
    name: 'the gateway redirects, with another status: wanted, and told what is ignored',
    readings: [istio({ book: [a] }, status('302'))],
    config: byGateway,
    certificates: [`book: ${a}`],
    states: ['Istio Gateway shop/web book wanted'],
    detail:
      /^port80\.io\/redirect-status "302" is ignored: the gateway redirects \(redirect\.by\), with 301 /,
  },
  {
    name: 'the gateway redirects with that very status',
    readings: [istio({ book: [a] }, status('301'))],
    config: byGateway,
    certificates: [`book: ${a}`],
    states: ['Istio Gateway shop/web book wanted'],
    detail: /^$/,
  },
  {
    name: 'port80 redirects, with the status that is asked for',
    readings: [istio({ book: [a] }, status('302'))],
    certificates: [`book: ${a}`],
    states: ['Istio Gateway shop/web book wanted'],
    detail: /^$/,
  },
  {
    name: 'the gateway redirects, and the status is none',
    readings: [istio({ book: [a] }, status('399'))],
    config: byGateway,
    certificates: [],
    states: ['Istio Gateway shop/web - faulty'],
    detail: /^port80\.io\/redirect-status: 399/,
  },
  {
    name: 'a kind that is not installed stands in the list; what is seen of others counts',
    readings: [istio({ book: [a] })],
    view: { unreadable: [{ what: 'Gateways of the Gateway API', state: 'absent', detail: 'not installed' }] },
    certificates: [`book: ${a}`],
    states: ['Gateways of the Gateway API - absent', 'Istio Gateway shop/web book wanted'],
  },
])

t.test('a pair is two certificates of one set of hosts', async (t) => {
  const server = { hosts: [a], tls: { mode: 'SIMPLE', credentialNames: ['r', 'e'] } }
  t.match(discover(config, seen([istioServers([server])])).certificates, [
    { domains: [a], keyType: 'rsa-2048' },
    { domains: [a], keyType: 'ecdsa-p256' },
  ])
})

t.test(
  'the Secret goes into each namespace of the pods; a Gateway that reaches two certificates is a conflict',
  async (t) => {
    const [west, east, both] = [{ gw: 'west' }, { gw: 'east' }, { gw: 'both' }]
    const server = (hosts: readonly string[]) => [{ hosts, tls: { mode: 'SIMPLE', credentialName: 'book' } }]
    const pods = new Map([
      [selectorKey(west), { namespaces: ['west'] }],
      [selectorKey(east), { namespaces: ['east'] }],
      [selectorKey(both), { namespaces: ['east', 'west'] }],
    ])
    const one = istioServers(server([a]), old, west)
    const all = istioServers(server([c]), { name: 'all', created: 3 }, both)
    const union = discover(config, seen([one, all], { pods }))
    t.match(union.certificates, [
      {
        domains: [a, c],
        destinations: [
          { secret: { gateway: { namespaces: ['west'], selector: west } } },
          { secret: { gateway: { namespaces: ['east', 'west'], selector: both } } },
        ],
      },
    ])
    t.equal(union.certificates.length, 1)
    const three = told([one, istioServers(server([b]), young, east), all], config, { pods })
    t.strictSame(three.certificates, [`book: ${a}`, `book: ${b}`])
    t.match(three.sources[2], {
      state: 'conflict',
      detail: /reaches the Secrets of both Istio Gateway shop\/old and Istio Gateway shop\/young/,
    })
  },
)

t.test('the name stays when hosts and other objects come and go, and keeps Secrets apart', async (t) => {
  const nameOf = (readings: readonly Reading[]) => discover(config, seen(readings)).certificates[0]?.name
  const name = nameOf([istio({ book: [a] }, old)])
  t.equal(
    nameOf([istio({ book: [a, b] }, { ...old, ...issuer('letsencrypt') }), istio({ book: [c] }, young)]),
    name,
  )
  t.equal(nameOf([istio({ book: [c] }, young)]), name)
  const place = { by: 'pods', selector: ingress } as const
  t.not(certificateName('a.b', place), certificateName('a-b', place))
  t.not(certificateName('a', place), certificateName('a', { ...place, selector: { istio: 'other' } }))
  t.match(certificateName('x'.repeat(253), place), /^x{54}-[0-9a-f]{8}$/)
  t.match(certificateName(`${'x'.repeat(53)}.y`, place), /^x{53}-[0-9a-f]{8}$/)
})

t.test('words stay short whatever the objects hold', async (t) => {
  const hosts = Array.from({ length: 200 }, (_, index) => `*.${'x'.repeat(200)}${index}`)
  const { sources } = discover(config, seen([istio({ book: hosts })]))
  t.ok(sources.every(({ detail }) => detail.length <= 500))
})
