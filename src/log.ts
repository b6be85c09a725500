/** The logger: JSON lines for machines, or one readable line each for people. Messages are constants; facts are fields. */
import { pino, type DestinationStream, type Logger } from 'pino'
import type { Config } from './config/schema.ts'

export type LogConfig = Config['log']

/** `write` gets whole lines; stdout by default, since a container's log is its stdout. */
export function createLog(config: LogConfig, write: (line: string) => void = writeStdout): Logger {
  const destination: DestinationStream = {
    write: (line) => write(config.format === 'text' ? textLine(line) : line),
  }
  return pino(
    {
      level: config.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // A key can only get into a log by a mistake of ours; this is the second fence, not the first.
      redact: { paths: ['keyPem', '*.keyPem', 'hmacKey', '*.hmacKey'], censor: '[secret]' },
    },
    destination,
  )
}

function writeStdout(line: string): void {
  process.stdout.write(line)
}

/** `22:41:07.123 info  certificate issued  certificate=book issuer=letsencrypt` */
export function textLine(json: string): string {
  const { time, level, msg, ...fields } = JSON.parse(json) as Record<string, unknown>
  const clock = typeof time === 'string' ? time.slice(11, 23) : ''
  const facts = Object.entries(fields).map(([key, value]) => `${key}=${textValue(value)}`)
  return `${clock} ${String(level).padEnd(5)} ${[String(msg), ...facts].join('  ')}\n`
}

function textValue(value: unknown): string {
  if (typeof value === 'string') return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)
  return JSON.stringify(value) ?? ''
}
