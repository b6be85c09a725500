/**
 * What the leader tells the cluster about its certificates: the published status (src/kube/published-status.ts), Events on
 * Secrets and Gateways (src/kube/events.ts), and annotations on Secrets (src/kube/secret-annotations.ts).
 *
 * Wiring (src/serve): one reporter a term of leadership.
 *
 *   const reporter = openReporter({
 *     client, log, leader: hostname(),
 *     namespace: store.kubernetes?.namespace,      // undefined: nothing is published (a store of files)
 *     snapshot,                                    // the one that the admin server shows (src/serve/view.ts)
 *     placesOf: (certificate) => …,                // its Secrets, and the Gateways that asked for it
 *     mayWrite: () => held.stillHeld(),
 *   })
 *   seen: (look) => { running.look = look; reporter.changed() }
 *   finally await reporter.close()                 // of the term
 */
import type { Logger } from 'pino'
import type { StatusSnapshot } from '../status/snapshot.ts'
import type { KubeClient } from './client.ts'
import type { SecretDestination } from './secret-destination.ts'

/**
 * - Nothing here throws, rejects or holds up the worker: what cannot be told is logged, and told with the next turn.
 * - Turns are coalesced: at most one a second, and one every 30 s when nothing changes, so that readers see that the
 *   leader lives.
 * - After `close` nothing is written any more.
 */
export interface Reporter {
  /** Something may have changed: called after every tick of the worker. Returns at once. */
  changed(): void
  /** A last turn while leadership lasts, for at most two seconds. Idempotent. */
  close(): Promise<void>
}

export interface ReporterOptions {
  readonly client: KubeClient
  /** Where the status is published: the store's namespace. Undefined: it is not. */
  readonly namespace: string | undefined
  /** Who tells: the name of the pod. */
  readonly leader: string
  /** The whole picture as this process sees it. */
  readonly snapshot: () => Promise<StatusSnapshot>
  /** Asked for every certificate at every turn: the configuration may have changed. */
  readonly placesOf: (certificate: string) => Places
  /** Asked before every write. */
  readonly mayWrite: () => Promise<boolean>
  readonly log: Pick<Logger, 'warn'>
}

/** Where a certificate is seen in the cluster. */
export interface Places {
  readonly secrets: readonly SecretPlace[]
  /** The objects that a certificate was found in (Gateways); empty for one of the configuration. */
  readonly sources: readonly ObjectReference[]
}

export interface SecretPlace {
  /** The one whose `id` stands in the status of the certificate. */
  readonly destination: Pick<SecretDestination, 'id' | 'describe'>
  readonly namespace: string
  readonly name: string
}

/** Enough to hang an Event on; with `uid`, `kubectl describe` shows it too. */
export interface ObjectReference {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly uid?: string
}
