/**
 * The open connections of the public port: which of them still owe or are owed something, how they are closed without
 * the client losing its answer, and which are silent when the process wants to go.
 */
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { look, silentFor, startLooking, type Look } from './silence.ts'

/** Bounds of a lingering close. `total` is the listener's requestTimeout: unread bodies may take that long. */
export interface LingerBounds {
  /** Milliseconds. */
  readonly total: number
  /** Milliseconds without a byte. */
  readonly quiet: number
  /** Bytes thrown away. */
  readonly bytes: number
}

interface Lingering {
  readonly since: number
  readonly bytesAtStart: number
  look: Look
}

const checkInterval = 250

/**
 * One open connection. `answers` are being looked up for it, and `afterwards` waits for the last of them. Counted here and
 * not in a Map of their own: one that has an entry put in and taken out with every request is made anew all the time, and
 * each of its old tables keeps the next one from the garbage collector. Measured: with many live tokens a fifth of the rate.
 */
interface Connection {
  look: Look
  answers: number
  afterwards: (() => void) | undefined
}

export class Connections {
  readonly #open = new Map<Socket, Connection>()
  readonly #lingering = new Map<Socket, Lingering>()
  /** Connections with an answer, given or on its way, behind which nothing is answered any more. */
  readonly #ending = new Set<Socket>()
  readonly #bounds: () => LingerBounds
  readonly #now: () => number
  #timer: NodeJS.Timeout | undefined
  #whenEmpty: (() => void)[] = []

  /** `now` is a monotonic clock in milliseconds. `bounds` is asked at each close, since settings can change. */
  constructor(bounds: () => LingerBounds, now: () => number) {
    this.#bounds = bounds
    this.#now = now
  }

  get size(): number {
    return this.#open.size
  }

  add(socket: Socket): void {
    this.#open.set(socket, { look: startLooking(this.#now()), answers: 0, afterwards: undefined })
    // node:http ends a connection by destroySoon(). Its own closes the descriptor as soon as the answer is written;
    // bytes of the client that are unread by then make the kernel send a reset, which overtakes the answer.
    socket.destroySoon = () => this.closeSoon(socket)
    socket.once('close', () => this.#forget(socket))
  }

  /** The next answer is the last on this connection (RFC 9112 §9.6): what comes behind its request is thrown away. */
  endAfterThis(socket: Socket): void {
    this.#ending.add(socket)
  }

  isEnding(socket: Socket): boolean {
    return this.#ending.size > 0 && this.#ending.has(socket)
  }

  /** The answer of this response comes later; a connection with such an answer is not silent. */
  expectAnswer(response: ServerResponse, socket: Socket): void {
    const connection = this.#open.get(socket)
    if (connection === undefined) return
    connection.answers += 1
    response.once('close', () => {
      connection.answers -= 1
      if (connection.answers > 0) return
      const act = connection.afterwards
      connection.afterwards = undefined
      act?.()
    })
  }

  /** Runs `act` when no answer is being looked up for this connection: at once, or behind the last of them. */
  afterAnswers(socket: Socket, act: () => void): void {
    const connection = this.#open.get(socket)
    if (connection === undefined || connection.answers === 0) act()
    else connection.afterwards = act
  }

  /** Says that nothing more is written, then reads and drops what still comes until the client closes, within bounds. */
  closeSoon(socket: Socket): void {
    if (socket.destroyed || this.#lingering.has(socket)) return
    this.#ending.add(socket)
    if (socket.writable) socket.end()
    if (socket.readableEnded) {
      if (socket.writableFinished) socket.destroy()
      else socket.once('finish', () => socket.destroy())
      return
    }
    const now = this.#now()
    this.#lingering.set(socket, { since: now, bytesAtStart: socket.bytesRead, look: startLooking(now) })
    socket.resume()
    this.#timer ??= setInterval(() => this.#checkLingering(), checkInterval).unref()
  }

  /** Looks at every connection; to be called often enough before `closeSilent` that it has something to compare. */
  lookAround(): void {
    const now = this.#now()
    for (const [{ bytesRead: read, bytesWritten: written }, connection] of this.#open) {
      connection.look = look(connection.look, { read, written, now })
    }
  }

  /** Closes what owes and is owed nothing and has been silent for `grace` milliseconds. */
  closeSilent(grace: number): void {
    const now = this.#now()
    for (const [socket, { answers, look: seen }] of this.#open) {
      if (answers === 0 && silentFor(seen, now) >= grace) this.closeSoon(socket)
    }
  }

  /** Resolves when no connection is open. */
  empty(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#whenEmpty.push(resolve))
  }

  /** Closes everything at once and says how many connections that were. */
  destroyAll(): number {
    const count = this.#open.size
    for (const socket of this.#open.keys()) socket.destroy()
    return count
  }

  #checkLingering(): void {
    const now = this.#now()
    const bounds = this.#bounds()
    for (const [socket, lingering] of this.#lingering) {
      const { bytesRead, bytesWritten } = socket
      lingering.look = look(lingering.look, { read: bytesRead, written: bytesWritten, now })
      const over =
        now - lingering.since >= bounds.total ||
        now - lingering.look.changedAt >= bounds.quiet ||
        bytesRead - lingering.bytesAtStart >= bounds.bytes
      if (over) socket.destroy()
    }
  }

  #forget(socket: Socket): void {
    this.#open.delete(socket)
    this.#lingering.delete(socket)
    this.#ending.delete(socket)
    if (this.#lingering.size === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
    if (this.#open.size === 0) for (const resolve of this.#whenEmpty.splice(0)) resolve()
  }
}
