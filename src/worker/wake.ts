/** Sleeping that can be cut short: an order ended, the configuration changed, the command line asked for something. */

export interface Wake {
  /** Resolves after `ms`, at the next `now()`, or when the signal aborts. A `now()` that came before is not lost. */
  wait(ms: number, signal: AbortSignal): Promise<void>
  now(): void
}

export function createWake(): Wake {
  let pending = false
  let resume: (() => void) | undefined
  return {
    now() {
      pending = true
      resume?.()
    },
    async wait(ms, signal) {
      if (!pending && !signal.aborted) {
        const cut = new AbortController()
        resume = () => cut.abort()
        // Rejects when cut short, which is not an error here.
        await pause(ms, AbortSignal.any([cut.signal, signal])).catch(() => undefined)
        resume = undefined
      }
      pending = false
    },
  }
}

/** A pause that rejects with the signal's reason when it aborts: for acts, where going on would be wrong. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer)
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort)
      resolve()
    }, ms)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
}
