/** Which pods a Gateway is, and hence in which namespaces its Secrets belong. Pure. */
import type { Pod } from './object.ts'

export interface GatewayPod {
  readonly name: string
  readonly namespace: string
  /** Undefined while it has none. */
  readonly address: string | undefined
  readonly ready: boolean
}

/** What is running or about to: a pod that has ended serves nothing and takes no Secret. */
export function gatewayPods(pods: readonly Pod[]): GatewayPod[] {
  return pods.flatMap(({ metadata, status }) => {
    const { name, namespace, deletionTimestamp } = metadata
    if (name === undefined || namespace === undefined) return []
    if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return []
    const ready = (status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True')
    return [{ name, namespace, address: status?.podIP, ready: ready && deletionTimestamp === undefined }]
  })
}

/**
 * Where the Secrets go: the namespaces of the pods, and those that the configuration names (a gateway that is about to be
 * installed wants its Secret before its first pod). Sorted, each once.
 */
export function namespacesOf(pods: readonly GatewayPod[], configured: readonly string[]): string[] {
  return [...new Set([...configured, ...pods.map(({ namespace }) => namespace)])].sort()
}

/** What a person should know about a selector and what it found; undefined when all is as it should be. */
export function faultOfGateway(
  pods: readonly GatewayPod[],
  configured: readonly string[],
  selector: Readonly<Record<string, string>>,
): string | undefined {
  if (pods.length > 0) return undefined
  const labels = Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')
  const where = configured.length === 0 ? 'any namespace' : `namespace ${configured.join(', ')}`
  return `no pod in ${where} has the labels ${labels}: no gateway picks the Secret up`
}
