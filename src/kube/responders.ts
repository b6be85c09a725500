/**
 * The responders as the worker asks them before the CA does: each ready pod at its own address, so that no load balancer
 * hides one that does not know the token yet.
 *
 * In a mesh the worker's sidecar sends only what it can name by mutual TLS, and a pod under STRICT refuses the rest. A pod
 * address together with the name of the responders' *headless* Service as Host is what it can name: the request arrives
 * at exactly that pod. So that name is the Host, and the identifier is in the query (src/challenge/ask.ts).
 *
 * Right it takes: list on EndpointSlices of the namespace.
 */
import { responderInPod } from '../challenge/ask.ts'
import type { Responder } from '../challenge/served.ts'
import { storeFailure } from './api-failure.ts'
import type { KubeClient } from './client.ts'
import { readyPods, serviceLabel, type ReadyPod } from './ready-pod.ts'

export interface KubeRespondersOptions {
  readonly client: KubeClient
  readonly namespace: string
  /** Name of the headless Service over the responders. */
  readonly service: string
  /** Name of its port for challenges, or the number that the pods listen on. */
  readonly port?: string | number
  readonly clusterDomain?: string
  /** Milliseconds for one question to one pod. */
  readonly timeoutMs?: number
}

export interface KubeResponders {
  /** Those that are ready now, asked of the API server at most every 200 ms. Throws Port80Failure StoreFailed. */
  current(): Promise<readonly Responder[]>
}

/** Every token of every order asks in rounds of a few milliseconds. */
const listAgainAfterMs = 200

/** The name that the responders are configured with, so that they go by the identifier in the query. */
export function internalHost({
  service,
  namespace,
  clusterDomain = 'cluster.local',
}: Pick<KubeRespondersOptions, 'service' | 'namespace' | 'clusterDomain'>): string {
  return `${service}.${namespace}.svc.${clusterDomain}`
}

export function kubeResponders(options: KubeRespondersOptions): KubeResponders {
  const { client, namespace, service, port = 'http', timeoutMs = 2_000 } = options
  const host = internalHost(options)
  let listing: { at: number; pods: Promise<readonly ReadyPod[]> } | undefined

  async function list(): Promise<readonly ReadyPod[]> {
    const labels = { [serviceLabel]: service }
    const reply = await client.list({ resource: 'endpointslices', namespace, labels })
    if (!('ok' in reply)) throw storeFailure(reply.failure)
    return readyPods(reply.ok.items, port)
  }

  return {
    async current() {
      const now = performance.now()
      if (listing === undefined || now - listing.at > listAgainAfterMs) listing = { at: now, pods: list() }
      const mine = listing
      const pods = await mine.pods.catch((error: unknown) => {
        if (listing === mine) listing = undefined
        throw error
      })
      if (pods.length === 0) return [nobody(service)]
      return pods.map((pod) => responderInPod(pod.id, pod, { host, timeoutMs }))
    },
  }
}

/** No responder at all is not "all responders answered". */
function nobody(service: string): Responder {
  return {
    id: `Service ${service}`,
    ask: async () => ({ served: false, seen: 'has no ready responder' }),
  }
}
