/** The stores of one configuration: the folder that worker, responders and command line share. */
import type { Logger } from 'pino'
import { directoryChallengeStore } from '../challenge/directory-store.ts'
import type { ChallengeStore } from '../challenge/store.ts'
import type { Config } from '../config/schema.ts'
import { storeFailed } from '../disk/store-failed.ts'
import { directoryLeadership } from '../state/directory-lock.ts'
import { directoryStateStore } from '../state/directory-store.ts'
import { journalOf, type Journal } from '../state/journal.ts'
import type { Leadership } from '../state/leadership.ts'
import { certificateRecord, holdsRecord, type CertificateRecord, type HoldsRecord } from '../state/records.ts'
import type { StateStore } from '../state/store.ts'

export interface Stores {
  readonly state: StateStore
  readonly challenges: ChallengeStore
  readonly leadership: Leadership
}

export function openStores(config: Config, log: Pick<Logger, 'warn'>): Stores {
  const { directory } = config.store
  if (directory === undefined)
    throw storeFailed('opening the store', 'store.kubernetes is not served by this version yet')
  const onForeign = (file: { path: string; fault: string }) =>
    log.warn(
      { path: file.path, fault: file.fault },
      'a file in the store is not ours or is damaged; it is left alone',
    )
  return {
    state: directoryStateStore({ directory, onForeign }),
    challenges: directoryChallengeStore({ directory, onForeign }),
    leadership: directoryLeadership({ directory }),
  }
}

export interface Journals {
  readonly certificates: Journal<CertificateRecord>
  readonly holds: Journal<HoldsRecord>
}

/** Each reader has its own memory: the worker's is authoritative while it leads, a status page's lives for one look. */
export function openJournals(state: StateStore): Journals {
  return {
    certificates: journalOf(state, 'certificate', certificateRecord),
    holds: journalOf(state, 'holds', holdsRecord),
  }
}
