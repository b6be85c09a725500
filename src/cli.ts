/**
 * The command line. `main` takes everything from its arguments and answers the exit code; only `start` touches the
 * process. Commands are loaded when they are run, so that `serve` does not pay for the others.
 */
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { formatFaults } from './config/fault.ts'
import { loadConfig } from './config/load.ts'
import type { ReadFor } from './config/named-files.ts'
import { createLog } from './log.ts'
import { Port80Failure } from './reason.ts'
import type { CommandContext, Io } from './cli/io.ts'
import { parseCommandLine, type Invocation } from './cli/parse.ts'
import { exitCodes, helpText, type ExitCode } from './cli/usage.ts'

/** Looked for in the working directory when no --config is given. */
const usualPath = 'port80.yaml'

export async function main(args: readonly string[], io: Io): Promise<ExitCode> {
  const parsed = parseCommandLine(args)
  if ('help' in parsed) {
    io.out(helpText(parsed.help))
    return exitCodes.done
  }
  if ('version' in parsed) {
    io.out(`${version()}\n`)
    return exitCodes.done
  }
  if ('fault' in parsed) {
    io.err(`port80: ${parsed.fault}\nTry: port80 ${parsed.about ?? ''}${parsed.about ? ' ' : ''}--help\n`)
    return exitCodes.usage
  }
  return configured(parsed.run, io)
}

async function configured(invocation: Invocation, io: Io): Promise<ExitCode> {
  if (invocation.command === 'config schema') {
    const { schemaText } = await import('./cli/config.ts')
    io.out(schemaText())
    return exitCodes.done
  }
  const path = invocation.config ?? (existsSync(usualPath) ? usualPath : undefined)
  const loaded = await loadConfig(path, readFor(invocation))
  if ('faults' in loaded) {
    const faults = loaded.faults
    if (invocation.json) io.out(`${JSON.stringify({ ok: false, faults }, undefined, 2)}\n`)
    else io.err(`${formatFaults(faults, path ?? usualPath)}\n`)
    return exitCodes.configuration
  }
  const config = loaded.ok
  const log = createLog({ level: 'warn', format: invocation.json ? 'json' : 'text' }, (line) => io.err(line))
  const { fingerprint } = loaded
  const context = { io, invocation, config, configPath: path, fingerprint, version: version(), log }
  try {
    return await run(context)
  } catch (error) {
    if (!(error instanceof Port80Failure)) throw error
    io.err(`port80: ${error.failure.reason}: ${error.failure.detail}\n`)
    return exitCodes.unavailable
  }
}

/** Only `serve` talks to a CA; `config validate` judges for it. */
function readFor({ command }: Invocation): ReadFor {
  return command === 'serve' || command === 'config validate' ? 'worker' : 'reader'
}

async function run(context: CommandContext): Promise<ExitCode> {
  switch (context.invocation.command) {
    case 'serve':
      return (await import('./cli/serve.ts')).serveCommand(context)
    case 'plan':
      return (await import('./cli/plan.ts')).planCommand(context)
    case 'status':
      return (await import('./cli/status.ts')).statusCommand(context)
    case 'check':
      return (await import('./cli/check.ts')).checkCommand(context)
    case 'lint':
      return (await import('./cli/lint.ts')).lintCommand(context)
    case 'issue':
    case 'renew':
    case 'revoke':
    case 'rollover':
      return (await import('./cli/request.ts')).requestCommand(context)
    case 'config validate':
      return (await import('./cli/config.ts')).validateCommand(context)
    case 'config schema':
      return exitCodes.done // answered before the configuration is read
  }
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** The process's own arguments, streams and exit code. */
export async function start(): Promise<void> {
  const io: Io = {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    input: () => process.stdin,
    terminal: process.stderr.isTTY,
    colour: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
    width: process.stdout.columns || 100,
    now: Date.now,
  }
  process.exitCode = await main(process.argv.slice(2), io)
}

// Not import.meta.main: Node 22 does not have it.
const [, entry] = process.argv
if (entry !== undefined && realpathSync(entry) === fileURLToPath(import.meta.url)) await start()
