/** What the walk-through prints: short lines with times; colours on a terminal only. */

export interface Story {
  line(text?: string): void
  /** `✓  0.41 s  test CA   …`: something has come to be. */
  done(what: string, text: string): void
  /** `22:41:07  ↻  book   …`: something happened meanwhile. */
  event(mark: string, what: string, text: string): void
  failed(text: string): void
}

export interface StoryOptions {
  readonly write: (text: string) => void
  readonly colour: boolean
  /** Milliseconds since the start. */
  readonly elapsed: () => number
  readonly clock: () => Date
}

const paints = { green: 32, red: 31, dim: 2, bold: 1, cyan: 36 } as const

export function tell({ write, colour, elapsed, clock }: StoryOptions): Story {
  const paint = (how: keyof typeof paints, text: string) =>
    colour ? `\u001b[${paints[how]}m${text}\u001b[0m` : text
  const column = (text: string) => paint('bold', text.padEnd(9))
  return {
    line: (text = '') => write(`${text}\n`),
    done: (what, text) => {
      const seconds = `${(elapsed() / 1_000).toFixed(2)} s`.padStart(8)
      write(`${paint('green', '✓')}${paint('dim', seconds)}  ${column(what)} ${text}\n`)
    },
    event: (mark, what, text) =>
      write(`${paint('dim', timeOf(clock()))} ${paint('cyan', mark)} ${column(what)} ${text}\n`),
    failed: (text) => write(`${paint('red', '✗')} ${text}\n`),
  }
}

/** Local time of day. */
export function timeOf(date: Date): string {
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':')
}

/** A serial as it is compared at a glance: both ends. */
export function shortSerial(serial: string): string {
  return serial.length <= 10 ? serial : `${serial.slice(0, 4)}…${serial.slice(-4)}`
}
