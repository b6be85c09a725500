/** What looks like a mistake and loses no challenge: to accuse it would be wrong. */
import { atTheEdge, gateway, plain, virtualService } from '../fixtures/objects.ts'
import type { BrokenRow, KubeObject, Place } from '../fixtures/row.ts'

export type HarmlessRow = Pick<BrokenRow, 'name' | 'id' | 'breakIt' | 'values' | 'undo'>

const object = (
  [apiVersion, kind]: readonly [string, string],
  namespace: string,
  name: string,
  spec: object,
): KubeObject => ({ apiVersion, kind, metadata: { name, namespace }, spec })
const port80Gateway = ({ edge, release }: Place) => `${edge}/port80-${release}`

export const harmlessRows: readonly HarmlessRow[] = [
  {
    ...{ name: 'httpsRedirect for any host where port80 has the name', id: 'redirect-others' },
    breakIt: (at) =>
      at.apply(
        gateway(at.name, at.shop, {
          selector: at.selector,
          servers: [plain(['*'], { httpsRedirect: true })],
        }),
      ),
  },
  {
    ...{ name: 'an older route for /.well-known, exported to all', id: 'prefix-kept' },
    breakIt: (at) =>
      at.apply(
        virtualService(at.name, at.shop, {
          ...{ hosts: [at.host], gateways: [port80Gateway(at)] },
          http: [{ match: [{ uri: { prefix: '/.well-known' } }], route: [{ destination: at.application }] }],
        }),
      ),
  },
  {
    ...{ name: 'a Gateway for the host without a VirtualService', id: 'no-routes' },
    breakIt: (at) =>
      at.apply(gateway(at.name, at.shop, { selector: at.selector, servers: [plain([at.host])] })),
  },
  {
    ...{ name: 'RequestAuthentication alone', id: 'jwt-alone' },
    breakIt: (at) => {
      const jwks = JSON.stringify({ keys: [{ kty: 'oct', k: 'AAAA', alg: 'HS256', kid: 'a' }] })
      const jwtRules = [{ issuer: 'https://login.example.com', jwks }]
      return at.apply(atTheEdge('RequestAuthentication', at, { jwtRules }))
    },
  },
  {
    ...{ name: 'AuthorizationPolicy that leaves the prefix alone', id: 'deny-others' },
    breakIt: (at) =>
      at.apply(
        atTheEdge('AuthorizationPolicy', at, {
          action: 'DENY',
          rules: [{ to: [{ operation: { notPaths: ['/.well-known/acme-challenge/*'], ports: ['8081'] } }] }],
        }),
      ),
  },
  {
    ...{ name: 'STRICT mTLS in the namespace of a responder without sidecar', id: 'strict' },
    breakIt: (at) =>
      at.apply(
        object(['security.istio.io/v1', 'PeerAuthentication'], at.release, at.name, {
          mtls: { mode: 'STRICT' },
        }),
      ),
  },
  {
    ...{ name: 'Sidecar object beside the gateway', id: 'sidecar' },
    breakIt: (at) =>
      at.apply(
        object(['networking.istio.io/v1', 'Sidecar'], at.edge, at.name, {
          ...{ workloadSelector: { labels: at.selector }, egress: [{ hosts: ['./*'] }] },
        }),
      ),
  },
]
