/** What a term of leadership tells the cluster about its certificates (src/kube/reporter.ts); nothing where there is none. */
import { hostname } from 'node:os'
import type { ObjectRef } from '../discovery/claim.ts'
import type { ObjectReference } from '../kube/reporter.ts'
import type { Held } from '../state/leadership.ts'
import type { Running } from './serve.ts'

export interface Reporting {
  /** After every tick. Returns at once. */
  changed(): void
  close(): Promise<void>
}

function referenceTo({ source, namespace, name, uid }: ObjectRef): ObjectReference {
  const group = source === 'istio' ? 'networking.istio.io/v1' : 'gateway.networking.k8s.io/v1'
  return { apiVersion: group, kind: 'Gateway', namespace, name, ...(uid !== undefined && { uid }) }
}

const silent: Reporting = { changed: () => undefined, close: async () => undefined }

/** Never rejects: a status that nobody reads is no reason not to order. */
export async function openReporting(running: Running, held: Held): Promise<Reporting> {
  const { live, cluster, options } = running
  const { config } = live
  const inCluster = config().store.kubernetes !== undefined
  const writesSecrets = config().certificates.some(({ name }) => live.gatewaysOf(name).length > 0)
  if (!inCluster && !writesSecrets) return silent
  try {
    const { client, namespace } = await cluster()
    const { openReporter } = await import('../kube/reporter.ts')
    return openReporter({
      client,
      namespace: inCluster ? namespace : undefined,
      leader: hostname(),
      snapshot: () => running.snapshot(),
      placesOf: (certificate) => ({
        secrets: live.secretsOf(certificate),
        sources: live.originsOf(certificate).map(referenceTo),
      }),
      mayWrite: () => held.stillHeld(),
      log: options.log,
    })
  } catch (error) {
    options.log.warn({ err: error }, 'the cluster is not told about certificates in this term')
    return silent
  }
}
