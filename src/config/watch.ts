/** Notices changes of the configuration file, however they are made, and says of each whether it is accepted. */
import { watch, type FSWatcher } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ConfigFault } from './fault.ts'
import { lookAt, type Look } from './load.ts'
import type { Config } from './schema.ts'

export interface WatchOptions {
  readonly path: string
  /** A new version is good. Awaited: versions are handed over one after the other. */
  readonly onAccepted: (config: Config) => void | Promise<void>
  /** A new version is faulty, or the file is gone; the configuration before it stays in force. */
  readonly onRefused: (faults: readonly ConfigFault[]) => void | Promise<void>
  /** Ends the watch. */
  readonly signal: AbortSignal
  /** Time between looks that no event asks for, 5 s unless given. */
  readonly pollMs?: number
  /** How long a bad version may take to become a good one before it is refused, 500 ms unless given. */
  readonly secondLookMs?: number
  /** The `fingerprint` of the version in force; without it, what is there at the first look counts as in force. */
  readonly inForce?: string
}

// Two looks in a row must agree before a version is believed: an editor or `cp` that writes in place shows an empty or
// half a file for a moment. A bad version is given longer, since it may just not be finished.
const settleMs = 100
const mostLooks = 20

/**
 * Watches until the signal is aborted; then resolves, with nothing left open. Rejects only with what a callback throws.
 *
 * Events of the folder give speed. They are not enough: a symbolic link to another folder, a network file system or an
 * exhausted inotify limit yield none. So the file is also read every few seconds and compared by content, and the files
 * that it names (caBundle, hmacKeyFile) are looked at again: a missing one may appear. The same content is no change.
 *
 * A writer that stops for over 100 ms at a place where half the file happens to be a good one is believed; writing to
 * another file and renaming it has no such moment.
 */
export async function watchConfig(options: WatchOptions): Promise<void> {
  const { path, signal, pollMs = 5_000, secondLookMs = 500 } = options
  const bell = doorbell()
  const events = folderEvents(dirname(resolve(path)), bell.ring)
  let last: Look | undefined
  let seen = options.inForce
  try {
    while (!signal.aborted) {
      events.arm()
      const look = await settledLook(path, { last, seen, secondLookMs, signal })
      if (signal.aborted) break
      const { fingerprint } = look.loaded
      if (seen !== undefined && seen !== fingerprint) await handOver(look, options)
      last = look
      seen = fingerprint
      if (await bell.wait(pollMs, signal)) await pause(settleMs, signal) // a save is several events
    }
  } finally {
    events.close()
  }
}

async function handOver({ loaded }: Look, { onAccepted, onRefused }: WatchOptions): Promise<void> {
  if ('ok' in loaded) await onAccepted(loaded.ok)
  else await onRefused(loaded.faults)
}

interface Before {
  readonly last: Look | undefined
  readonly seen: string | undefined
  readonly secondLookMs: number
  readonly signal: AbortSignal
}

/** A look that can be believed. One that does not differ from the last one needs no second. */
async function settledLook(path: string, before: Before): Promise<Look> {
  const { last, seen, secondLookMs, signal } = before
  let look = await lookAt(path, last)
  for (let count = 1; count < mostLooks && !signal.aborted; count++) {
    if (look.loaded.fingerprint === seen) return look
    await pause('ok' in look.loaded ? settleMs : secondLookMs, signal)
    const again = await lookAt(path, look)
    if (again.loaded.fingerprint === look.loaded.fingerprint) return again
    look = again
  }
  return look
}

/** Remembers a ring until somebody waits: an event during a look is not lost. */
function doorbell() {
  let rung = false
  let wake = () => {}
  return {
    ring: () => {
      rung = true
      wake()
    },
    /** True when it was rung, false after the time or the abort. */
    async wait(ms: number, signal: AbortSignal): Promise<boolean> {
      const woken = new AbortController()
      wake = () => woken.abort()
      if (!rung) await pause(ms, AbortSignal.any([signal, woken.signal]))
      const answer = rung
      rung = false
      return answer
    },
  }
}

/**
 * Events of the folder, not of the file: a rename puts another file in its place, and a mounted ConfigMap swaps a link
 * beside it. `arm` starts it where it does not run: the folder may not be there yet, or the system out of watches.
 */
function folderEvents(folder: string, ring: () => void) {
  let watcher: FSWatcher | undefined
  const close = () => {
    watcher?.close()
    watcher = undefined
  }
  return {
    close,
    arm() {
      if (watcher) return
      try {
        watcher = watch(folder, { persistent: false }, ring)
        watcher.on('error', close)
      } catch {
        watcher = undefined // the poll goes on
      }
    },
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
