/** Command line → command, or what is wrong with it. Pure. */
import { parseArgs } from 'node:util'
import { nearest } from '../config/nearest.ts'
import { commands, commonOptions, type Command, type CommandName, type Option } from './usage.ts'

export interface Invocation {
  readonly command: CommandName
  /** NAME, HOST or ISSUER where the command has one. */
  readonly operand?: string
  readonly config?: string
  readonly json: boolean
  readonly reason?: string
  readonly role?: string
}

export type Parsed =
  | { readonly run: Invocation }
  | { readonly help: CommandName | undefined }
  | { readonly version: true }
  | { readonly fault: string; readonly about?: CommandName }

export function parseCommandLine(args: readonly string[]): Parsed {
  if (args.length === 0 || args[0] === '--help' || args[0] === '-h' || args[0] === 'help')
    return { help: undefined }
  if (args[0] === '--version' || args[0] === 'version') return { version: true }
  const found = findCommand(args)
  if ('fault' in found) return found
  const { name, rest } = found
  const command: Command = commands[name]
  const options = { ...commonOptions, ...command.options }
  try {
    const { values, positionals } = parseArgs({
      args: [...rest],
      options: Object.fromEntries(Object.entries(options).map(([key, option]) => [key, forParser(option)])),
      allowPositionals: true,
    })
    if (values['help'] === true) return { help: name }
    return invocation(name, values, positionals)
  } catch (error) {
    const text = error instanceof Error ? error.message.split('. ')[0] : 'cannot be read'
    return { fault: `${text ?? ''}`, about: name }
  }
}

function findCommand(
  args: readonly string[],
): { name: CommandName; rest: readonly string[] } | { fault: string } {
  const two = args.slice(0, 2).join(' ')
  if (Object.hasOwn(commands, two)) return { name: two as CommandName, rest: args.slice(2) }
  const [one = ''] = args
  if (Object.hasOwn(commands, one)) return { name: one as CommandName, rest: args.slice(1) }
  if (one === 'config') return { fault: 'config needs validate or schema' }
  const meant = nearest(one, Object.keys(commands))
  return {
    fault: `there is no command ${JSON.stringify(one.slice(0, 40))}${meant ? `; did you mean ${meant}?` : ''}`,
  }
}

function forParser({ type, short }: Option) {
  return { type, ...(short !== undefined && { short }) }
}

function invocation(
  command: CommandName,
  values: Readonly<Record<string, unknown>>,
  positionals: readonly string[],
): Parsed {
  const operandName = /[A-Z]+$/.exec(commands[command].usage)?.[0]
  const [operand, ...more] = positionals
  if (operandName === undefined && operand !== undefined) {
    return { fault: `${command} takes no argument: ${JSON.stringify(operand.slice(0, 40))}`, about: command }
  }
  if (operandName !== undefined && operand === undefined)
    return { fault: `${operandName} is missing`, about: command }
  if (more.length > 0) return { fault: `one ${operandName ?? 'argument'} at a time`, about: command }
  const text = (key: string) => (typeof values[key] === 'string' ? values[key] : undefined)
  const config = text('config')
  const reason = text('reason')
  const role = text('role')
  return {
    run: {
      command,
      json: values['json'] === true,
      ...(operand !== undefined && { operand }),
      ...(config !== undefined && { config }),
      ...(reason !== undefined && { reason }),
      ...(role !== undefined && { role }),
    },
  }
}
