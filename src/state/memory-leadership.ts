/** Leadership among those who share this object: one process, no medium. */
import { Port80Failure } from '../reason.ts'
import type { Held, Leadership } from './leadership.ts'

export function memoryLeadership(): Leadership {
  let leader: Held | undefined
  return {
    async tryAcquire() {
      if (leader) return undefined
      const abort = new AbortController()
      const held: Held = {
        signal: abort.signal,
        stillHeld: async () => leader === held,
        release: async () => {
          if (leader === held) leader = undefined
          abort.abort(new Port80Failure({ reason: 'LeadershipLost', detail: 'leadership was given up' }))
        },
      }
      leader = held
      return held
    },
    holder: async () => (leader ? `pid ${process.pid}` : undefined),
  }
}
