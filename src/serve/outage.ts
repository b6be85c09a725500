/** What is tried for ever fails for ever: whether a failure is worth a line in the log. */

/** Tries are at most ten seconds apart; after a minute without a failure the next one is another outage. */
const sameOutageMs = 60_000

/**
 * True for the first failure of an outage, and whenever the reason changes (the part after the last colon, since the same
 * reason meets every act). `now` in milliseconds.
 */
export function outageMemory(now: () => number): (detail: string) => boolean {
  let last: { readonly reason: string; readonly at: number } | undefined
  return (detail) => {
    const reason = detail.slice(detail.lastIndexOf(': ') + 1)
    const isNews = last?.reason !== reason || now() - last.at > sameOutageMs
    last = { reason, at: now() }
    return isNews
  }
}
