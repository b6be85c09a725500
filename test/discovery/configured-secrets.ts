/** Who comes first: the configuration file. */
import { configOf, discovering, istio } from './fixtures/objects.ts'
import { a, b, c, issuer, testRows } from './fixtures/rows.ts'

const file = (certificate: string) =>
  configOf(`${discovering}
certificates:
  - ${certificate}
    destinations:
      - secret: { name: book, gateway: { namespaces: [istio-system], selector: { istio: ingressgateway } } }
`)

testRows([
  {
    name: 'the file has the Secret and all the hosts',
    readings: [istio({ book: [a] }, issuer('letsencrypt-staging'))],
    config: file(`name: mine\n    domains: [${a}, ${b}]`),
    certificates: [],
    states: ['Istio Gateway shop/web book configured'],
    detail: /^its Secret is that of certificate mine of the configuration file$/,
  },
  {
    name: 'the file has the Secret and not all the hosts',
    readings: [istio({ book: [a, c] })],
    config: file(`name: mine\n    domains: [${a}, ${b}]`),
    certificates: [],
    states: ['Istio Gateway shop/web book conflict'],
    detail: /^its Secret is that of certificate mine of the configuration file, which lacks c\.example\.com$/,
  },
  {
    name: 'the file has the Secret with another issuer',
    readings: [istio({ book: [a] }, issuer('letsencrypt'))],
    config: file(`name: mine\n    domains: [${a}]`),
    certificates: [],
    states: ['Istio Gateway shop/web book conflict'],
    detail:
      /^wants port80\.io\/issuer letsencrypt, and certificate mine of .*, which has the Secret, letsencrypt-staging$/,
  },
  {
    name: '48h and 2d are one wish',
    readings: [istio({ book: [a] }, { annotations: { 'port80.io/renew-before': '48h' } })],
    config: file(`name: mine\n    domains: [${a}]\n    renewal: { renewBefore: 2d }`),
    certificates: [],
    states: ['Istio Gateway shop/web book configured'],
  },
  {
    name: 'another Secret beside that of the file',
    readings: [istio({ other: [a] })],
    config: file(`name: mine\n    domains: [${a}]`),
    certificates: [`other: ${a}`],
    states: ['Istio Gateway shop/web other wanted'],
  },
])
