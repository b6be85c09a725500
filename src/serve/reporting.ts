/** What a term of leadership tells the cluster about its certificates (src/kube/reporter.ts); nothing where there is none. */
import { hostname } from 'node:os'
import type { ObjectRef } from '../discovery/claim.ts'
import type { ObjectReference, Reporter } from '../kube/reporter.ts'
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

/**
 * Opened when there is first something to tell: which Gateways ask for certificates is not known yet when a term begins.
 * Nothing of it rejects: a status that nobody reads is no reason not to order.
 */
export function openReporting(running: Running, held: Held): Reporting {
  const { log } = running.options
  let opening: Promise<Reporter | undefined> | undefined
  let closed = false
  const open = () =>
    openOne(running, held).catch((error: unknown) => {
      log.warn({ err: error }, 'the cluster is not told about certificates; tried again with the next tick')
      opening = undefined
      return undefined
    })
  const changed = () => {
    if (closed || !hasReaders(running)) return
    opening ??= open()
    void opening.then((reporter) => reporter?.changed())
  }
  const unheard = running.reported.watch(changed)
  return {
    changed,
    async close() {
      closed = true
      unheard()
      await (await opening)?.close()
    },
  }
}

/** A port80 whose records are in the cluster, or whose certificates are: of the file or of an object. */
function hasReaders({ live }: Running): boolean {
  const { store, certificates } = live.config()
  return store.kubernetes !== undefined || certificates.some(({ name }) => live.gatewaysOf(name).length > 0)
}

async function openOne(running: Running, held: Held): Promise<Reporter> {
  const { live, cluster, options } = running
  const { client, namespace } = await cluster()
  const { openReporter } = await import('../kube/reporter.ts')
  return openReporter({
    client,
    namespace: live.config().store.kubernetes ? namespace : undefined,
    leader: hostname(),
    inherit: (reported) => running.reported.inherit(reported),
    snapshot: () => running.snapshot(),
    placesOf: (certificate) => ({
      secrets: live.secretsOf(certificate),
      sources: live.originsOf(certificate).map(referenceTo),
    }),
    mayWrite: () => held.stillHeld(),
    log: options.log,
  })
}
