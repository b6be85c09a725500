/** Which pods are asked for their counts, and what is said of those that do not answer. */
import t from 'tap'
import type { KubeClient } from '../../src/kube/client.ts'
import type { Endpoint } from '../../src/kube/object.ts'
import { askReplicas } from '../../src/kube/replicas.ts'
import { everyPod } from '../../src/kube/ready-pod.ts'
import { startAdmin } from '../http/fixtures/admin-port.ts'

const start = '0f4c3f0e-5f0e-4f68-9a52-7d9a4b1f2c11'
const rows = [{ host: 'a.test', row: 0, days: [[20_787, 1, 1, 0, 0, 0] as const] }]

function endpoint(name: string, address: string, conditions: Endpoint['conditions'] = {}): Endpoint {
  return { addresses: [address], targetRef: { kind: 'Pod', name }, conditions }
}

/** An API server that knows these pods, or cannot be asked. */
function client(endpoints: readonly Endpoint[] | undefined): KubeClient {
  const list = async () =>
    endpoints
      ? { ok: { items: [{ metadata: {}, addressType: 'IPv4', endpoints }], resourceVersion: '1' } }
      : { failure: { kind: 'unreachable', detail: 'no route' } }
  return { list } as unknown as KubeClient
}
const at = { namespace: 'port80', service: 'pods', clusterDomain: 'cluster.local' }

t.test('every pod is asked; of one that is not ready no answer is expected', async (t) => {
  const { port } = await startAdmin(t, { traffic: () => ({ v: 1, start, rows }) })
  // Only the first has a listener.
  const endpoints = [
    endpoint('well', '127.0.0.1', { ready: false, terminating: true }),
    endpoint('mute', '127.0.0.2'),
    endpoint('starting', '127.0.0.3', { ready: false }),
  ]
  t.strictSame(await askReplicas({ ...at, client: client(endpoints), port }, undefined), {
    told: [{ start, rows, at: 'well' }],
    present: new Set(['well', 'mute', 'starting']),
    silent: [{ replica: 'mute', seen: 'refused the connection' }],
  })
})

t.test('an API server that is away: nobody is taken for gone', async (t) => {
  t.match(await askReplicas({ ...at, client: client(undefined), port: 1 }, undefined), {
    told: [],
    present: undefined,
    silent: [{ replica: 'the API server', seen: /no route/ }],
  })
})

t.test('a pod that stands in two slices is one, and a name is no address', async (t) => {
  const slice = (addressType: string, ...endpoints: Endpoint[]) => ({ metadata: {}, addressType, endpoints })
  t.strictSame(
    everyPod([
      slice('IPv4', endpoint('a', '10.0.0.1')),
      slice('IPv6', endpoint('a', 'fd00::1'), { addresses: ['fd00::2'] }),
      slice('FQDN', endpoint('b', 'b.example.com')),
      { metadata: {}, addressType: 'IPv4', endpoints: null },
    ]),
    [
      { id: 'a', address: '10.0.0.1', ready: true },
      { id: 'fd00::2', address: 'fd00::2', ready: true },
    ],
  )
})
