/** Where a Secret belongs, and where it may not be written. */
import { selectorKey } from '../../src/discovery/claim.ts'
import { api, configOf, ingress, istio } from './fixtures/objects.ts'
import { a, testRows } from './fixtures/rows.ts'

testRows([
  {
    name: 'no pod of the gateway yet',
    readings: [istio({ book: [a] })],
    view: { pods: new Map([[selectorKey(ingress), { namespaces: [] }]]) },
    certificates: [],
    states: ['Istio Gateway shop/web book waiting'],
    detail: /^no pod has the labels "istio=ingressgateway"$/,
  },
  {
    name: 'pods that may not be listed',
    readings: [istio({ book: [a] })],
    view: { pods: new Map([[selectorKey(ingress), { fault: 'list pods: a Role is missing' }]]) },
    certificates: [],
    states: ['Istio Gateway shop/web book waiting'],
    detail: /a Role is missing/,
  },
  {
    name: 'a Secret outside the namespaces of the configuration',
    readings: [istio({ book: [a] })],
    config: configOf(`
kubernetes: {}
discovery: { istio: { namespaces: all }, gateway: { namespaces: [ingress] } }`),
    certificates: [],
    states: ['Istio Gateway shop/web book refused'],
    detail: /namespace istio-system, which is not among discovery\.gateway\.namespaces/,
  },
  {
    name: 'a Secret of another namespace without a ReferenceGrant',
    readings: [api([{ hostname: a, secrets: [{ name: 'book', namespace: 'certs' }] }])],
    certificates: [],
    states: ['Gateway shop/web book refused'],
    detail: /names a Secret of namespace certs, and no ReferenceGrant there/,
  },
  {
    name: 'and with one',
    readings: [api([{ hostname: a, secrets: [{ name: 'book', namespace: 'certs' }] }])],
    view: { grants: [{ from: 'shop', to: 'certs' }] },
    certificates: [`book: ${a}`],
    states: ['Gateway shop/web book wanted'],
  },
])
