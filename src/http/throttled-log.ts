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
