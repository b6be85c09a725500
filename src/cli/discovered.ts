/**
 * The certificates that objects of the cluster ask for, for commands: one look at what `serve` follows. Files alone cost no
 * request.
 */
import { storeFailed } from '../disk/store-failed.ts'
import type { Cluster } from '../serve/cluster.ts'
import type { Live } from '../serve/live.ts'

/** The first lists of a cluster take about a second. */
const patienceMs = 15_000

/**
 * Lets `live` see the objects of now. Nothing where discovery is off. Throws StoreFailed when the cluster does not answer in
 * time; kinds that may not be read are told by `live.sources()`, as in `serve`.
 */
export async function seeObjects(live: Live, cluster: Cluster, withinMs = patienceMs): Promise<void> {
  const { discovery: settings } = live.config()
  if (!settings) return
  const [{ client }, { discoverySource }] = await Promise.all([cluster(), import('../discovery/source.ts')])
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const source = discoverySource({
    ...{ client, settings, debounceMs: 0, failed: reject },
    onChange(view) {
      live.see(view)
      resolve()
    },
  })
  const late = setTimeout(() => {
    const seconds = Math.round(withinMs / 1000)
    reject(storeFailed('looking for Gateways', `the API server did not answer within ${seconds} s`))
  }, withinMs)
  try {
    await promise
  } finally {
    clearTimeout(late)
    await source.stop()
  }
}

/** What the leader told of, for those who may read its word and not the objects. None where it told nothing. */
export async function namesTold(cluster: Cluster): Promise<readonly string[]> {
  const [{ client, namespace }, { readPublished }] = await Promise.all([
    cluster(),
    import('../kube/published-reader.ts'),
  ])
  const { told } = await readPublished(client, namespace)
  return told?.certificates.map(({ name }) => name) ?? []
}
