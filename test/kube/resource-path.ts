/** Paths and queries of the API server, and what is no name. */
import t from 'tap'
import { pathOf, pathOfAll, queryOf, wordsFor } from '../../src/kube/resource-path.ts'

t.test('paths', (t) => {
  t.equal(
    pathOf({ resource: 'secrets', namespace: 'istio-system', name: 'book' }),
    '/api/v1/namespaces/istio-system/secrets/book',
  )
  t.equal(
    pathOf({ resource: 'leases', namespace: 'port80', name: 'w' }),
    '/apis/coordination.k8s.io/v1/namespaces/port80/leases/w',
  )
  t.equal(
    pathOfAll({ resource: 'endpointslices', namespace: 'port80' }),
    '/apis/discovery.k8s.io/v1/namespaces/port80/endpointslices',
  )
  t.equal(pathOfAll({ resource: 'pods', namespace: undefined }), '/api/v1/pods')
  t.equal(
    pathOfAll({ resource: 'gateways.networking.istio.io', namespace: 'shop' }),
    '/apis/networking.istio.io/v1/namespaces/shop/gateways',
  )
  t.equal(
    pathOfAll({ resource: 'gateways.gateway.networking.k8s.io', namespace: undefined }),
    '/apis/gateway.networking.k8s.io/v1/gateways',
  )
  t.equal(
    pathOfAll({ resource: 'virtualservices.networking.istio.io', namespace: undefined, version: 'v1beta1' }),
    '/apis/networking.istio.io/v1beta1/virtualservices',
  )
  t.end()
})

t.test('what is no name never becomes a path', (t) => {
  for (const name of [
    '',
    '.',
    '..',
    '../x',
    'a/b',
    'A',
    'a b',
    'a%2f',
    'a?x',
    '-a',
    'a-',
    'ä',
    'x'.repeat(254),
    'a\0',
  ]) {
    t.throws(
      () => pathOf({ resource: 'secrets', namespace: 'port80', name }),
      RangeError,
      JSON.stringify(name),
    )
    t.throws(
      () => pathOf({ resource: 'secrets', namespace: name, name: 'book' }),
      RangeError,
      JSON.stringify(name),
    )
  }
  t.end()
})

t.test('queries', (t) => {
  t.equal(queryOf({}), '')
  t.equal(queryOf({ labels: {} }, { limit: undefined }), '')
  t.equal(queryOf({ labels: { 'a/b': 'c', d: 'e' } }), '?labelSelector=a%2Fb%3Dc%2Cd%3De')
  t.equal(
    queryOf({ fields: 'metadata.name=x' }, { watch: true, limit: 5 }),
    '?fieldSelector=metadata.name%3Dx&watch=true&limit=5',
  )
  t.end()
})

t.test('words', (t) => {
  t.equal(
    wordsFor({ resource: 'secrets', namespace: 'port80', name: 'book' }),
    'secrets book in namespace port80',
  )
  t.equal(wordsFor({ resource: 'pods', namespace: undefined }), 'pods in all namespaces')
  t.end()
})
