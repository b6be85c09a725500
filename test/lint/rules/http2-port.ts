import t from 'tap'
import { http2Port } from '../../../src/lint/rules/http2-port.ts'
import { accused, findingsOf, head, port80At, type Given } from '../fixtures/linted.ts'

const service = (ports: string, place = 'port80/port80') =>
  `${head('Service', place)}spec: { ports: [${ports}] }\n`
const one = (more: string) => service(`{ port: 80, ${more} }`)
const said = (field: string) => [`P80-109 Service port80/port80 spec.ports[${field}`]
const byProtocol = said('0].appProtocol')
const byName = said('0].name')

const route = (port: string) => `---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { namespace: port80, name: challenge }
spec:
  rules: [{ backendRefs: [{ name: port80, port: ${port} }] }]
`
const two = service('{ name: http, port: 80 }, { name: http2, port: 81 }')

const rows: readonly (Given & { name: string; says: readonly string[] })[] = [
  { name: 'appProtocol kubernetes.io/h2c', yaml: one('appProtocol: kubernetes.io/h2c'), says: byProtocol },
  { name: 'appProtocol http2', yaml: one('name: http, appProtocol: http2'), says: byProtocol },
  { name: 'appProtocol grpc', yaml: one('appProtocol: GRPC'), says: byProtocol },
  { name: 'named http2', yaml: one('name: http2'), says: byName },
  { name: 'named grpc-challenges', yaml: one('name: grpc-challenges'), says: byName },
  { name: 'named grpc-web', yaml: one('name: grpc-web'), says: byName },
  { name: 'named http2, appProtocol http', yaml: one('name: http2, appProtocol: http'), says: [] },
  { name: 'named http', yaml: one('name: http'), says: [] },
  { name: 'named http-2', yaml: one('name: http-2'), says: [] },
  { name: 'named tcp', yaml: one('name: tcp'), says: [] },
  { name: 'appProtocol tcp', yaml: one('name: http, appProtocol: tcp'), says: [] },
  { name: 'a name that Istio does not know', yaml: one('name: h2c'), says: [] },
  { name: 'without a name', yaml: one(''), says: [] },
  {
    name: 'another Service',
    yaml: service('{ port: 80, appProtocol: http2 }', 'port80/port80-responders'),
    says: [],
  },
  { name: 'a second port, to which no route leads', yaml: two + port80At(), says: [] },
  { name: 'a second port, to which an HTTPRoute leads', yaml: two + route('81'), says: said('1].name') },
  { name: 'a second port, where no route is known', yaml: two, says: said('1].name') },
  {
    name: 'the only port, whatever number a route has',
    yaml: one('name: http2') + route('8080'),
    says: byName,
  },
]

for (const { name, says, ...given } of rows) {
  t.test(`port of the responder: ${name}`, async (t) => {
    t.strictSame(accused(http2Port, given), says)
  })
}

t.test('the command says http, whatever the name says', async (t) => {
  t.match(findingsOf(http2Port, { yaml: one('name: http2') }), [
    {
      seen: 'http2: the gateway speaks HTTP/2 to it for hello.example.com, and the responder HTTP/1.1 only',
      fix: {
        do: 'run',
        command:
          'kubectl -n port80 patch service port80 --type json ' +
          `-p '[{"op":"add","path":"/spec/ports/0/appProtocol","value":"http"}]'`,
      },
    },
  ])
})
