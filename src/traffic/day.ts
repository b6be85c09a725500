/** One UTC day of redirects of one host, and the arithmetic of it. Pure. */
import { z } from 'zod'

export const dayMs = 86_400_000
/** With today. */
export const daysKept = 30

/** Whole days since 1970; GET and HEAD; then all of them by class of program. */
export type Day = readonly [
  day: number,
  reads: number,
  browser: number,
  bot: number,
  library: number,
  other: number,
]

const count = z.number().int().nonnegative()

/** A tuple, since thousands of them are in one record and go over the network again and again. */
export const daySchema = z
  .tuple([count, count, count, count, count, count])
  .readonly() satisfies z.ZodType<Day>

/** `now` in epoch ms. */
export function dayAt(now: number): number {
  return Math.floor(now / dayMs)
}

export function redirectsOf([, , browser, bot, library, other]: Day): number {
  return browser + bot + library + other
}

/** The counts of both, on the day of the first. */
export function sumOf(one: Day, other: Day): Day {
  return combined(one, other, (a, b) => a + b)
}

/** What came after `before` was told, of the same day. */
export function since(before: Day, now: Day): Day {
  return combined(now, before, (a, b) => Math.max(0, a - b))
}

function combined(one: Day, other: Day, by: (a: number, b: number) => number): Day {
  const [day, ...counts] = one
  const [reads, browser, bot, library, rest] = counts.map((each, index) => by(each, other[index + 1] ?? 0))
  return [day, reads ?? 0, browser ?? 0, bot ?? 0, library ?? 0, rest ?? 0]
}
