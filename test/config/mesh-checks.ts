import t from 'tap'
import { checkFaultRows, type FaultRow } from './fixtures/fault-rows.ts'
import { parseConfig } from '../../src/config/parse.ts'

const gateway = 'gateway: {namespaces: [istio-system], selector: {istio: ingressgateway}}'
const shared = (name = '') => `destinations: [{secret: {${name}${gateway}}}]`

const sections: FaultRow[] = [
  {
    name: 'a cluster with everything written out',
    yaml: `
kubernetes: {context: kind, clusterDomain: cluster.example}
store: {kubernetes: {namespace: port80, lease: {name: worker, duration: 30s, renewDeadline: 20s, retryPeriod: 4s}}}
responders: {service: port80-responder-pods, port: 8080}
selfCheck: {gateways: true, timeout: 3s}
${shared()}
certificates: [{name: a, domains: [a.test], redirect: {status: 308}}, {name: b, domains: [b.test]}]`,
    says: [],
  },
  {
    name: 'both stores',
    yaml: 'store: {directory: /a, kubernetes: {}}',
    says: ['1: store: (an object) has both directory and kubernetes; write one of the two'],
  },
  {
    name: 'both kinds of destination in one entry',
    yaml: `kubernetes: {}\ndestinations: [{directory: /a, secret: {${gateway}}}]`,
    says: [
      '2: destinations[0]: (an object) does not have exactly one of directory and secret; write one of the two',
    ],
  },
  {
    name: 'settings of a folder beside a Secret',
    yaml: `kubernetes: {}\ndestinations: [{pathAsSeenByGateway: /a, groupReadable: true, secret: {${gateway}}}]`,
    says: [
      '2: destinations[0].pathAsSeenByGateway: "/a" is for a folder; take it out beside secret',
      '2: destinations[0].groupReadable: true is for a folder; take it out beside secret',
    ],
  },
  {
    name: 'a Secret without a gateway',
    yaml: 'kubernetes: {}\ndestinations: [{secret: {name: a}}]',
    says: [
      '2: destinations[0].secret.gateway: is required; write an object with namespaces, selector, httpPort, httpsPort',
    ],
  },
  {
    name: 'a gateway of every pod',
    yaml: 'kubernetes: {}\ndestinations: [{secret: {gateway: {namespaces: [a], selector: {}}}}]',
    says: [
      '2: destinations[0].secret.gateway.selector: (an object) has no label, which is every pod; write at least one, such as istio: ingressgateway',
    ],
  },
  {
    name: 'a namespace that is none',
    yaml: 'store: {kubernetes: {namespace: Port_80}}',
    says: [
      '1: store.kubernetes.namespace: "Port_80" does not have the right form; write a name of lower-case letters, digits and hyphens, at most 63, such as istio-system',
    ],
  },
  {
    name: 'a self-check by both ways',
    yaml: `kubernetes: {}\n${shared()}\nselfCheck: {url: "http://a.test/{token}", gateways: true}`,
    says: [
      '3: selfCheck: (an object) is no right value; write off, or an object with url (or gateways: true) and timeout',
    ],
  },
  {
    name: 'a redirect of a certificate with a status that is none',
    yaml: 'certificates: [{name: a, domains: [a.test], redirect: {status: 303}}]',
    says: ['1: certificates[0].redirect.status: 303 is no right value; write 301, 302 or 308'],
  },
]

const crossed: FaultRow[] = [
  {
    name: 'a Secret without a word about the cluster',
    yaml: shared(),
    says: [
      '1: destinations[0].secret: needs a cluster; add `kubernetes: {}` (the ServiceAccount in a pod, otherwise the kubeconfig), or keep the state there with store.kubernetes',
    ],
  },
  {
    name: 'lint without a word about the cluster',
    yaml: 'lint: {every: 10m}',
    says: [
      '1: lint: needs a cluster; add `kubernetes: {}` (the ServiceAccount in a pod, otherwise the kubeconfig), or write off',
    ],
  },
  {
    name: 'one shared Secret for two certificates',
    yaml: `kubernetes: {}\n${shared('name: tls, ')}\ncertificates: [{name: a, domains: [a.test]}, {name: b, domains: [b.test]}]`,
    says: [
      '2: destinations[0].secret.name: "tls" is Secret istio-system/tls of several certificates (this destination is for all of them) too; give each certificate a Secret of its own',
    ],
  },
  {
    name: 'the Secret of another certificate',
    yaml: `
kubernetes: {}
certificates:
  - {name: a, domains: [a.test], destinations: [{secret: {${gateway}}}]}
  - {name: b, domains: [b.test], destinations: [{secret: {name: a, ${gateway}}}]}`,
    says: [
      '5: certificates[1].destinations[0].secret.name: "a" is Secret istio-system/a of certificates[0].destinations[0].secret too; give each certificate a Secret of its own',
    ],
  },
  {
    name: 'one Secret of one certificate for two gateways of one namespace',
    yaml: `
kubernetes: {}
certificates:
  - name: a
    domains: [a.test]
    destinations:
      - secret: {${gateway}}
      - secret: {gateway: {namespaces: [istio-system], selector: {istio: other}}}`,
    says: [],
  },
  {
    name: 'responders without a store in the cluster',
    yaml: 'responders: {service: port80}',
    says: [
      '1: responders: are found in the namespace of store.kubernetes; write that, or take responders out',
    ],
  },
  {
    name: 'a look through gateways that are nowhere',
    yaml: 'selfCheck: {gateways: true}',
    says: [
      '1: selfCheck.gateways: true has no gateway to look through; give a destination a secret with its gateway, or write url',
    ],
  },
  {
    name: 'a Lease of half a second more',
    yaml: 'store: {kubernetes: {lease: {duration: 15500ms}}}',
    says: [
      '1: store.kubernetes.lease.duration: "15500ms" is no whole number of seconds; write one such as 15s',
    ],
  },
  {
    name: 'a deadline beyond the Lease',
    yaml: 'store: {kubernetes: {lease: {renewDeadline: 15s}}}',
    says: ['1: store.kubernetes.lease.renewDeadline: "15s" is not shorter than duration (15s); write less'],
  },
  {
    name: 'tries as seldom as the deadline',
    yaml: 'store: {kubernetes: {lease: {retryPeriod: 9s}}}',
    says: [
      '1: store.kubernetes.lease.retryPeriod: "9s" is not well below renewDeadline (10s); write less than five sixths of it',
    ],
  },
]

checkFaultRows(t, [...sections, ...crossed])

t.test('what is written comes out as one of the two', (t) => {
  const read = (yaml: string) => {
    const parsed = parseConfig(yaml)
    if (!('ok' in parsed)) throw new Error(JSON.stringify(parsed.faults))
    return parsed.ok
  }
  t.strictSame(read('').store, { directory: './port80-state' })
  t.strictSame(read('store: {kubernetes: {}}').store, {
    kubernetes: {
      lease: { name: 'port80-worker', duration: 15_000, renewDeadline: 10_000, retryPeriod: 2_000 },
    },
  })
  t.strictSame(read(`kubernetes: {}\n${shared()}`).destinations, [
    {
      secret: {
        takeOver: false,
        gateway: {
          namespaces: ['istio-system'],
          selector: { istio: 'ingressgateway' },
          httpPort: 80,
          httpsPort: 443,
        },
      },
    },
  ])
  t.strictSame(read(`kubernetes: {}\n${shared()}\nselfCheck: {gateways: true}`).selfCheck, {
    gateways: true,
    timeout: 10_000,
  })
  t.end()
})
