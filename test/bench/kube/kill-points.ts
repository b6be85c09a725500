/** kill -9 at twelve points of an order, five rounds each, with state, tokens, Lease and certificates in a cluster. */
import t, { type Test } from 'tap'
import { kubeStateStore } from '../../../src/kube/state-store.ts'
import { installedFrom, type InstalledCertificate } from '../fixtures/installed.ts'
import { killAtEachPoint, sceneOptions, type Stage } from '../fixtures/kill-points.ts'
import { setScene } from '../fixtures/scene.ts'
import { startCluster } from './fixtures/cluster.ts'
import { makeGatewayPod } from './fixtures/edge.ts'

const cluster = await startCluster(t)
const labels = { istio: 'ingressgateway' }

/** Each with namespaces of its own, for port80 and for the gateway. */
async function setStage(t: Test): Promise<Stage> {
  const [namespace, edge] = [await cluster.namespace(), await cluster.namespace()]
  await makeGatewayPod(cluster, edge, { name: 'gateway', labels, address: '127.0.0.1' })
  const secret = { gateway: { namespaces: [edge], selector: labels } }
  const scene = await setScene(t, {
    ...sceneOptions,
    certificates: [{ name: 'book', domains: ['book.example.com'], destinations: [{ secret }] }],
    config: {
      ...sceneOptions.config,
      // A tick asks the API server, which is one of those that the machine is busy with.
      worker: { ...sceneOptions.config.worker, tick: '500ms' },
      kubernetes: { kubeconfig: cluster.api().kubeconfig },
      // Short, so that a round does not wait long for the Lease of the process that was killed.
      store: {
        kubernetes: { namespace, lease: { duration: '4s', renewDeadline: '3s', retryPeriod: '500ms' } },
      },
    },
  })
  const state = kubeStateStore({ client: cluster.admin, namespace, onForeign: () => undefined })
  return {
    ...scene,
    installed: () => pairIn(edge),
    async wish() {
      const request = { v: 1, do: 'renew', at: Date.now() }
      await state.write('request/book', JSON.stringify(request), undefined)
    },
  }
}

async function pairIn(namespace: string): Promise<InstalledCertificate | undefined> {
  const answer = await cluster.api().ask('GET', `/api/v1/namespaces/${namespace}/secrets/book`)
  if (answer.status === 404) return undefined
  if (answer.status !== 200) throw new Error(`Secret book: ${answer.status}`)
  const { data } = JSON.parse(answer.body) as { data: Record<string, string> }
  const text = (key: string) => Buffer.from(data[key] ?? '', 'base64').toString()
  return installedFrom({ chainPem: text('tls.crt'), keyPem: text('tls.key') }, `Secret book in ${namespace}`)
}

t.jobs = 2
killAtEachPoint(t, { rounds: 5, setStage })
