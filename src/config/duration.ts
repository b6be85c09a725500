/** Durations as people write them: `90s`, `12h`, `30d`, `100ms`. Pure. */

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
export const durationPattern = /^(\d{1,6})(ms|s|m|h|d)$/

/** Milliseconds, or undefined when the text is not a duration. Whole numbers only: `1.5h` is written `90m`. */
export function parseDuration(text: string): number | undefined {
  const match = durationPattern.exec(text)
  if (!match) return undefined
  return Number(match[1]) * unitMs[match[2] as keyof typeof unitMs]
}

/** The largest unit that divides the value: 5400000 → `90m`. */
export function formatDuration(ms: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) {
    if (ms !== 0 && ms % unitMs[unit] === 0) return `${ms / unitMs[unit]}${unit}`
  }
  return `${ms}ms`
}
