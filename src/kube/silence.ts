/**
 * Remembers for a moment that the API server gave no answer. A worker looks at the Secrets of a thousand certificates one
 * after the other; without this an API server that hangs would hold it up for the deadline of each.
 */
import type { Reply } from './api-failure.ts'

export interface Silence {
  /** Why there was no answer, as long as that is news; undefined when it is worth asking. */
  last(): string | undefined
  heard(reply: Reply<unknown>): void
}

const rememberedMs = 5_000
const noAnswer = ['timedOut', 'unreachable', 'noCredentials']

/** `now`: milliseconds of a clock that only goes on. */
export function silenceMemory(now: () => number = () => performance.now()): Silence {
  let since: { at: number; why: string } | undefined
  return {
    last: () => (since && now() - since.at < rememberedMs ? since.why : undefined),
    heard(reply) {
      const failure = 'failure' in reply ? reply.failure : undefined
      since = failure && noAnswer.includes(failure.kind) ? { at: now(), why: failure.detail } : undefined
    },
  }
}
