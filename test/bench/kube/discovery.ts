/** Gateways that ask for certificates, on a real API server with the custom resources of Istio and of the Gateway API. */
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { until } from '../fixtures/until.ts'
import { installCustomResources } from '../mesh/custom-resources.ts'
import { grant, startCluster } from './fixtures/cluster.ts'
import {
  apiGateway,
  apiPlace,
  configured,
  follow,
  grantEverywhere,
  istioGateway,
  istioPlace,
  makePod,
  managed,
} from './fixtures/discovering.ts'
import { discoverGatewayApi, discoverIstio, findGateways } from './fixtures/rights.ts'

const cluster = await startCluster(t)
const everything = [discoverIstio, discoverGatewayApi, findGateways]

/** Namespaces of its own, a pod of its own gateway, a source that sees nothing else. */
async function scene(t: Test) {
  const shop = await cluster.namespace()
  const ingress = await cluster.namespace()
  const selector = { istio: ingress }
  await makePod(cluster, ingress, selector)
  const account = await cluster.account(ingress, {
    [shop]: [discoverIstio, discoverGatewayApi],
    [ingress]: [findGateways],
  })
  const config = configured(
    `{istio: {namespaces: [${shop}]}, gatewayApi: {namespaces: [${shop}]}, gateway: {namespaces: [${ingress}, ${shop}]}}`,
  )
  await grant(cluster, { namespace: ingress, name: account.name }, shop, [findGateways])
  return { shop, ingress, selector, config, account, ...follow(t, account, config) }
}

await t.test(
  'without the custom resources: named, asked for rarely, and found once they are there',
  async (t) => {
    const namespace = await cluster.namespace()
    const account = await cluster.account(namespace, {})
    await grantEverywhere(cluster, { name: account.name, namespace }, everything)
    const config = configured('{istio: {namespaces: all}, gatewayApi: {namespaces: all}}')
    const { now, tells, wants, changes } = follow(t, account, config)
    await tells(
      ({ object, state }) => object === 'Gateways of Istio' && state === 'absent',
      'Istio is absent',
    )
    await tells(
      ({ object, state }) => object === 'Gateways of the Gateway API' && state === 'absent',
      'so is the other',
    )
    t.match(now().sources[0]?.detail, /its CustomResourceDefinition is not installed/)
    await pause(3_000)
    t.ok(changes() <= 3, `${changes()} changes told of a state that stays the same`)

    await installCustomResources((method, path, body) => cluster.must(method, path, body))
    const selector = { istio: namespace }
    await makePod(cluster, namespace, selector)
    await cluster.must(
      'POST',
      istioPlace(namespace),
      istioGateway('book', { selector, hosts: ['book.example.com'] }),
    )
    await wants([`${namespace}/book: book.example.com`], 'found after the installation')
    await until(
      () => now().sources,
      (sources) => sources.every(({ state }) => state === 'wanted'),
      { what: 'nothing is absent any more' },
    )
    await cluster.must('DELETE', `${istioPlace(namespace)}/book`)
    await wants([], 'gone')
  },
)

t.test('a Gateway of Istio from its label to its end', async (t) => {
  const { shop, ingress, selector, wants, now } = await scene(t)
  const hosts = ['./a.example.com', '*.example.com']
  const place = istioPlace(shop)
  await cluster.must('POST', place, istioGateway('plain', { selector, hosts: ['x.example.com'], labels: {} }))
  await cluster.must('POST', place, istioGateway('book', { selector, hosts }))
  const began = performance.now()
  await wants([`${ingress}/book: a.example.com`], 'wanted')
  t.comment(`made to wanted: ${(performance.now() - began).toFixed(0)} ms`)
  t.match(now().sources, [
    { object: `Istio Gateway ${shop}/book`, state: 'wanted', detail: /"\*\.example\.com"/ },
  ])
  const [origin] = [...now().origins.values()][0] ?? []
  t.match(origin, { uid: /^[0-9a-f-]{36}$/, namespace: shop, name: 'book' })
  t.ok((origin?.createdAt ?? 0) > Date.now() - 600_000)

  const { spec } = istioGateway('book', { selector, hosts: ['a.example.com', 'b.example.com'] }) as {
    spec: object
  }
  await cluster.must('PATCH', `${place}/book`, { spec })
  await wants([`${ingress}/book: a.example.com b.example.com`], 'another host')
  await cluster.must('PATCH', `${place}/plain`, { metadata: { annotations: managed } })
  const both = [`${ingress}/book: a.example.com b.example.com`, `${ingress}/plain: x.example.com`]
  await wants(both, 'another object, by annotation')
  await cluster.must('PATCH', `${place}/plain`, { metadata: { annotations: { 'port80.io/managed': null } } })
  await wants(both.slice(0, 1), 'no longer managed')
  await cluster.must('DELETE', `${place}/book`)
  await wants([], 'removed')
})

t.test('two that share a Secret, a conflict, and a fault that is its own object’s only', async (t) => {
  const { shop, ingress, selector, wants, tells } = await scene(t)
  const make = (name: string, hosts: string[], annotations: object) =>
    cluster.must(
      'POST',
      istioPlace(shop),
      istioGateway(name, { selector, hosts, annotations, tls: { mode: 'MUTUAL', credentialName: 'shared' } }),
    )
  await make('a', ['a.example.com'], { 'port80.io/issuer': 'letsencrypt' })
  await make('b', ['b.example.com'], {})
  // Ages are whole seconds; of the same second, the name decides.
  await make('c', ['c.example.com'], { 'port80.io/issuer': 'letsencrypt-staging' })
  await make('d', ['d.example.com'], { 'port80.io/key-type': 'dsa' })
  await wants([`${ingress}/shared: a.example.com b.example.com`], 'one certificate')
  await tells(
    ({ object, state, detail }) =>
      object === `Istio Gateway ${shop}/c` &&
      state === 'conflict' &&
      detail.includes(`Istio Gateway ${shop}/a`),
    'the conflict names both',
  )
  await tells(
    ({ object, state, detail }) =>
      object === `Istio Gateway ${shop}/d` &&
      state === 'faulty' &&
      detail.startsWith('port80.io/key-type: "dsa"'),
    'the fault names the annotation',
  )
})

t.test('a pair of credentialNames, for the pods of two namespaces', async (t) => {
  const { shop, ingress, selector, wants, now } = await scene(t)
  const tls = { mode: 'SIMPLE', credentialNames: ['book-rsa', 'book-ecdsa'] }
  await cluster.must(
    'POST',
    istioPlace(shop),
    istioGateway('book', { selector, hosts: ['a.example.com'], tls }),
  )
  const one = ['rsa', 'ecdsa'].map((type) => `${ingress}/book-${type}: a.example.com`)
  await wants(one, 'both')
  t.strictSame(
    now()
      .certificates.map(({ keyType }) => keyType)
      .sort(),
    ['ecdsa-p256', 'rsa-2048'],
  )
  await makePod(cluster, shop, selector)
  const places = [ingress, shop].sort()
  const two = ['rsa', 'ecdsa'].map((type) => {
    return `${places.map((each) => `${each}/book-${type}`).join(',')}: a.example.com`
  })
  await wants(two, 'in both namespaces, without a change of any Gateway')
})

t.test('Gateways of the Gateway API; another namespace takes a ReferenceGrant', async (t) => {
  const { shop, ingress, wants, tells } = await scene(t)
  await cluster.must('POST', apiPlace(shop), apiGateway('own', 'a.example.com', { name: 'own-tls' }))
  await cluster.must(
    'POST',
    apiPlace(shop),
    apiGateway('far', 'b.example.com', { name: 'far-tls', namespace: ingress }),
  )
  await wants([`${shop}/own-tls: a.example.com`], 'its own')
  await tells(
    ({ object, state, detail }) =>
      object === `Gateway ${shop}/far` && state === 'refused' && detail.includes('ReferenceGrant'),
    'the other is refused',
  )
})

t.test('a ReferenceGrant opens the way and closes it again', async (t) => {
  const [shop, certs] = [await cluster.namespace(), await cluster.namespace()]
  const account = await cluster.account(shop, {
    [shop]: [discoverGatewayApi],
    [certs]: [discoverGatewayApi],
  })
  const { wants } = follow(t, account, configured(`{gatewayApi: {namespaces: [${shop}, ${certs}]}}`))
  const reference = { name: 'far-tls', namespace: certs }
  await cluster.must('POST', apiPlace(shop), apiGateway('far', 'b.example.com', reference))
  const place = `/apis/gateway.networking.k8s.io/v1beta1/namespaces/${certs}/referencegrants`
  await cluster.must('POST', place, {
    ...{ apiVersion: 'gateway.networking.k8s.io/v1beta1', kind: 'ReferenceGrant' },
    metadata: { name: 'from-shop' },
    spec: {
      from: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: shop }],
      to: [{ group: '', kind: 'Secret' }],
    },
  })
  await wants([`${certs}/far-tls: b.example.com`], 'granted')
  await cluster.must('DELETE', `${place}/from-shop`)
  await wants([], 'no longer granted')
})

t.test('a right that is missing is named, and what may be read is read', async (t) => {
  const [shop, ingress] = [await cluster.namespace(), await cluster.namespace()]
  const selector = { istio: ingress }
  await makePod(cluster, ingress, selector)
  const account = await cluster.account(shop, { [shop]: [discoverIstio] })
  const { tells } = follow(
    t,
    account,
    configured(`{istio: {namespaces: [${shop}, ${ingress}]}, gateway: {namespaces: [${ingress}]}}`),
  )
  await cluster.must('POST', istioPlace(shop), istioGateway('book', { selector, hosts: ['a.example.com'] }))
  await tells(
    ({ object, state, detail }) =>
      object === `Gateways of Istio in namespace ${ingress}` &&
      state === 'unreadable' &&
      detail.includes('may not list gateways.networking.istio.io'),
    'the right to list Gateways',
  )
  await tells(
    ({ object, state, detail }) =>
      object === `Istio Gateway ${shop}/book` && state === 'waiting' && detail.includes('may not list pods'),
    'the right to list pods',
  )
})

t.test('while the API server is away what was seen last stays, and it goes on afterwards', async (t) => {
  const { shop, ingress, selector, wants, tells, now, changes } = await scene(t)
  await cluster.must('POST', istioPlace(shop), istioGateway('book', { selector, hosts: ['a.example.com'] }))
  const wanted = `${ingress}/book: a.example.com`
  await wants([wanted], 'wanted')
  await cluster.stop()
  await tells(({ state }) => state === 'unreadable', 'the outage is named')
  // Each watch and the look for pods tells its end, and then that nobody listens any more.
  await pause(1_500)
  const before = changes()
  await pause(2_000)
  await wants([wanted], 'still wanted')
  t.ok(changes() - before <= 6, `${changes() - before} changes told during the outage`)
  await cluster.start()
  await until(
    () => now().sources,
    (sources) => sources.every(({ state }) => state === 'wanted'),
    {
      what: 'nothing is unreadable any more',
    },
  )
  await cluster.must('DELETE', `${istioPlace(shop)}/book`)
  await wants([], 'what happens afterwards is seen')
})
