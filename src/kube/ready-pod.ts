/** Which responders there are, from the EndpointSlices of their headless Service. Pure. */
import type { Endpoint, EndpointSlice } from './object.ts'

export interface ReadyPod {
  /** Name of the pod, or its address. */
  readonly id: string
  readonly address: string
  readonly port: number
}

/** Label that the endpoint controller puts on every slice of a Service. */
export const serviceLabel = 'kubernetes.io/service-name'

/**
 * One entry a pod that gets requests: ready and not ending. A pod with addresses of both families stands in two slices and
 * is asked at one of them: both lead to the same process. `port` is the name of the port in the Service, or the number that
 * the pods listen on, whatever the Service calls it.
 */
export function readyPods(slices: readonly EndpointSlice[], port: string | number): ReadyPod[] {
  const pods = new Map<string, ReadyPod>()
  for (const pod of slices.flatMap((slice) => podsIn(slice, port))) {
    if (!pods.has(pod.id)) pods.set(pod.id, pod)
  }
  return [...pods.values()]
}

function podsIn({ addressType, ports, endpoints }: EndpointSlice, port: string | number): ReadyPod[] {
  const number = typeof port === 'number' ? port : ports?.find((each) => (each.name ?? '') === port)?.port
  if (number === undefined || addressType === 'FQDN') return []
  return (endpoints ?? []).filter(isReady).flatMap(({ addresses, targetRef }) => {
    const address = addresses[0]
    return address === undefined ? [] : [{ id: targetRef?.name ?? address, address, port: number }]
  })
}

export interface KnownPod {
  /** Name of the pod, or its address. */
  readonly id: string
  readonly address: string
  /** It gets requests, so it must be able to answer. */
  readonly ready: boolean
}

/** Every pod of the Service, each once: also those that are not ready or are ending and may still answer. */
export function everyPod(slices: readonly EndpointSlice[]): KnownPod[] {
  const pods = new Map<string, KnownPod>()
  for (const { addressType, endpoints } of slices) {
    if (addressType === 'FQDN') continue
    for (const endpoint of endpoints ?? []) {
      const [address] = endpoint.addresses
      const id = endpoint.targetRef?.name ?? address
      if (id === undefined || address === undefined || pods.has(id)) continue
      pods.set(id, { id, address, ready: isReady(endpoint) })
    }
  }
  return [...pods.values()]
}

/** A condition that is not there means yes for `ready`, no for `terminating`. */
function isReady({ conditions }: Endpoint): boolean {
  return conditions?.ready !== false && conditions?.terminating !== true
}
