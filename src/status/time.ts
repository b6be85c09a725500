/** Moments and spans as people read them. Pure; all times are epoch milliseconds. */

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** `2027-04-09 15:15 UTC`; with seconds when the moment is less than a day from `now`, where they matter. */
export function utc(at: number, now: number): string {
  const iso = isoTime(at)
  const digits = Math.abs(at - now) < day ? 19 : 16
  return `${iso.slice(0, digits).replace('T', ' ')} UTC`
}

/** RFC 3339, for machines. A moment that no calendar holds becomes the last one that it does. */
export function isoTime(at: number): string {
  return new Date(Math.min(Math.max(at, 0), 253_402_300_799_000)).toISOString()
}

/** `31 d 5 h`, `2 h 5 min`, `1 min 20 s`, `12 s`: the two largest units. */
export function span(ms: number): string {
  return units(Math.max(0, ms))
    .filter((unit) => unit !== undefined)
    .join(' ')
}

/** One unit is left out where the other says enough: from ten days on nobody counts hours. */
function units(ms: number): (string | undefined)[] {
  const at = (unit: number) => Math.floor(ms / unit)
  if (ms >= 10 * day) return [`${Math.round(ms / day)} d`]
  if (ms >= day) return [`${at(day)} d`, rest(ms % day, hour, 'h')]
  if (ms >= hour) return [`${at(hour)} h`, rest(ms % hour, minute, 'min')]
  if (ms >= minute) return [`${at(minute)} min`, rest(ms % minute, second, 's')]
  if (ms >= 10 * second || ms % second === 0) return [`${at(second)} s`]
  return [`${(ms / second).toFixed(1)} s`]
}

function rest(ms: number, unit: number, name: string): string | undefined {
  const count = Math.floor(ms / unit)
  return count === 0 ? undefined : `${count} ${name}`
}

/** `in 31 d`, `12 s ago`, `now`. */
export function relative(at: number, now: number): string {
  const ms = Math.round((at - now) / second) * second
  if (ms === 0) return 'now'
  return ms > 0 ? `in ${span(ms)}` : `${span(-ms)} ago`
}
