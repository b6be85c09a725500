import t from 'tap'
import { parseConfig } from '../../src/config/parse.ts'
import { checkFaultRows, type FaultRow } from './fixtures/fault-rows.ts'

const rows: FaultRow[] = [
  {
    name: 'everything written out',
    yaml: `
kubernetes: {}
issuers: {private: {directory: https://ca.example.com/acme}}
discovery:
  istio: {namespaces: [shop, blog]}
  gatewayApi: {namespaces: all}
  gateway: {selector: {app: gateway}, namespaces: [istio-system], httpPort: 8080, httpsPort: 8443}
  issuer: private
  fallbackIssuer: letsencrypt`,
    says: [],
  },
  {
    name: 'a store in the cluster names the cluster too',
    yaml: 'store: {kubernetes: {}}\ndiscovery: {istio: {namespaces: all}}',
    says: [],
  },
  {
    name: 'no cluster',
    yaml: 'discovery: {istio: {namespaces: all}}',
    says: [
      '1: discovery: needs a cluster; add `kubernetes: {}` (the ServiceAccount in a pod, otherwise the kubeconfig)',
    ],
  },
  {
    name: 'a faulty store says enough',
    yaml: 'store: 5\ndiscovery: {istio: {namespaces: all}}',
    says: ['1: store: 5 is a whole number; write an object with directory, kubernetes'],
  },
  {
    name: 'nothing to read',
    yaml: 'kubernetes: {}\ndiscovery: {}',
    says: ['2: discovery: reads nothing; write istio or gatewayApi, or take it out'],
  },
  {
    name: 'where to read is said, since all is a wide right',
    yaml: 'kubernetes: {}\ndiscovery: {istio: {}}',
    says: [
      '2: discovery.istio.namespaces: is required; write all, or a list of namespaces such as [shop, blog]',
    ],
  },
  {
    name: 'a star is no namespace',
    yaml: "kubernetes: {}\ndiscovery: {istio: {namespaces: '*'}}",
    says: [
      '2: discovery.istio.namespaces: "*" is no right value; write all, or a list of namespaces such as [shop, blog]',
    ],
  },
  {
    name: 'a misspelt kind',
    yaml: 'kubernetes: {}\ndiscovery: {istio: {namespaces: all}, gatewayAPI: {namespaces: all}}',
    says: ['2: discovery.gatewayAPI: is no setting; did you mean gatewayApi? Write that instead'],
  },
  {
    name: 'issuers that nobody knows',
    yaml: 'kubernetes: {}\ndiscovery: {istio: {namespaces: all}, issuer: letsencript, fallbackIssuer: mine}',
    says: [
      '2: discovery.issuer: "letsencript" is no issuer; did you mean letsencrypt? Otherwise add it to issuers',
      '2: discovery.fallbackIssuer: "mine" is no issuer; add it to issuers',
    ],
  },
]
checkFaultRows(t, rows)

t.test('left out it is off; written, the pods listen on 80 and 443', (t) => {
  const off = parseConfig('')
  t.equal('ok' in off && off.ok.discovery, undefined)
  const on = parseConfig('kubernetes: {}\ndiscovery: {istio: {namespaces: all}}')
  t.strictSame('ok' in on && on.ok.discovery, {
    istio: { namespaces: 'all' },
    gateway: { httpPort: 80, httpsPort: 443 },
  })
  t.end()
})
