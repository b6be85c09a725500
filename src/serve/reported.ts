/**
 * Where lint, preflight, canary, proof of serving, budget and usage lay down what they found, and where status, metrics
 * and Events read it (src/finding/reported.ts). In memory: a new leader looks anew, and what must outlast it is in the
 * state store of the part that knows it.
 */
import { mergeReported, type ReportedSource } from '../finding/merge.ts'
import type { Reported } from '../finding/reported.ts'

/** For the parts that look. */
export interface ReportedSources {
  /**
   * Replaces what this source told before, whole: a finding that is no longer in `part` has ended. Returns at once, and
   * may be called as often as is liked; nothing that others told changes.
   */
  set(source: ReportedSource, part: Partial<Reported>): void
  /** Everything of everybody: bounded, errors first. The same object until something is set. */
  current(): Reported
}

/** For src/serve: one a process. */
export interface ReportedBoard extends ReportedSources {
  /** At the end of a term: what a leader knew is not what the process knows when it leads again. */
  forget(): void
  /** Called after every `set`, for the term that asks; the answer ends it. */
  watch(changed: () => void): () => void
}

function lookedBy(looked: readonly ReportedSource[]): Reported {
  return looked.length === 0 ? {} : { looked }
}

export function reportedBoard(): ReportedBoard {
  const told = new Map<ReportedSource, Partial<Reported>>()
  const watchers = new Set<() => void>()
  let merged: Reported | undefined
  return {
    set(source, part) {
      told.set(source, part)
      merged = undefined
      for (const changed of watchers) changed()
    },
    current: () => (merged ??= mergeReported([...told.values(), lookedBy([...told.keys()])])),
    forget() {
      told.clear()
      merged = undefined
    },
    watch(changed) {
      watchers.add(changed)
      return () => watchers.delete(changed)
    },
  }
}
