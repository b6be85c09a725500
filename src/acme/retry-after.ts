/** When the other side wants to be asked again: Retry-After (RFC 9110 §10.2.3) and the words of a rate limit. Pure. */

/** Nobody means more than a year; what is larger is cut, so that no arithmetic on it can overflow a record. */
const longestMs = 366 * 86_400_000

const httpDate = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*\d\d:\d\d:\d\d/
const inWords = /retry after (\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d+)?(?: ?UTC|Z)/i

/**
 * Epoch ms, or undefined for an absent or senseless header. Seconds and all three forms of HTTP-date are understood;
 * a moment that has passed (or a negative number, which some servers send) is `now`: there is nothing to wait for.
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? ''
  if (/^-?\d{1,15}$/.test(text)) return bounded(now + Number(text) * 1_000, now)
  if (!httpDate.test(text)) return undefined
  return momentOf(text.endsWith('GMT') ? text : `${text} GMT`, now)
}

/** Boulder writes `retry after 2006-01-02 15:04:05 UTC` into the detail of a rate limit, for clients that lose headers. */
export function retryAfterInWords(detail: string, now: number): number | undefined {
  const [, day, time] = inWords.exec(detail) ?? []
  return day === undefined || time === undefined ? undefined : momentOf(`${day}T${time}Z`, now)
}

function momentOf(text: string, now: number): number | undefined {
  const moment = Date.parse(text)
  return Number.isFinite(moment) ? bounded(moment, now) : undefined
}

function bounded(moment: number, now: number): number {
  return Math.round(Math.min(Math.max(moment, now), now + longestMs))
}
