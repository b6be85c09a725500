/** What stands in front of the routes of a gateway. */
import { atTheEdge, envoyFilter } from '../fixtures/objects.ts'
import { challengeAnswer } from '../fixtures/reaches.ts'
import type { Accused, BrokenRow, Place } from '../fixtures/row.ts'

const policy = (code: Accused['code']): Accused => ({
  code,
  object: ({ edge, name }: Place) => `AuthorizationPolicy ${edge}/${name}`,
})
const refused = { reach: 'P80-304', inYaml: true } as const

export const policyRows: readonly BrokenRow[] = [
  {
    ...{ name: 'AuthorizationPolicy denies the path', id: 'deny', lint: policy('P80-111'), ...refused },
    breakIt: (at) =>
      at.apply(
        atTheEdge('AuthorizationPolicy', at, {
          action: 'DENY',
          rules: [{ to: [{ operation: { paths: ['/.well-known/*'] } }] }],
        }),
      ),
  },
  {
    ...{
      name: 'AuthorizationPolicy allows other paths',
      id: 'allow-list',
      lint: policy('P80-111'),
      ...refused,
    },
    breakIt: (at) =>
      at.apply(
        atTheEdge('AuthorizationPolicy', at, {
          action: 'ALLOW',
          rules: [{ to: [{ operation: { paths: ['/api/*'] } }] }],
        }),
      ),
  },
  {
    ...{
      name: 'AuthorizationPolicy allows nothing',
      id: 'allow-nothing',
      lint: policy('P80-111'),
      ...refused,
    },
    breakIt: (at) => at.apply(atTheEdge('AuthorizationPolicy', at, {})),
  },
  {
    ...{ name: 'only the office may come', id: 'office-only', lint: policy('P80-111'), ...refused },
    breakIt: (at) =>
      at.apply(
        atTheEdge('AuthorizationPolicy', at, {
          action: 'DENY',
          rules: [
            {
              from: [{ source: { notRemoteIpBlocks: ['192.0.2.0/24'] } }],
              to: [{ operation: { hosts: [at.host] } }],
            },
          ],
        }),
      ),
  },
  {
    ...{ name: 'a login by ext_authz', id: 'login', lint: policy('P80-112'), ...refused },
    breakIt: (at) =>
      at.apply(
        atTheEdge('AuthorizationPolicy', at, {
          ...{ action: 'CUSTOM', provider: { name: 'oauth2-proxy' } },
          rules: [{ to: [{ operation: { hosts: [at.host] } }] }],
        }),
      ),
  },
  {
    ...{ name: 'a token is wanted (RequestAuthentication)', id: 'jwt', lint: policy('P80-115'), ...refused },
    breakIt: async (at) => {
      const jwks = JSON.stringify({ keys: [{ kty: 'oct', k: 'AAAA', alg: 'HS256', kid: 'a' }] })
      const jwtRules = [{ issuer: 'https://login.example.com', jwks }]
      await at.apply(atTheEdge('RequestAuthentication', at, { jwtRules }))
      const rules = [{ from: [{ source: { requestPrincipals: ['*'] } }] }]
      await at.apply(atTheEdge('AuthorizationPolicy', at, { action: 'ALLOW', rules }))
    },
  },
  {
    ...{ name: 'basic auth by EnvoyFilter', id: 'basic-auth', reach: 'P80-304', inYaml: false },
    breakIt: (at) => at.apply(envoyFilter(at, basicAuth)),
    mend: remove,
  },
  {
    ...{ name: 'PROXY protocol on port 80', id: 'proxy-protocol', reach: 'P80-314', inYaml: false },
    breakIt: (at) => at.apply(envoyFilter(at, proxyProtocol)),
    mend: remove,
  },
  {
    ...{ name: 'a filter puts a banner before every page', id: 'banner', reach: 'P80-313', inYaml: false },
    elsewhere: true,
    breakIt: (at) => at.apply(envoyFilter(at, banner)),
    shown: { look: bannered, broken: /^banner$/, mended: /^plain$/ },
    mend: remove,
  },
  {
    ...{ name: 'no gateway pod gets ready (a probe with a slip)', id: 'not-ready', inYaml: false },
    ...{ reach: 'P80-316', elsewhere: true },
    breakIt: (at) => setReady(at, 'False'),
    mend: (at) => setReady(at, 'True'),
    undo: (at) => setReady(at, 'True'),
  },
  {
    ...{
      name: 'a firewall drops port 80 at the gateway pods',
      id: 'firewall',
      reach: 'P80-307',
      inYaml: false,
    },
    breakIt: (at) => firewall(at, '-I'),
    mend: (at) => firewall(at, '-D'),
    undo: (at) => firewall(at, '-D').catch(() => undefined),
  },
]

/** As a NetworkPolicy that leaves port 80 out is done by a network plugin. */
async function firewall({ mesh }: Place, action: '-I' | '-D'): Promise<void> {
  const rule = ['INPUT', '--protocol', 'tcp', '--dport', '80', '--jump', 'DROP']
  for (const pod of mesh.gateways.pods) await pod.run('iptables', action, ...rule)
}

/** As kubelet says it of pods whose readiness probe fails: Envoy itself goes on. */
async function setReady({ mesh, edge, kubectl }: Place, status: 'True' | 'False'): Promise<void> {
  const patch = JSON.stringify({ status: { conditions: [{ type: 'Ready', status }] } })
  for (const { name } of mesh.gateways.pods)
    await kubectl('patch', 'pod', name, '--namespace', edge, '--subresource', 'status', '--patch', patch)
}

async function bannered({ mesh, host }: Place): Promise<string> {
  const answers = await Promise.all(mesh.gateways.pods.map(({ ip }) => challengeAnswer(ip, host)))
  return [...new Set(answers.map((answer) => (answer.includes(bannerText) ? 'banner' : 'plain')))].join(' ')
}

async function remove({ edge, name, kubectl }: Place): Promise<void> {
  await kubectl('delete', 'envoyfilter', name, '--namespace', edge)
}

const types = 'type.googleapis.com/envoy.extensions.filters'
const manager = { filter: { name: 'envoy.filters.network.http_connection_manager' } }
const basicAuth = {
  applyTo: 'HTTP_FILTER',
  match: { context: 'GATEWAY', listener: { portNumber: 80, filterChain: manager } },
  patch: {
    operation: 'INSERT_FIRST',
    value: {
      name: 'basic-auth',
      typed_config: {
        '@type': `${types}.http.basic_auth.v3.BasicAuth`,
        users: { inline_string: 'a:{SHA}t0dxSMtkgpQiCkdgWvMN0K5uxxI=' },
      },
    },
  },
}
const bannerText = '<!-- sale -->'
const banner = {
  ...basicAuth,
  patch: {
    operation: 'INSERT_FIRST',
    value: {
      name: 'banner',
      typed_config: {
        '@type': `${types}.http.lua.v3.Lua`,
        default_source_code: {
          inline_string: `function envoy_on_response(response)
  local body = response:body(true)
  local length = body:setBytes("${bannerText}" .. body:getBytes(0, body:length()))
  response:headers():replace("content-length", length)
end`,
        },
      },
    },
  },
}
const proxyProtocol = {
  applyTo: 'LISTENER',
  match: { context: 'GATEWAY', listener: { portNumber: 80 } },
  patch: {
    operation: 'MERGE',
    value: {
      listener_filters: [
        {
          name: 'envoy.filters.listener.proxy_protocol',
          typed_config: { '@type': `${types}.listener.proxy_protocol.v3.ProxyProtocol` },
        },
      ],
    },
  },
}
