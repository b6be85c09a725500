/** `port80 serve`. */
import { ListenFault } from '../http/listen.ts'
import { createLog } from '../log.ts'
import { roleOf } from '../serve/role.ts'
import { serve } from '../serve/serve.ts'
import { watchSignals } from '../serve/signals.ts'
import type { CommandContext } from './io.ts'
import { exitCodes, type ExitCode } from './usage.ts'

export async function serveCommand(context: CommandContext): Promise<ExitCode> {
  const { config, configPath, fingerprint, io, invocation, version } = context
  const wanted = roleOf(invocation.role, process.env['PORT80_ROLE'])
  if ('fault' in wanted) {
    io.err(`port80: ${wanted.fault}\n`)
    return exitCodes.usage
  }
  const signals = watchSignals()
  const log = createLog(config.log, (line) => io.out(line))
  try {
    await serve({
      config,
      role: wanted.role,
      fingerprint,
      ...(configPath !== undefined && { path: configPath }),
      log,
      version,
      stop: signals.stop,
      now: signals.now,
    })
    return exitCodes.done
  } catch (error) {
    if (!(error instanceof ListenFault)) throw error
    io.err(`port80: ${error.message}\n`)
    return exitCodes.unavailable
  } finally {
    signals.dispose()
  }
}
