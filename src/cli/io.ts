/** What a command has of the outside world; tests give it buffers. */
import type { Logger } from 'pino'
import type { Config } from '../config/schema.ts'
import type { Invocation } from './parse.ts'

export interface Io {
  out(text: string): void
  err(text: string): void
  /** Standard input, opened when it is asked for. */
  readonly input?: () => AsyncIterable<Uint8Array>
  /** Progress is shown on stderr only when it is a terminal. */
  readonly terminal: boolean
  readonly colour: boolean
  /** Columns of the terminal. */
  readonly width: number
  now(): number
}

export interface CommandContext {
  readonly io: Io
  readonly invocation: Invocation
  readonly config: Config
  /** Undefined: embedded defaults. */
  readonly configPath: string | undefined
  readonly fingerprint: string
  readonly version: string
  /** Warnings and errors go to stderr; `serve` makes its own. */
  readonly log: Logger
}

/** Text or JSON, as asked for. */
export function print({ io, invocation }: CommandContext, text: string, data: unknown): void {
  io.out(invocation.json ? `${JSON.stringify(data, undefined, 2)}\n` : text)
}
