/**
 * Records by key with the conditional write of the store hidden behind `change`: read, apply a pure function, write
 * on the version that was read. Used by the one worker that leads, so conflicts are rare; a lost one is tried again.
 */
import type { z } from 'zod'
import { Port80Failure } from '../reason.ts'
import { readRecord } from './records.ts'
import { StateConflict, type StateKey, type StateStore } from './store.ts'

export type Entry<T> =
  | { readonly state: 'there'; readonly record: T; readonly version: string }
  | { readonly state: 'absent' }
  /** Torn or foreign: it is left alone (never overwritten), and whoever needs it says so. */
  | { readonly state: 'unreadable'; readonly fault: string }

/**
 * Contract:
 * - `read` answers from memory when this journal wrote or read the key since the last `forget`; the worker forgets on
 *   every timed tick, so that what the command line or a restored backup changed is seen.
 * - `change` resolves when the new record is durable. Changes of one key are serialised in this process. It throws
 *   Port80Failure StoreFailed when the record is unreadable or the store refuses (a conflict: ten times).
 */
export interface Journal<T> {
  read(name: string): Promise<Entry<T>>
  change(name: string, next: (record: T | undefined) => T): Promise<T>
  forget(): void
}

/**
 * Times that a write is tried after a conflict, each on what is there by then. More than the two or three that a command line
 * costs: somebody may annotate every Secret that he sees, many times a second, and on a slow API server each try meets him
 * once more. Another leader is no reason: whoever does not lead any more is told so before the write.
 */
const conflictTries = 10

type Kind = 'account' | 'budget' | 'certificate' | 'holds' | 'request' | 'traffic'

export function journalOf<T>(store: StateStore, kind: Kind, schema: z.ZodType<T>): Journal<T> {
  const memory = new Map<string, Entry<T>>()
  const inTurn = turns()
  const keyOf = (name: string): StateKey => `${kind}/${name}`

  async function read(name: string): Promise<Entry<T>> {
    const known = memory.get(name)
    if (known) return known
    const entry = await readEntry(store, keyOf(name), schema)
    memory.set(name, entry)
    return entry
  }

  /** What `next` throws is a bug of ours and goes through as it is; only the store's own refusals become StoreFailed. */
  async function change(name: string, next: (record: T | undefined) => T): Promise<T> {
    for (let tries = 1; ; tries++) {
      const entry = await read(name)
      if (entry.state === 'unreadable') {
        memory.delete(name)
        throw storeFailed(`${keyOf(name)} ${entry.fault}`)
      }
      const before = entry.state === 'there' ? entry.record : undefined
      const record = next(before)
      if (record === before) return record
      const text = readableText(schema, keyOf(name), record)
      try {
        const expected = entry.state === 'there' ? entry.version : undefined
        const version = await store.write(keyOf(name), text, expected)
        memory.set(name, { state: 'there', record, version })
        return record
      } catch (error) {
        memory.delete(name)
        if (error instanceof Port80Failure) throw error
        if (!(error instanceof StateConflict) || tries >= conflictTries) throw storeFailed(keyOf(name), error)
      }
    }
  }

  return {
    read,
    forget: () => memory.clear(),
    change: (name, next) => inTurn(name, () => change(name, next)),
  }
}

/** One act at a time a name; another name's acts do not wait. */
function turns(): <R>(name: string, act: () => Promise<R>) => Promise<R> {
  const queues = new Map<string, Promise<unknown>>()
  return (name, act) => {
    const run = (queues.get(name) ?? Promise.resolve()).then(act)
    const settled = run.catch(() => undefined)
    queues.set(name, settled)
    void settled.then(() => queues.get(name) === settled && queues.delete(name))
    return run
  }
}

async function readEntry<T>(store: StateStore, key: StateKey, schema: z.ZodType<T>): Promise<Entry<T>> {
  let found
  try {
    found = await store.read(key)
  } catch (error) {
    // One key that cannot be read (rights, a link, not a text) must not stop the others.
    if (!(error instanceof Port80Failure)) throw error
    return { state: 'unreadable', fault: error.failure.detail }
  }
  if (!found) return { state: 'absent' }
  const parsed = readRecord(schema, found.text)
  if ('fault' in parsed) return { state: 'unreadable', fault: parsed.fault }
  return { state: 'there', record: parsed.ok, version: found.version }
}

/** A record that could not be read back would leave its certificate alone from then on: it is refused instead. */
function readableText<T>(schema: z.ZodType<T>, key: StateKey, record: T): string {
  const text = JSON.stringify(record)
  const parsed = readRecord(schema, text)
  if ('ok' in parsed) return text
  throw new Port80Failure({ reason: 'InternalError', detail: `${key} ${parsed.fault}; it was not written` })
}

function storeFailed(what: string, cause?: unknown): Port80Failure {
  const code = cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.name) : ''
  const detail = cause === undefined ? what : `${what} could not be written (${code})`
  return new Port80Failure({ reason: 'StoreFailed', detail: detail.slice(0, 500) }, { cause })
}
