/** `port80 config schema`. (`config validate` is what every command does first; it says so and ends.) */
import { configJsonSchema } from '../config/settings.ts'
import { print, type CommandContext } from './io.ts'
import { exitCodes, type ExitCode } from './usage.ts'

export function validateCommand(context: CommandContext): ExitCode {
  const { config, configPath } = context
  const { certificates } = config
  const domains = certificates.reduce((sum, each) => sum + each.domains.length, 0)
  const where = configPath ?? 'the embedded defaults'
  print(context, `${where}: no faults; ${certificates.length} certificates for ${domains} names\n`, {
    ok: true,
    faults: [],
    certificates: certificates.length,
  })
  return exitCodes.done
}

export function schemaText(): string {
  return `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`
}
