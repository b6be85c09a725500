/** Acts on destinations, side by side but bounded, so that a destination that does not answer holds up no other. */
import { Port80Failure } from '../reason.ts'

export interface Lanes {
  /** First come, first served in each lane; lanes do not wait for each other. */
  run<T>(lane: string, act: () => Promise<T>): Promise<T>
}

/** At most `limit` acts at once in each lane. */
export function lanesOf(limit: number): Lanes {
  const lanes = new Map<string, { running: number; readonly waiting: (() => void)[] }>()
  return {
    async run(lane, act) {
      const here = lanes.get(lane) ?? { running: 0, waiting: [] }
      lanes.set(lane, here)
      // Whoever is let in takes the place of who left: nobody can slip in between.
      if (here.running >= limit) await new Promise<void>((resolve) => here.waiting.push(resolve))
      else here.running += 1
      try {
        return await act()
      } finally {
        const next = here.waiting.shift()
        if (next) next()
        else here.running -= 1
        if (here.running === 0) lanes.delete(lane)
      }
    },
  }
}

/** Folders each have their own; everything else shares one a kind: what is behind it (an API server) is one thing. */
export function laneOf(destinationId: string): string {
  return /^[./]/.test(destinationId) ? destinationId : (destinationId.split(/[ :/]/)[0] ?? '')
}

/** Rejects with DestinationFailed after `ms`. The act itself goes on: what cannot be told to stop is only left behind. */
export function within<T>(ms: number, act: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    const detail = `did not answer within ${Math.round(ms / 1000)} s`
    timer = setTimeout(() => reject(new Port80Failure({ reason: 'DestinationFailed', detail })), ms)
    timer.unref() // a process that has nothing else to do need not wait to hear that it was late
  })
  return Promise.race([act, late]).finally(() => clearTimeout(timer))
}

/** `act` for each, at most `limit` at once, results in order. The first fault rejects; nothing new begins after it. */
export async function eachOf<T, R>(
  items: readonly T[],
  limit: number,
  act: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  let next = 0
  let faulty = false
  const worker = async () => {
    while (next < items.length && !faulty) {
      const index = next++
      try {
        results[index] = await act(items[index] as T)
      } catch (error) {
        faulty = true
        throw error
      }
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, worker))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  return results
}

/** Until it ends, or until then: it goes on by itself. */
export async function atMost(ms: number, act: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))
  await Promise.race([act, over]).finally(() => clearTimeout(timer))
}
