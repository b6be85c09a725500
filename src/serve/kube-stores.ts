/** The stores in a cluster. Loaded only where the configuration has `store.kubernetes`. */
import type { Logger } from 'pino'
import type { KubernetesStoreConfig } from '../config/kubernetes-schema.ts'
import type { OnForeign } from '../disk/foreign.ts'
import { kubeChallengeStore } from '../kube/challenge-store.ts'
import { leaseLeadership } from '../kube/lease.ts'
import { followPublished } from '../kube/published-reader.ts'
import { kubeStateStore } from '../kube/state-store.ts'
import { stateLabels } from '../kube/state-secret.ts'
import { wordsForEnd, type WatchEnd } from '../kube/watch-end.ts'
import { watchObjects } from '../kube/watch.ts'
import type { OpenCluster } from './cluster.ts'
import type { OpenStores } from './late-stores.ts'
import { outageMemory } from './outage.ts'

export interface KubeStoresOptions {
  readonly cluster: OpenCluster
  readonly store: KubernetesStoreConfig
  readonly onForeign: OnForeign
  readonly log: Pick<Logger, 'warn'>
  /** A responder: it has no right to write, so that its look at the tokens sweeps none. */
  readonly readOnly: boolean
}

export function kubeStores({ cluster, store, onForeign, log, readOnly }: KubeStoresOptions): OpenStores {
  const { client, namespace } = cluster
  const challenges = kubeChallengeStore({ client, namespace, onForeign, readOnly })
  const { name, duration, renewDeadline, retryPeriod } = store.lease
  // One for all terms: a worker that may not list leads and gives up again and again.
  const requestsEnded = onceEach(log, 'requests of the command line are seen with the next tick only')
  return {
    challenges,
    state: kubeStateStore({ client, namespace, onForeign }),
    leadership: leaseLeadership({
      client,
      namespace,
      name,
      durations: { lease: duration, renewDeadline, retryPeriod },
    }),
    follow: () => challenges.follow({ ended: onceEach(log, 'the tokens are not followed for the moment') }),
    /** Reading the list once a second would be the larger part of what an idle port80 asks of the API server. */
    watchRequests: (wake) =>
      watchObjects({
        client,
        at: { resource: 'secrets', namespace, labels: stateLabels('request') },
        listed: (items) => void (items.length > 0 && wake()),
        changed: ({ type }) => void (type !== 'DELETED' && wake()),
        ended: requestsEnded,
      }),
    followStatus: () =>
      followPublished({ client, namespace, ended: onceEach(log, 'the published status is not followed') }),
  }
}

/** A watch is tried again for ever: each trouble is told once. */
function onceEach(log: Pick<Logger, 'warn'>, message: string) {
  const isNews = outageMemory(Date.now)
  return (end: WatchEnd, retryInMs: number) => {
    if (end.end === 'closed' || end.end === 'silent') return
    const detail = wordsForEnd(end)
    if (isNews(detail)) log.warn({ detail, retryInMs }, message)
  }
}
