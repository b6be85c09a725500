/** What parseHost said about the Host values of late, because the same few come with nearly every request. */
import { parseHost, type Host, type HostFault } from './host.ts'

export interface MemoBounds {
  readonly hosts: number
  /** Of all remembered Host values together: long ones must not make a bound on their number mean ten times as much. */
  readonly characters: number
}

/**
 * Bounded: when full it starts over. Least-recently-used was rejected: it costs more on each hit than parsing saves,
 * and a stranger who sends ever new hosts empties either.
 */
export function hostMemo(bounds: MemoBounds): (text: string) => Host | HostFault {
  const known = new Map<string, Host>()
  let characters = 0
  return (text) => {
    const found = known.get(text)
    if (found !== undefined) return found
    const host = parseHost(text)
    // Only what is valid, and so at most 262 characters long, is kept.
    if (typeof host === 'string') return host
    if (known.size >= bounds.hosts || characters + text.length > bounds.characters) {
      known.clear()
      characters = 0
    }
    characters += text.length
    known.set(text, host)
    return host
  }
}
