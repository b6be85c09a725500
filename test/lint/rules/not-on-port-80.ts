import t from 'tap'
import { notOnPort80 } from '../../../src/lint/rules/not-on-port-80.ts'
import {
  accused,
  findingsOf,
  gateway,
  gatewayPod,
  plain,
  port80At,
  secure,
  whole,
  type Given,
} from '../fixtures/linted.ts'

const host = 'hello.example.com'
/** Routes of port80 on a Gateway of somebody. */
const routes = port80At("['.']")
  .replaceAll('edge/port80]', 'edge/own]')
  .replace(/^[^]*?(?=---\napiVersion: \S+\nkind: VirtualService)/, '')
const own = (hosts: string, selector = 'istio: ingressgateway') =>
  gateway('edge/own', plain(hosts), undefined, selector)
const pods = { scope: whole('pods', 'gateways', 'virtualServices'), pods: [gatewayPod()] }
const ofHost = [`P80-114 Host ${host}`]

const rows: readonly (Given & { name: string; says: readonly string[] })[] = [
  { name: 'as the chart has it', yaml: port80At(), says: [] },
  { name: 'as the chart has it, in a cluster', yaml: port80At(), ...pods, says: [] },
  { name: 'a Gateway with other hosts only', yaml: routes + own('other.example.com'), says: ofHost },
  {
    name: 'a Gateway with the host among others',
    yaml: routes + own(`other.example.com, ${host}`),
    says: [],
  },
  { name: 'a Gateway that takes routes of another namespace', yaml: routes + own("'shop/*'"), says: ofHost },
  { name: 'a Gateway that takes them of this one', yaml: routes + own("'./*'"), says: [] },
  {
    name: 'a Gateway that no pod serves',
    yaml: routes + own("'*'", 'istio: ingress'),
    ...pods,
    says: ['P80-114 Gateway edge/own spec.selector'],
  },
  {
    name: 'the same in files: labels alone prove nothing',
    yaml: routes + own("'*'", 'istio: ingress'),
    says: [],
  },
  { name: 'a Gateway that is not among the files', yaml: routes, says: [] },
  { name: 'no Gateway in the whole cluster', yaml: gateway('edge/tls', secure(host)), ...pods, says: ofHost },
  { name: 'a Gateway on 443 alone, in files', yaml: gateway('edge/tls', secure(host)), says: [] },
  {
    name: 'the Gateway of an application, and no route of port80: another finding',
    yaml: gateway('shop/web', plain(host)),
    ...pods,
    says: [],
  },
  {
    name: 'plain http on a port that a Service leads to',
    yaml: routes + own("'*'").replace('number: 80', 'number: 8080'),
    ...pods,
    says: [],
  },
  {
    name: 'a listener of the Gateway API',
    yaml: `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { namespace: edge, name: web }
spec: { listeners: [{ name: http, port: 80, protocol: HTTP }] }
`,
    ...pods,
    says: [],
  },
]

for (const { name, says, ...given } of rows) {
  t.test(`port 80: ${name}`, async (t) => {
    t.strictSame(accused(notOnPort80, given), says)
  })
}

const patch = 'kubectl -n edge patch gateways.networking.istio.io own --type json -p'
const fixes: readonly (Given & { name: string; command: string })[] = [
  {
    name: 'the host is added',
    yaml: routes + own('other.example.com'),
    command: `${patch} '[{"op":"add","path":"/spec/servers/0/hosts/-","value":"${host}"}]'`,
  },
  {
    name: 'the labels of the pods are set',
    yaml: routes + own("'*'", 'istio: ingress'),
    ...pods,
    command: `${patch} '[{"op":"replace","path":"/spec/selector","value":{"istio":"ingressgateway"}}]'`,
  },
]

for (const { name, command, ...given } of fixes) {
  t.test(`the command: ${name}`, async (t) => {
    t.strictSame(
      findingsOf(notOnPort80, given).map(({ fix }) => fix),
      [{ do: 'run', command }],
    )
  })
}
