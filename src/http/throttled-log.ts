/** One log line for many like it. */

/**
 * Wraps `write` so that it runs at most once per `interval` milliseconds; `missed` is how often it would have run since.
 * A stranger who asks for tokens while the store is broken must not be able to fill a disk.
 */
export function throttled<T>(
  interval: number,
  now: () => number,
  write: (last: T, missed: number) => void,
): (value: T) => void {
  let wroteAt = Number.NEGATIVE_INFINITY
  let missed = 0
  return (value) => {
    if (now() - wroteAt < interval) {
      missed += 1
      return
    }
    wroteAt = now()
    write(value, missed)
    missed = 0
  }
}

/**
 * Wraps `write` so that it runs at most `perSecond` times in each second of the clock `now` (milliseconds); `missed` is how
 * often it would have run since. The first of a burst are worth reading, the thousandth only costs.
 */
export function atMost<T>(
  perSecond: number,
  now: () => number,
  write: (last: T, missed: number) => void,
): (value: T) => void {
  let second = Number.NEGATIVE_INFINITY
  let written = 0
  let missed = 0
  return (value) => {
    const at = Math.floor(now() / 1_000)
    if (at !== second) {
      second = at
      written = 0
    }
    if (written >= perSecond) {
      missed += 1
      return
    }
    written += 1
    write(value, missed)
    missed = 0
  }
}
