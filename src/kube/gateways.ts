/**
 * The pods behind a Gateway's selector. With namespaces given, only those are asked, which takes a Role in each; without,
 * all are, which takes a ClusterRole on pods (for discovery, where the operator chose that).
 */
import { responderAt } from '../challenge/ask.ts'
import type { Responder } from '../challenge/served.ts'
import { storeFailure } from './api-failure.ts'
import type { KubeClient } from './client.ts'
import { gatewayPods, type GatewayPod } from './gateway-pod.ts'
import type { Call } from './sender.ts'

export interface GatewaySelector {
  /** Labels of the gateway's pods, as in `spec.selector` of Istio's Gateway. */
  readonly selector: Readonly<Record<string, string>>
  /** Empty: every namespace. */
  readonly namespaces: readonly string[]
}

/** Throws Port80Failure StoreFailed when one of the namespaces cannot be listed. */
export async function findGatewayPods(
  client: KubeClient,
  { selector, namespaces }: GatewaySelector,
  call?: Call,
): Promise<GatewayPod[]> {
  const places = namespaces.length === 0 ? [undefined] : namespaces
  const lists = await Promise.all(
    places.map((namespace) => client.list({ resource: 'pods', namespace, labels: selector }, call)),
  )
  return lists.flatMap((list) => {
    if (!('ok' in list)) throw storeFailure(list.failure)
    return gatewayPods(list.ok.items)
  })
}

/**
 * The ready pods as front doors: asked for a token with the identifier as Host, as the CA's request arrives there. `port`
 * is the one that the gateway's container listens on for plain http.
 */
export function gatewayDoors(pods: readonly GatewayPod[], port: number, timeoutMs: number): Responder[] {
  return pods.flatMap(({ name, namespace, address, ready }) => {
    if (!ready || address === undefined) return []
    return [{ ...responderAt(address, port, timeoutMs), id: `gateway ${namespace}/${name}` }]
  })
}
