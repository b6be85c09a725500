/**
 * The cluster of the configuration, opened when it is first needed: what src/kube/ takes is loaded only then, so that a
 * port80 on files pays nothing for it.
 */
import type { Config } from '../config/schema.ts'
import { storeFailed } from '../disk/store-failed.ts'
import type { KubeClient } from '../kube/client.ts'

export interface OpenCluster {
  readonly client: KubeClient
  /** Of this port80: where its store is, and whose name stands on the Secrets that it writes. */
  readonly namespace: string
}

/** Throws Port80Failure StoreFailed while neither ServiceAccount nor kubeconfig can be read; the next call tries again. */
export type Cluster = () => Promise<OpenCluster>

export function clusterOf(config: Pick<Config, 'kubernetes' | 'store'>, version: string): Cluster {
  const { kubeconfig, context } = config.kubernetes
  let opened: Promise<OpenCluster> | undefined
  const open = async (): Promise<OpenCluster> => {
    const [{ openAccess, AccessFault }, { kubeClient }] = await Promise.all([
      import('../kube/access.ts'),
      import('../kube/client.ts'),
    ])
    try {
      const access = await openAccess({
        ...(kubeconfig !== undefined && { kubeconfig }),
        ...(context !== undefined && { context }),
      })
      const client = kubeClient({ access, userAgent: `port80/${version}` })
      return { client, namespace: config.store.kubernetes?.namespace ?? client.namespace }
    } catch (error) {
      if (error instanceof AccessFault) throw storeFailed('reaching the cluster', error.message)
      throw error
    }
  }
  return () =>
    (opened ??= open().catch((error: unknown) => {
      opened = undefined
      throw error
    }))
}
