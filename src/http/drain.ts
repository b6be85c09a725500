/** How the public port goes out of service without a refused or reset request. */
import { Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connections } from './connections.ts'

/** `listeners.stop`, milliseconds. */
export interface StopBounds {
  readonly unreadyWait: number
  readonly drain: number
}

export interface StopReport {
  /** Connections that were cut because the drain time was over. */
  readonly cut: number
}

/**
 * A kept connection is closed only after it has been silent for this long (milliseconds), so that a request that was
 * sent just before the end is answered and not lost. A request that crosses the close itself cannot be saved by a
 * server; it sees an orderly end without a byte of an answer, which clients may repeat.
 */
const silence = 1_000
const lookInterval = 100

export interface DrainParts {
  readonly server: Server
  readonly connections: Connections
  /** Aborted by `destroy()`: every wait ends at once. */
  readonly signal: AbortSignal
  /** The unready wait is over and the listener is closed. */
  readonly onDraining: () => void
}

/** From "unready" to the last connection. The caller has made every further answer say `Connection: close`. */
export async function drain(parts: DrainParts, bounds: StopBounds): Promise<StopReport> {
  const { server, connections, signal } = parts
  // Looking begins now: connections that stay silent for the whole wait need no further grace.
  let draining = false
  const eyes = setInterval(() => {
    connections.lookAround()
    if (draining) connections.closeSilent(Math.min(silence, bounds.drain))
  }, lookInterval)
  connections.lookAround()
  try {
    await pause(bounds.unreadyWait, signal)
    stopAccepting(server)
    parts.onDraining()
    draining = true
    const given = new AbortController()
    const deadline = pause(bounds.drain, AbortSignal.any([signal, given.signal]))
    await Promise.race([connections.empty(), deadline])
    given.abort()
  } finally {
    clearInterval(eyes)
  }
  const cut = connections.destroyAll()
  await connections.empty()
  return { cut }
}

/**
 * Not http.Server.close(): that also destroys idle connections on the spot and stops looking for overdue requests.
 * Safe when the server does not listen.
 */
export function stopAccepting(server: Server): void {
  Server.prototype.close.call(server, () => undefined)
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined)
}
