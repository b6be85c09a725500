/** Gateways and VirtualServices that take the challenge away. */
import { secretData, selfSigned } from '../../mesh/fixtures/tls-pair.ts'
import { gateway, plain, virtualService } from '../fixtures/objects.ts'
import type { BrokenRow, Place } from '../fixtures/row.ts'
import { statusOf } from '../fixtures/served.ts'
import { wwwHost, wwwName, wwwSecret, wwwServer } from '../fixtures/www.ts'

const redirecting = { httpsRedirect: true }
const toApplication = ({ application }: Place) => [{ destination: application }]

/** Routes beside port80, not in front of it: of two VirtualServices for a host the older one goes first. */
const routesOfTheRelease = () => ({ routes: { kind: 'istio', istio: { namespace: 'release' } } })

/** The operator's own Gateway on port 80, to which port80 binds. */
const ownGateway = ({ edge }: Place) => ({
  routes: { kind: 'istio', istio: { gateways: [`${edge}/own-80`] } },
})
const own = ({ edge, selector }: Place, server: object, labels: object = selector) =>
  gateway('own-80', edge, { selector: labels, servers: [server] })

export const routeRows: readonly BrokenRow[] = [
  {
    ...{ name: 'httpsRedirect on a Gateway of the application', id: 'redirect-by-app', inYaml: true },
    lint: { code: 'P80-101', object: ({ shop, name }) => `Gateway ${shop}/${name}` },
    reach: 'P80-303',
    breakIt: (at) =>
      at.apply(
        gateway(at.name, at.shop, { selector: at.selector, servers: [plain([at.host], redirecting)] }),
      ),
  },
  {
    ...{ name: 'httpsRedirect beside 443 in one Gateway', id: 'redirect-beside-443', inYaml: true },
    lint: { code: 'P80-101', object: ({ shop, name }) => `Gateway ${shop}/${name}-www` },
    reach: 'P80-303',
    breakIt: async (at) => {
      await at.apply(wwwSecret(at, at.edge, secretData(await selfSigned(wwwHost(at), '0c0ffee7'))))
      const servers = [plain([at.host, wwwHost(at)], redirecting), wwwServer(at)]
      await at.apply(gateway(wwwName(at), at.shop, { selector: at.selector, servers }))
    },
  },
  {
    ...{
      name: 'httpsRedirect for any host, and an application bound to it',
      id: 'redirect-any',
      inYaml: true,
    },
    lint: { code: 'P80-101', object: ({ shop, name }) => `Gateway ${shop}/${name}` },
    reach: 'P80-303',
    breakIt: async (at) => {
      const { name, shop, selector, host } = at
      await at.apply(gateway(name, shop, { selector, servers: [plain(['*'], redirecting)] }))
      const http = [{ route: toApplication(at) }]
      await at.apply(virtualService(name, shop, { hosts: [host], gateways: [name], http }))
    },
  },
  {
    ...{ name: 'httpsRedirect on the Gateway that port80 is bound to', id: 'redirect-own', inYaml: true },
    lint: { code: 'P80-101', object: ({ edge }) => `Gateway ${edge}/own-80` },
    ...{ reach: 'P80-303', values: ownGateway },
    breakIt: (at) => at.apply(own(at, plain(['*'], redirecting))),
  },
  {
    ...{ name: 'an older route for /.well-known', id: 'prefix-lost', inYaml: true },
    lint: { code: 'P80-104', object: ({ shop, name }) => `VirtualService ${shop}/${name}` },
    ...{ reach: 'P80-302', values: routesOfTheRelease },
    breakIt: (at) =>
      at.apply(
        virtualService(at.name, at.shop, {
          ...{ hosts: [at.host], gateways: [`${at.release}/port80`] },
          http: [{ match: [{ uri: { prefix: '/.well-known' } }], route: toApplication(at) }],
        }),
      ),
  },
  {
    ...{ name: 'an older redirect by regular expression', id: 'regex-redirect', inYaml: true },
    lint: { code: 'P80-104', object: ({ shop, name }) => `VirtualService ${shop}/${name}` },
    ...{ reach: 'P80-303', values: routesOfTheRelease },
    breakIt: (at) =>
      at.apply(
        virtualService(at.name, at.shop, {
          ...{ hosts: [at.host], gateways: [`${at.release}/port80`] },
          http: [{ match: [{ uri: { regex: '/.*' } }], redirect: { scheme: 'https' } }],
        }),
      ),
  },
  {
    ...{ name: 'an application has the host on the Gateway of port80', id: 'more-specific', inYaml: true },
    lint: { code: 'P80-102', object: ({ shop, name }) => `VirtualService ${shop}/${name}` },
    ...{ reach: 'P80-302', discovered: true },
    breakIt: (at) =>
      at.apply(
        virtualService(at.name, at.shop, {
          ...{ hosts: [at.host], gateways: [`${at.edge}/port80-${at.release}`] },
          http: [{ route: [{ destination: at.application }] }],
        }),
      ),
  },
  {
    ...{ name: 'port 80 beside 443, and routes for any port', id: 'any-port', inYaml: true },
    lint: { code: 'P80-103', object: ({ edge, name }) => `VirtualService ${edge}/${name}` },
    values: (at) => ({ routes: { ...ownGateway(at).routes, extraHosts: [at.host] } }),
    breakIt: async (at) => {
      const { name, edge, host, kubectl } = at
      await at.apply(own(at, plain(['*'])))
      const patch = JSON.stringify([{ op: 'add', path: '/spec/servers/-', value: plain([host]) }])
      const args = ['--type', 'json', '--patch', patch, '--namespace', edge]
      await kubectl('patch', 'gateways.networking.istio.io', name, ...args)
    },
    shown: { look: (at) => statusOf(at, 'http', '/get'), broken: /^200$/, mended: /^301$/ },
  },
  {
    ...{ name: 'redirect to https attached to 443', id: 'loop', inYaml: true },
    lint: { code: 'P80-105', object: ({ edge, name }) => `VirtualService ${edge}/${name}-first` },
    breakIt: (at) =>
      at.apply(
        virtualService(`${at.name}-first`, at.edge, {
          ...{ hosts: [at.host], gateways: [at.name] },
          http: [{ match: [{ uri: { prefix: '/' } }], redirect: { scheme: 'https' } }],
        }),
      ),
  },
  {
    ...{ name: 'TLS on port 80', id: 'tls-on-80', inYaml: true },
    lint: { code: 'P80-114', object: ({ host }) => `Host ${host}` },
    ...{ reach: 'P80-308', values: ownGateway },
    breakIt: async (at) => {
      await at.apply(wwwSecret(at, at.edge, secretData(await selfSigned(wwwHost(at), '0c0ffee8'))))
      const port = { number: 80, name: 'https-80', protocol: 'HTTPS' }
      const tls = { mode: 'SIMPLE', credentialName: wwwName(at) }
      await at.apply(own(at, { port, hosts: ['*'], tls }))
    },
    // The command of the page of P80-308: what was found says it in words.
    mend: async ({ edge, kubectl }) => {
      const patch = [
        { op: 'replace', path: '/spec/servers/0/port/protocol', value: 'HTTP' },
        { op: 'remove', path: '/spec/servers/0/tls' },
      ]
      const args = ['--type', 'json', '--patch', JSON.stringify(patch)]
      await kubectl('patch', 'gateways.networking.istio.io', 'own-80', '--namespace', edge, ...args)
    },
  },
  {
    ...{ name: 'selector of the port-80 Gateway matches no pod', id: 'no-such-pod', inYaml: false },
    lint: { code: 'P80-114', object: ({ edge }) => `Gateway ${edge}/own-80` },
    ...{ reach: 'P80-306', values: ownGateway },
    breakIt: (at) => at.apply(own(at, plain(['*']), { istio: 'ingress' })),
  },
  {
    ...{ name: 'the port-80 Gateway has other hosts only', id: 'other-hosts', inYaml: true },
    lint: { code: 'P80-114', object: ({ host }) => `Host ${host}` },
    ...{ reach: 'P80-301', values: ownGateway },
    breakIt: (at) => at.apply(own(at, plain(['other.example.com']))),
  },
  {
    ...{ name: 'the port-80 Gateway takes routes of another namespace', id: 'other-namespace', inYaml: true },
    lint: { code: 'P80-114', object: ({ host }) => `Host ${host}` },
    ...{ reach: 'P80-301', values: ownGateway },
    breakIt: (at) => at.apply(own(at, plain([`${at.shop}/*`]))),
  },
]
