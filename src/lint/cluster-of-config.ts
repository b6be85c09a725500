/** The cluster, read and judged once: what `port80 lint` without files does, and the worker from time to time. */
import type { Config } from '../config/schema.ts'
import { storeFailed } from '../disk/store-failed.ts'
import { readCluster, type ReadCluster } from './from-cluster.ts'
import type { KubeClient } from '../kube/client.ts'

export interface ClusterOfConfig {
  readonly client: KubeClient
  /** Of the context or of the pod. */
  readonly namespace: string
  readonly config: Config
  /** Whether `config` was written by anybody: else ConfigMaps of port80 are looked for. */
  readonly named: boolean
}

/** Some twenty lists side by side take a second or two; a cluster that takes this long does not answer. */
const patienceMs = 60_000

/** Throws Port80Failure StoreFailed when the cluster cannot be asked, or not in time; else what `signal` aborts with. */
export async function readForLint(
  { client, namespace, config, named }: ClusterOfConfig,
  signal: AbortSignal,
): Promise<ReadCluster> {
  const late = AbortSignal.timeout(patienceMs)
  const namespaces = [...new Set([namespace, ...namespacesOf(config)])]
  const cluster = { client, config: named ? config : undefined, namespaces }
  try {
    return await readCluster({ ...cluster, signal: AbortSignal.any([late, signal]) })
  } catch (error) {
    if (!late.aborted || signal.aborted) throw error
    throw storeFailed('reading the cluster', `the API server did not answer within ${patienceMs / 1000} s`)
  }
}

/** Those that the configuration speaks of: a worker may read them, and seldom more. */
function namespacesOf({ certificates, destinations, discovery }: Config): string[] {
  const pairs = [...destinations, ...certificates.flatMap((each) => each.destinations ?? [])]
  const found = [discovery?.istio?.namespaces, discovery?.gatewayApi?.namespaces]
  return [
    ...pairs.flatMap(({ secret }) => secret?.gateway.namespaces ?? []),
    ...found.flatMap((each) => (each === undefined || each === 'all' ? [] : each)),
    ...(discovery?.gateway.namespaces ?? []),
  ]
}
