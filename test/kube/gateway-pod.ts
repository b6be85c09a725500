/** A selector's pods, and the namespaces that Secrets go into. */
import t from 'tap'
import { faultOfGateway, gatewayPods, namespacesOf } from '../../src/kube/gateway-pod.ts'
import type { Pod } from '../../src/kube/object.ts'

function pod(name: string, namespace: string, more: Pod['status'] & { ending?: true } = {}): Pod {
  const { ending, ...status } = more
  return {
    metadata: { name, namespace, ...(ending && { deletionTimestamp: '2026-11-24T00:00:00Z' }) },
    status,
  }
}
const ready = { phase: 'Running', podIP: '10.0.0.1', conditions: [{ type: 'Ready', status: 'True' }] }

t.test('pods that run or are about to', (t) => {
  const rows: [string, Pod, { address: string | undefined; ready: boolean } | undefined][] = [
    ['ready', pod('a', 'x', ready), { address: '10.0.0.1', ready: true }],
    ['without an address yet', pod('a', 'x', { phase: 'Pending' }), { address: undefined, ready: false }],
    [
      'not ready',
      pod('a', 'x', { ...ready, conditions: [{ type: 'Ready', status: 'False' }] }),
      { address: '10.0.0.1', ready: false },
    ],
    ['ending', pod('a', 'x', { ...ready, ending: true }), { address: '10.0.0.1', ready: false }],
    ['ended', pod('a', 'x', { ...ready, phase: 'Succeeded' }), undefined],
    ['failed', pod('a', 'x', { ...ready, phase: 'Failed' }), undefined],
    ['nameless', { metadata: {} }, undefined],
  ]
  for (const [name, each, found] of rows) {
    t.strictSame(gatewayPods([each]), found ? [{ name: 'a', namespace: 'x', ...found }] : [], name)
  }
  t.end()
})

t.test('namespaces of the pods and of the configuration, each once', (t) => {
  const pods = gatewayPods([
    pod('a', 'edge', ready),
    pod('b', 'edge', ready),
    pod('c', 'istio-system', ready),
  ])
  t.strictSame(namespacesOf(pods, []), ['edge', 'istio-system'])
  t.strictSame(namespacesOf(pods, ['istio-system', 'soon']), ['edge', 'istio-system', 'soon'])
  t.strictSame(namespacesOf([], ['soon']), ['soon'], 'before the first pod the Secret is there')
  t.end()
})

t.test('a selector that finds nothing is said', (t) => {
  const selector = { istio: 'ingressgateway', app: 'x' }
  t.equal(faultOfGateway(gatewayPods([pod('a', 'edge', ready)]), [], selector), undefined)
  t.match(
    faultOfGateway([], ['edge'], selector),
    /^no pod in namespace edge has the labels istio=ingressgateway,app=x/,
  )
  t.match(faultOfGateway([], [], selector), /in any namespace/)
  t.end()
})
