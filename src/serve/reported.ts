/**
 * Where lint, preflight, canary, proof of serving, budget and usage lay down what they found, and where status, metrics
 * and Events read it (src/finding/reported.ts). In memory: a new leader looks anew, begins with what the one before has
 * published (src/finding/inherited.ts), and what must outlast it is in the state store of the part that knows it.
 */
import { inheritedMs, sinceBefore, stillInherited } from '../finding/inherited.ts'
import { mergeReported, type ReportedSource } from '../finding/merge.ts'
import type { Reported } from '../finding/reported.ts'

/** For the parts that look. */
export interface ReportedSources {
  /**
   * Replaces what this source told before, whole: a finding that is no longer in `part` has ended. Returns at once, and
   * may be called as often as is liked; nothing that others told changes.
   */
  set(source: ReportedSource, part: Partial<Reported>): void
  /** Everything of everybody: bounded, errors first. The same object until something changes. */
  current(): Reported
  /** What the leader before told last, for an hour, whatever was seen here since. */
  inherited(): Reported
}

/** For src/serve: one a process. */
export interface ReportedBoard extends ReportedSources {
  /** What the leader before told last. Each part goes with the first word of its own source, all of it after an hour. */
  inherit(before: Reported): void
  /** At the end of a term: what a leader knew is not what the process knows when it leads again. */
  forget(): void
  /** Called after every `set`, for the term that asks; the answer ends it. */
  watch(changed: () => void): () => void
}

function lookedBy(looked: readonly ReportedSource[]): Reported {
  return looked.length === 0 ? {} : { looked }
}

/** `now` in epoch ms. */
export function reportedBoard(now: () => number): ReportedBoard {
  return new Board(now)
}

class Board implements ReportedBoard {
  readonly #now: () => number
  readonly #told = new Map<ReportedSource, Partial<Reported>>()
  readonly #watchers = new Set<() => void>()
  #before: { readonly all: Reported; readonly until: number } | undefined
  #merged: Reported | undefined

  constructor(now: () => number) {
    this.#now = now
  }

  set(source: ReportedSource, part: Partial<Reported>): void {
    this.#told.set(source, this.#lasting(part))
    this.#changed()
  }

  current(): Reported {
    this.#forgetOld()
    return (this.#merged ??= mergeReported([
      ...this.#told.values(),
      ...(this.#before ? [stillInherited(this.#before.all, new Set(this.#told.keys()))] : []),
      lookedBy([...this.#told.keys()]),
    ]))
  }

  inherited(): Reported {
    this.#forgetOld()
    return this.#before?.all ?? {}
  }

  inherit(all: Reported): void {
    this.#before = { all, until: this.#now() + inheritedMs }
    for (const [source, part] of this.#told) this.#told.set(source, this.#lasting(part))
    this.#changed()
  }

  forget(): void {
    this.#told.clear()
    this.#before = undefined
    this.#merged = undefined
  }

  watch(changed: () => void): () => void {
    this.#watchers.add(changed)
    return () => this.#watchers.delete(changed)
  }

  #lasting(part: Partial<Reported>): Partial<Reported> {
    const before = this.#before?.all
    return before && part.findings ? { ...part, findings: sinceBefore(part.findings, before) } : part
  }

  #changed(): void {
    this.#merged = undefined
    for (const changed of this.#watchers) changed()
  }

  #forgetOld(): void {
    if (this.#before === undefined || this.#now() < this.#before.until) return
    this.#before = undefined
    this.#merged = undefined
  }
}
