import t from 'tap'
import { httpsRedirect } from '../../../src/lint/rules/https-redirect.ts'
import {
  accused,
  findingsOf,
  gateway,
  gatewayPod,
  plain,
  port80At,
  service,
  whole,
  type Given,
} from '../fixtures/linted.ts'

const host = 'hello.example.com'
const on = ', tls: { httpsRedirect: true }'
const bound = service('shop/app', 'web', '[{ route: [{ destination: { host: app } }] }]')
const said = ['P80-101 Gateway shop/web spec.servers[0].tls.httpsRedirect']

const rows: readonly (Given & { name: string; says: readonly string[] })[] = [
  {
    name: 'of a Gateway that has the host by name',
    yaml: port80At() + gateway('shop/web', plain(host, on)),
    says: said,
  },
  { name: 'the same without it', yaml: port80At() + gateway('shop/web', plain(host)), says: [] },
  {
    name: 'also where nothing of port80 is among the objects',
    yaml: gateway('shop/web', plain(`shop/${host}`, on)),
    says: said,
  },
  {
    name: 'for any host, and an application bound to it',
    yaml: port80At() + gateway('shop/web', plain("'*'", on)) + bound,
    says: said,
  },
  {
    name: 'for any host, where port80 has the name: harmless',
    yaml: port80At() + gateway('shop/web', plain("'*'", on)),
    says: [],
  },
  {
    name: 'for any host, where port80 has any host only',
    yaml: port80At("['.']", undefined, ['*']) + gateway('shop/web', plain("'*'", on)),
    says: said,
  },
  {
    name: 'for any host, in files without port80: who has the name is not known',
    yaml: gateway('shop/web', plain("'*'", on)),
    says: [],
  },
  {
    name: 'the same where everything was read',
    yaml: gateway('shop/web', plain("'*'", on)),
    scope: whole('virtualServices'),
    says: said,
  },
  {
    name: 'of another gateway: harmless',
    yaml: port80At() + gateway('shop/web', plain(host, on), undefined, 'istio: internal'),
    says: [],
  },
  {
    name: 'pods tell that another label means the same gateway',
    yaml: port80At() + gateway('shop/web', plain(host, on), undefined, 'app: ingress'),
    scope: whole('pods'),
    pods: [gatewayPod({ istio: 'ingressgateway', app: 'ingress' })],
    says: said,
  },
  {
    name: 'of a host that nobody manages: nothing of ours',
    yaml: port80At() + gateway('shop/web', plain('other.example.com', on)),
    says: [],
  },
]

for (const { name, says, ...given } of rows) {
  t.test(`httpsRedirect: ${name}`, async (t) => {
    t.strictSame(accused(httpsRedirect, given), says)
  })
}

t.test('the command takes the switch from that server, and names the kind without a doubt', async (t) => {
  const [finding] = findingsOf(httpsRedirect, { yaml: gateway('shop/web', plain(host, on)) })
  t.strictSame(finding?.fix, {
    do: 'run',
    command:
      'kubectl -n shop patch gateways.networking.istio.io web --type json -p \'[{"op":"remove","path":"/spec/servers/0/tls"}]\'',
  })
  t.equal(finding?.host, host)
})
