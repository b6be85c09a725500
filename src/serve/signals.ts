/** SIGTERM and SIGINT: the first asks for an orderly end, a second one ends at once. */

export interface Signals {
  /** Aborts at the first signal. */
  readonly stop: AbortSignal
  /** Aborts at the second. */
  readonly now: AbortSignal
  dispose(): void
}

export function watchSignals(): Signals {
  const stop = new AbortController()
  const now = new AbortController()
  const received = () => (stop.signal.aborted ? now : stop).abort()
  const names = ['SIGTERM', 'SIGINT'] as const
  for (const name of names) process.on(name, received)
  return {
    stop: stop.signal,
    now: now.signal,
    dispose() {
      for (const name of names) process.off(name, received)
    },
  }
}
