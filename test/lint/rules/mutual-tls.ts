import t from 'tap'
import { mutualTls } from '../../../src/lint/rules/mutual-tls.ts'
import type { PodFacts } from '../../../src/lint/objects.ts'
import { accused, findingsOf, gatewayPod, head, type Given } from '../fixtures/linted.ts'

const full = 'port80.port80.svc.cluster.local'
const rule = (host: string, more = 'trafficPolicy: { tls: { mode: ISTIO_MUTUAL } }', place = 'port80/mtls') =>
  `${head('DestinationRule', place)}spec: { host: '${host}', ${more} }\n`
const service = `${head('Service', 'port80/port80')}spec: { selector: { app: port80 }, ports: [{ name: http, port: 80 }] }\n`
const pod = (sidecar: boolean): PodFacts => ({ ...gatewayPod({ app: 'port80' }, 'port80'), sidecar })
const said = ['P80-113 DestinationRule port80/mtls spec.trafficPolicy.tls.mode']

const rows: readonly (Given & { name: string; says: readonly string[] })[] = [
  { name: 'to the Service', yaml: service + rule(full), says: said },
  { name: 'to the Service by its short name', yaml: rule('port80'), says: said },
  { name: 'to every Service of the namespace', yaml: rule('*.port80.svc.cluster.local'), says: said },
  {
    name: 'to a pod that is seen to have no sidecar',
    yaml: service + rule(full),
    pods: [pod(false)],
    says: said,
  },
  { name: 'to a pod with a sidecar', yaml: service + rule(full), pods: [pod(true)], says: [] },
  {
    name: 'of the gateway alone',
    yaml: rule(full, undefined, 'edge/mtls'),
    says: ['P80-113 DestinationRule edge/mtls spec.trafficPolicy.tls.mode'],
  },
  {
    name: 'that the gateway does not see',
    yaml: rule(full, "exportTo: ['.'], trafficPolicy: { tls: { mode: ISTIO_MUTUAL } }"),
    says: [],
  },
  {
    name: 'in a namespace that says nothing to the gateway',
    yaml: rule(full, undefined, 'shop/mtls'),
    says: [],
  },
  {
    name: 'with a narrower rule beside it',
    yaml:
      rule('*.port80.svc.cluster.local') +
      rule(full, 'trafficPolicy: { tls: { mode: DISABLE } }', 'port80/plain'),
    says: [],
  },
  { name: 'without TLS', yaml: rule(full, 'trafficPolicy: {}'), says: [] },
  { name: 'to another Service', yaml: rule('shop.port80.svc.cluster.local'), says: [] },
  {
    name: 'STRICT alone: the gateway speaks mTLS only to a sidecar',
    yaml: `${head('PeerAuthentication', 'port80/strict')}spec: { mtls: { mode: STRICT } }\n`,
    says: [],
  },
]

for (const { name, says, ...given } of rows) {
  t.test(`mTLS: ${name}`, async (t) => {
    t.strictSame(accused(mutualTls, given), says)
  })
}

const commandOf = (yaml: string) => {
  const fix = findingsOf(mutualTls, { yaml })[0]?.fix
  return fix?.do === 'run' ? fix.command : undefined
}

t.test('a rule for the Service loses its TLS', async (t) => {
  t.equal(
    commandOf(rule(full)),
    'kubectl -n port80 patch destinationrules.networking.istio.io mtls --type json ' +
      `-p '[{"op":"remove","path":"/spec/trafficPolicy/tls"}]'`,
  )
})

t.test('a rule for others too stays, and gets a narrower one beside it, which mends it', async (t) => {
  const wide = rule('*.port80.svc.cluster.local')
  const [, object = ''] = /^echo '(.*)' \| kubectl apply -f -$/.exec(commandOf(wide) ?? '') ?? []
  t.strictSame(accused(mutualTls, { yaml: `${wide}---\n${object}\n` }), [])
})
