/** Text for a terminal: colours, wrapped lines, columns. Pure. */
import type { Tone } from './tone.ts'

export type Paint = (text: string, style: Tone | 'quiet' | 'strong') => string

const codes: Readonly<Record<Tone | 'quiet' | 'strong', number>> = {
  strong: 1,
  quiet: 2,
  bad: 31,
  good: 32,
  warn: 33,
  busy: 36,
}

/** ANSI SGR, or the text as it is. */
export function painter(colour: boolean): Paint {
  return colour ? (text, style) => `\x1b[${codes[style]}m${text}\x1b[0m` : (text) => text
}

// C0, DEL, C1, and the characters that turn the direction of writing round.
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g

/** What a CA or a file says, made unable to move the cursor or to pass for text of ours. */
export function printable(text: string): string {
  return text.replace(unprintable, ' ')
}

/** Lines of at most `width` characters, indented; a word that is longer stands whole, so that it can be copied. */
export function wrap(text: string, width: number, indent: string): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of printable(text).split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > width) {
      lines.push(indent + line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, indent + line]
}

export interface Column<Row> {
  readonly title: string
  readonly cell: (row: Row) => string
  readonly style?: (row: Row) => Tone
  /** Left out, highest first, when the table is wider than the terminal. */
  readonly expendable?: number
}

/** One line a row below a line of titles. */
export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { width, paint }: { width: number; paint: Paint },
): string[] {
  const measured = columns.map((column) => ({
    ...column,
    width: Math.max(column.title.length, ...rows.map((row) => printable(column.cell(row)).length)),
  }))
  const shown = fitting(measured, width)
  const pad = (text: string, index: number) =>
    index === shown.length - 1 ? text : text.padEnd(shown[index]?.width ?? 0)
  const line = (cells: string[]) => cells.join('  ').trimEnd()
  return [
    paint(line(shown.map(({ title }, index) => pad(title, index))), 'quiet'),
    ...rows.map((row) =>
      line(
        shown.map(({ cell, style }, index) => {
          const text = pad(printable(cell(row)), index)
          return style ? paint(text, style(row)) : text
        }),
      ),
    ),
  ]
}

function fitting<C extends { readonly width: number; readonly expendable?: number }>(
  columns: readonly C[],
  width: number,
): readonly C[] {
  const needed = columns.reduce((sum, column) => sum + column.width + 2, -2)
  const last = Math.max(...columns.map(({ expendable }) => expendable ?? 0))
  if (needed <= width || last === 0) return columns
  return fitting(
    columns.filter(({ expendable }) => expendable !== last),
    width,
  )
}
