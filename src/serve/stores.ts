/** The stores of one configuration: a folder or the objects of a namespace, shared by worker, responders, command line. */
import type { Logger } from 'pino'
import { directoryChallengeStore } from '../challenge/directory-store.ts'
import type { ChallengeStore } from '../challenge/store.ts'
import type { Config } from '../config/schema.ts'
import type { OnForeign } from '../disk/foreign.ts'
import type { PublishedReader } from '../kube/published-reader.ts'
import { directoryLeadership } from '../state/directory-lock.ts'
import { directoryStateStore } from '../state/directory-store.ts'
import { journalOf, type Journal } from '../state/journal.ts'
import type { Leadership } from '../state/leadership.ts'
import {
  budgetRecord,
  certificateRecord,
  holdsRecord,
  type BudgetRecord,
  type CertificateRecord,
  type HoldsRecord,
} from '../state/records.ts'
import type { StateStore } from '../state/store.ts'
import { clusterOf, type Cluster } from './cluster.ts'
import { lateStores } from './late-stores.ts'

export interface Stores {
  readonly state: StateStore
  readonly challenges: ChallengeStore
  readonly leadership: Leadership
  /** For a process that answers tokens: keeps them at hand from now on. Undefined where every read finds them anyway. */
  readonly follow?: () => Followed
  /** Calls `wake` when the command line has left a wish; until the function that it gives is called. */
  watchRequests(wake: () => void): () => Promise<void>
  /** What the leader tells of the whole picture, for everybody else; undefined where everybody can look for himself. */
  readonly followStatus?: () => PublishedReader
}

export interface Followed {
  /** `ready`: all tokens were known at least once. */
  state(): { readonly ready: boolean; readonly detail: string }
  stop(): Promise<void>
}

export interface StoreTerms {
  /** The one of this process, where it is opened already; made from the configuration otherwise. */
  readonly cluster?: Cluster
  /** Nothing is ever written: a responder. */
  readonly readOnly?: boolean
}

/** Opens nothing yet; a cluster that cannot be reached is a StoreFailed of whatever is asked. */
export function openStores(config: Config, log: Pick<Logger, 'warn'>, terms: StoreTerms = {}): Stores {
  const onForeign: OnForeign = (file) =>
    log.warn(
      { path: file.path, fault: file.fault },
      'a file or an object in the store is not ours or is damaged; it is left alone',
    )
  const { directory, kubernetes: store } = config.store
  if (!store) return folderStores(directory, onForeign)
  const cluster = terms.cluster ?? clusterOf(config, 'cli')
  return lateStores(async () => {
    const { kubeStores } = await import('./kube-stores.ts')
    const { readOnly = false } = terms
    return kubeStores({ cluster: await cluster(), store, onForeign, log, readOnly })
  }, log)
}

const requestsEveryMs = 1_000

function folderStores(directory: string, onForeign: OnForeign): Stores {
  const state = directoryStateStore({ directory, onForeign })
  return {
    state,
    challenges: directoryChallengeStore({ directory, onForeign }),
    leadership: directoryLeadership({ directory }),
    /** Looking once a second costs one read of a folder. */
    watchRequests(wake) {
      const look = async () => {
        const requests = await state.list('request').catch(() => [])
        if (requests.length > 0) wake()
      }
      const timer = setInterval(() => void look(), requestsEveryMs)
      return async () => clearInterval(timer)
    },
  }
}

export interface Journals {
  readonly certificates: Journal<CertificateRecord>
  readonly holds: Journal<HoldsRecord>
  readonly budgets: Journal<BudgetRecord>
}

/** Each reader has its own memory: the worker's is authoritative while it leads, a status page's lives for one look. */
export function openJournals(state: StateStore): Journals {
  return {
    certificates: journalOf(state, 'certificate', certificateRecord),
    holds: journalOf(state, 'holds', holdsRecord),
    budgets: journalOf(state, 'budget', budgetRecord),
  }
}
