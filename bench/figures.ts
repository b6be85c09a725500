/** What the bench measures, as rows: a value, what is to be reached, whether it is. Pure. */

export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** `atLeast` and `atMost` are the targets of the issue; a row without one is for comparison. */
  readonly target?: { readonly atLeast: number } | { readonly atMost: number }
  /** How it was had, when the number alone could mislead. */
  readonly note?: string
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2
}

/** Nearest rank: one of the values. `p` of 100 is the largest. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? Number.NaN
}

export function maximum(values: readonly number[]): number {
  return percentile(values, 100)
}

export function reached(figure: Figure): boolean | undefined {
  if (!figure.target) return undefined
  if ('atLeast' in figure.target) return figure.value >= figure.target.atLeast
  return figure.value <= figure.target.atMost
}

function amount(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en')
  return value >= 100 ? value.toFixed(0) : value.toFixed(2)
}

function targetText(figure: Figure): string {
  if (!figure.target) return ''
  return 'atLeast' in figure.target
    ? `≥ ${amount(figure.target.atLeast)}`
    : `≤ ${amount(figure.target.atMost)}`
}

/** Columns: figure, value, target, reached, note. */
export function formatTable(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const met = reached(figure)
    const verdict = met === undefined ? '' : met ? 'yes' : 'NO'
    return [
      figure.name,
      `${amount(figure.value)} ${figure.unit}`.trim(),
      targetText(figure),
      verdict,
      figure.note ?? '',
    ]
  })
  const all = [['figure', 'value', 'target', 'reached', 'note'], ...rows]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
