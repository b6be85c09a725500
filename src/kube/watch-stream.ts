/** The lines of one open watch, until it ends; every way it can end is a value. */
import type { IncomingMessage } from 'node:http'
import { failed, failureOfEvent, type Act } from './api-failure.ts'
import type { KubeObject } from './object.ts'
import type { WatchEnd } from './watch-end.ts'

export interface WatchEvent<T extends KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: T
}

export interface StreamReading<T extends KubeObject> {
  readonly act: Act
  /** Milliseconds without a byte after which the watch is given up. */
  readonly quietMs: number
  /** Any bytes came. */
  readonly heard: () => void
  readonly changed: (event: WatchEvent<T>) => void
}

/** An object is at most 1.5 MiB in etcd; its JSON is longer, but not by this much. */
const longestLine = 8 * 1024 * 1024

/** Resolves with the end of the stream and destroys it. Never rejects. */
export function readWatch<T extends KubeObject>(
  stream: IncomingMessage,
  reading: StreamReading<T>,
): Promise<WatchEnd> {
  return new Promise((resolve) => {
    let pending = ''
    const end = (how: WatchEnd) => {
      clearTimeout(quiet)
      resolve(how)
      stream.destroy()
    }
    const quiet = setTimeout(() => end({ end: 'silent' }), reading.quietMs)
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => {
      quiet.refresh()
      reading.heard()
      const lines = (pending + chunk).split('\n')
      pending = lines.pop() ?? ''
      if (pending.length > longestLine) return end({ end: 'torn' })
      for (const line of lines) {
        const how = takeIn(line, reading)
        if (how !== undefined) return end(how)
      }
    })
    stream.on('end', () => end(pending === '' ? { end: 'closed' } : { end: 'torn' }))
    const broken = (error?: NodeJS.ErrnoException) => {
      const why = `the connection broke (${error?.code ?? 'closed'})`
      end({ end: 'failed', failure: failed(reading.act, 'unreachable', why) })
    }
    stream.on('error', broken)
    stream.on('close', () => broken())
  })
}

/** Undefined: go on. */
function takeIn<T extends KubeObject>(line: string, reading: StreamReading<T>): WatchEnd | undefined {
  if (line === '') return undefined
  let event: { type?: unknown; object?: unknown } | null
  try {
    event = JSON.parse(line) as typeof event
  } catch {
    return { end: 'torn' }
  }
  switch (event?.type) {
    case 'BOOKMARK': // only a sign of life here
      return undefined
    case 'ERROR':
      return { end: 'failed', failure: failureOfEvent(reading.act, event.object) }
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return give({ type: event.type, object: event.object as T }, reading)
    default:
      return { end: 'torn' }
  }
}

function give<T extends KubeObject>(event: WatchEvent<T>, reading: StreamReading<T>): WatchEnd | undefined {
  try {
    reading.changed(event)
    return undefined
  } catch (error) {
    return { end: 'refused', error }
  }
}
