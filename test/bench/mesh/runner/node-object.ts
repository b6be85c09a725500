/** The Node that stands for this machine, and the Lease by which the controllers see that it lives. */
import { ApiError, type Api } from './api.ts'
import { nodePort } from './node-server.ts'

export interface NodeObject {
  /** Stops the heartbeat and removes the Node. */
  remove(): Promise<void>
}

const heartbeatMs = 10_000

export async function registerNode(api: Api, name: string, address: string): Promise<NodeObject> {
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z')
  const labels = { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' }
  await created(api, '/api/v1/nodes', { metadata: { name, labels } })
  const quantities = { cpu: '64', memory: '256Gi', pods: '500', 'ephemeral-storage': '1Ti' }
  await api.ask('PATCH', `/api/v1/nodes/${name}/status`, {
    status: {
      ...{ capacity: quantities, allocatable: quantities },
      daemonEndpoints: { kubeletEndpoint: { Port: nodePort } },
      // No Hostname: the API server would ask for the node's log server by a name that nobody resolves.
      addresses: [{ type: 'InternalIP', address }],
      conditions: [
        ...['MemoryPressure', 'DiskPressure', 'PIDPressure'].map((type) => ({ type, status: 'False' })),
        { type: 'Ready', status: 'True', reason: 'RunnerReady' },
      ].map((one) => ({ ...one, lastTransitionTime: now, lastHeartbeatTime: now })),
    },
  })
  const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases'
  const beat = () => ({
    spec: {
      ...{ holderIdentity: name, leaseDurationSeconds: 40 },
      renewTime: new Date().toISOString().replace('Z', '000Z'),
    },
  })
  await created(api, '/api/v1/namespaces', { metadata: { name: 'kube-node-lease' } })
  await created(api, leases, { metadata: { name }, ...beat() })
  const renewing = setInterval(
    () => void api.ask('PATCH', `${leases}/${name}`, beat()).catch(() => undefined),
    heartbeatMs,
  )
  return {
    async remove() {
      clearInterval(renewing)
      await api.ask('DELETE', `/api/v1/nodes/${name}`).catch(() => undefined)
    },
  }
}

/** It may be there already: another runner of this cluster was here. */
async function created(api: Api, path: string, object: object): Promise<void> {
  try {
    await api.ask('POST', path, object)
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 409)) throw error
  }
}
